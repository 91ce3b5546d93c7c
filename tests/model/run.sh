#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run.sh OUT MODEL... - check models with Spin; one KTAP report.
#
# Each model must hold as it is, with each set of flags that its head names.
# Each word that it tests with #ifdef or #ifndef takes a barrier, a look or
# another step out: with any of them one of the checks has to find a run that
# ends wrong, or the model would prove nothing.

out=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
number=0
failed=0

# Prints the number of errors; nothing if there was no result.
errors() {
	model=$1 name=$2
	shift 2
	folder=$out/$name
	rm -rf "$folder"
	mkdir -p "$folder"
	cp "$here"/*.h "$here/$model.pml" "$folder"
	(
		cd "$folder" || exit
		{
			spin -a "$@" "$model.pml" &&
				${CC:-cc} -O2 -DSAFETY -DCOLLAPSE -o pan pan.c &&
				timeout -k 5 300 ./pan -m100000
		} >check.log 2>&1
		found=$(sed -n 's/.*, errors: \([0-9]*\)$/\1/p' check.log)
		# A search that was cut short has shown what it found only.
		[ "$found" != 0 ] || ! grep -q 'max search depth' check.log ||
			exit
		echo "$found"
	)
}

verdict() {
	number=$((number + 1))
	if [ "$1" = yes ]; then
		echo "ok $number - $2"
	else
		failed=$((failed + 1))
		echo "not ok $number - $2"
	fi
}

words() {
	sed -n 's/^#ifn\{0,1\}def \([A-Z_]*\)$/\1/p' "$here/$1.pml" | sort -u
}

# The sets of flags, one a line.
sets() {
	grep -q '^ \* Checked with: ' "$here/$1.pml" || echo
	sed -n 's/^ \* Checked with: //p' "$here/$1.pml"
}

# The most errors that any of the sets shows, with this flag as well; nothing if
# there was one without a result.
most() {
	model=$1 extra=$2
	sets "$model" | {
		worst=0 set=0
		while read -r flags; do
			set=$((set + 1))
			# shellcheck disable=SC2086 # one word per flag
			found=$(errors "$model" "$model-$set$extra" $extra $flags)
			[ -n "$found" ] || exit 0
			[ "$found" -le "$worst" ] || worst=$found
			# That is all that is asked for.
			[ -z "$extra" ] || [ "$worst" -eq 0 ] || break
		done
		echo "$worst"
	}
}

echo "KTAP version 1"
for model; do
	[ "$(most "$model" '')" = 0 ] && good=yes || good=no
	verdict "$good" "$model holds"
	for word in $(words "$model"); do
		found=$(most "$model" "-D$word")
		[ "${found:-0}" -gt 0 ] && good=yes || good=no
		verdict "$good" "$model needs what $word takes out"
	done
done
echo "1..$number"
[ "$failed" -eq 0 ]
