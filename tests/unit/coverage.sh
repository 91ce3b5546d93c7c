#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# coverage.sh MINIMUM GCOV TOP COUNTS - line coverage of the pure code, per file
# of TOP/common and TOP/include and in all, from a run whose counts lie in
# COUNTS. Lines that were never reached are named. Fails if one of the files is
# below MINIMUM per cent.
#
# A header is compiled into several objects: a line of it counts as reached if
# any of them reached it.

minimum=$1
gcov=$2
top=$3
counts=$4

"$gcov" -t "$counts"/*.gcda "$counts"/common/*.gcda >"$counts/gcov.out" || exit 1
awk -F: -v minimum="$minimum" -v top="$top/" '
$2 + 0 == 0 && $3 == "Source" {
	file = index($4, top) == 1 ? substr($4, length(top) + 1) : ""
	sub(/^.*\/\.\.\//, "", file)
	if (file !~ /^(common|include)\//)
		file = ""
}
file && $2 + 0 > 0 && $1 !~ /-$/ {
	line = file ":" $2 + 0
	if (!(line in seen)) {
		seen[line] = 0
		lines[file]++
	}
	if ($1 + 0 > 0 && !seen[line]) {
		seen[line] = 1
		covered[file]++
	}
}
function show(name, part, whole) {
	printf "%7.2f %% of %4d lines  %s\n", 100 * part / whole, whole, name
	return 100 * part / whole < minimum
}
END {
	for (line in seen)
		if (!seen[line])
			print "never reached: " line | "sort"
	close("sort")
	for (file in lines) {
		bad += show(file, covered[file], lines[file])
		all += lines[file]
		reached += covered[file]
	}
	if (!all) {
		print "no coverage was recorded"
		exit 1
	}
	show("in all; of each, " minimum " % are asked", reached, all)
	exit bad > 0
}' "$counts/gcov.out"
