# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the debug kernel knows at the end. A splat is a crash wherever it shows;
# leaks have to be asked for, and so has what was covered.
#
#   debug_kernel        whether dom0 runs it
#   debug_dom0          verdicts on dom0, once nothing of ours is loaded
#   debug_guest NAME    verdicts on a guest that still answers
#   debug_slower N      N times as much on the debug kernel, else 1
#
# Which lines were reached is left in /run/lab/coverage-*.tar.gz.

debug_kernel() { [ -e /sys/kernel/debug/kmemleak ]; }

# For bounds in time, and for rates.
debug_slower() { if debug_kernel; then echo "$1"; else echo 1; fi; }

# Splats turn it off, and then it tells nothing any more.
lockdep_watches() { grep 'debug_locks: *1$' /proc/lockdep_stats; }

# Fails with what leaked, and forgets it. The first look at an object only notes
# its checksum; what is younger than five seconds is not looked at.
kmemleak_ends() {
	local leaks
	sleep "${1:-0}"
	echo scan >/sys/kernel/debug/kmemleak
	echo scan >/sys/kernel/debug/kmemleak
	leaks=$(cat /sys/kernel/debug/kmemleak)
	[ -z "$leaks" ] && return
	grep -c '^unreferenced object' <<<"$leaks"
	head -n 30 <<<"$leaks"
	echo clear >/sys/kernel/debug/kmemleak
	return 1
}

# The counters of gcov as a tar of the source's tree, on standard output.
coverage_pack() {
	local file name
	rm -rf /tmp/coverage
	mkdir /tmp/coverage
	find /sys/kernel/debug/gcov -name '*.gcda' | while read -r file; do
		name=/tmp/coverage/${file##*/modules/}
		[ -d "${name%/*}" ] || mkdir -p "${name%/*}"
		cat "$file" >"$name"
	done
	tar -C /tmp/coverage -cz .
}

coverage_file() {
	local count
	count=$(find /run/lab -name 'coverage-*' | wc -l)
	echo "/run/lab/coverage-$1-$count.tar.gz"
}

debug_dom0() {
	debug_kernel || return 0
	check "dom0's lockdep watches" lockdep_watches
	check "no memory of dom0's is lost" kmemleak_ends 5
	coverage_pack >"$(coverage_file dom0)"
}

debug_guest() {
	local name=$1
	guest_run "$name" '[ -e /sys/kernel/debug/kmemleak ]' 20 || return 0
	check "$name's lockdep watches" guest_run "$name" \
		"$(declare -f lockdep_watches); lockdep_watches" 20
	check "no memory of $name's is lost" guest_run "$name" \
		"$(declare -f kmemleak_ends); kmemleak_ends" 60
	# What comes from a guest is text.
	guest_run "$name" "$(declare -f coverage_pack); coverage_pack | base64" \
		60 | base64 -d >"$(coverage_file "$name")"
	true
}
