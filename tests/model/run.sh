#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run.sh OUT MODEL... - check models with Spin; one KTAP report.
#
# Each model must hold as it is. Each word that it tests with #ifdef or #ifndef
# takes a barrier, a look or another step out: with any of them the check has to
# find a run that ends wrong, or the model would prove nothing.

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
				${CC:-cc} -O2 -DSAFETY -o pan pan.c &&
				timeout -k 5 300 ./pan -m100000
		} >check.log 2>&1
		# A search that was cut short has shown nothing.
		! grep -q 'search was not completed\|max search depth' \
			check.log || [ $# -gt 0 ] || exit
		sed -n 's/.*, errors: \([0-9]*\)$/\1/p' check.log
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

echo "KTAP version 1"
for model; do
	[ "$(errors "$model" "$model")" = 0 ] && good=yes || good=no
	verdict "$good" "$model holds"
	for word in $(words "$model"); do
		found=$(errors "$model" "$model-$word" -D"$word")
		[ "${found:-0}" -gt 0 ] && good=yes || good=no
		verdict "$good" "$model needs what $word takes out"
	done
done
echo "1..$number"
[ "$failed" -eq 0 ]
