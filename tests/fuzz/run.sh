#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run.sh SECONDS OUT TARGET... - run fuzz targets, JOBS (2) at a time, within
# SECONDS in all, as one KTAP report that ends in a line of totals.
#
# OUT/TARGET.fuzz is the program, TARGET.dict beside this script its dictionary,
# if there is one. What a target finds worth keeping stays in
# OUT/corpus/TARGET and is where the next run begins, besides the seeds; what
# makes it fail is OUT/TARGET-crash-*; its report is OUT/TARGET.log. A later run
# first repeats the inputs that once failed.

here=$(dirname "$0")
seconds=$1
out=$2
shift 2
jobs=${JOBS:-2}

# Each target has its share; the last round may be shorter than JOBS.
rounds=$((($# + jobs - 1) / jobs))
share=$((seconds / rounds))
[ "$share" -ge 1 ] || share=1

fuzz_one() {
	program=$out/$1.fuzz
	log=$out/$1.log
	: >"$log"

	dict=$here/$1.dict
	[ -e "$dict" ] || dict=
	for crash in "$out/$1"-crash-*; do
		[ -e "$crash" ] || continue
		"$program" "$crash" >>"$log" 2>&1 || return 1
	done
	"$program" -max_total_time="$share" -timeout=10 -max_len=3100 \
		-len_control=0 ${dict:+"-dict=$dict"} \
		-artifact_prefix="$out/$1-crash-" -print_final_stats=1 \
		-verbosity=0 "$out/corpus/$1" >>"$log" 2>&1
}

for target; do
	mkdir -p "$out/corpus/$target"
done
"$out/seeds" "$out/corpus" || exit 1

echo "KTAP version 1"
echo "1..$#"

number=0
passed=0
failed=0
while [ $# -gt 0 ]; do
	batch=
	for target; do
		[ "$(echo "$batch" | wc -w)" -lt "$jobs" ] || break
		fuzz_one "$target" &
		batch="$batch $target:$!"
		shift
	done

	for entry in $batch; do
		target=${entry%:*}
		number=$((number + 1))
		if wait "${entry#*:}"; then
			passed=$((passed + 1))
			verdict="ok"
		else
			failed=$((failed + 1))
			verdict="not ok"
			tail -n 40 "$out/$target.log" | sed 's/^/# /'
		fi
		runs=$(sed -n 's/.*number_of_executed_units: *//p' \
			"$out/$target.log")
		echo "$verdict $number fuzz_$target # ${runs:-no} runs"
	done
done

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
