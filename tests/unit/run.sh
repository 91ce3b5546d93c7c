#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run.sh PROGRAM... - run test programs one after the other, as subtests of one
# KTAP report, and sum their cases up in the last line.
#
# A program that crashes or hangs has not printed all the cases that its plan
# names: those count as failed. One that fails behind its last case (a leak)
# counts as one failure more. The report of each is kept in PROGRAM.log.

passed=0
failed=0
skipped=0
number=0

echo "KTAP version 1"
echo "1..$#"

for program; do
	number=$((number + 1))
	name=$(basename "$program")

	timeout -k 5 300 "$program" >"$program.log" 2>&1
	status=$?
	echo "# Subtest: $name"
	sed 's/^/    /' "$program.log"

	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$program.log")
	ok=$(grep -c '^ok ' "$program.log")
	skip=$(grep -ci '^ok .*# SKIP' "$program.log")
	bad=$((${plan:-1} - ok))
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	fi

	passed=$((passed + ok - skip))
	skipped=$((skipped + skip))
	failed=$((failed + bad))
	if [ "$bad" -eq 0 ]; then
		echo "ok $number $name"
	else
		echo "not ok $number $name # exit status $status"
	fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
