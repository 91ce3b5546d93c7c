#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: the measuring plugin counts what is known to happen
# seconds: 420
# shape: measure=1 dom0_vcpus=2 xen_extra=sched=credit
# builds: LOOP=y
# judge: yes
#
# Windows round work whose counts are known: ci/lablib/measure/calibration.py
# says what must come out. Two with traffic hold the plugin against itself
# and against the drivers, which do 500 instructions too much.
# shellcheck disable=SC2034,SC2154 # what sourced files use, or set
COMPARE_PAIRS=ours COMPARE_PATHS=dom0 COMPARE_MS=60000
COMPARE_PLACEMENTS=separate
LAB_BUILD=LOOP=y
. /lab/tests/compare/measure.sh
. /lab/tests/compare/guests.sh
. /lab/tests/measure/window.sh

# Like check; a check runs in a shell of its own, which could not count.
window() {
	number=$((number + 1))
	check "$@"
}

# known LABEL CACHE WHAT...
known() {
	local label=$1 cache=$2
	shift 2
	timeout 60 calibrate-tool "$number" "$cache" "$@" || return 1
	window_data "$label" separate ours none none "$1" 0 on "$cache" - \
		packets=1 bytes=0 seconds=0 sent=1
}

# walk KIB CACHE ROUNDS
walk() { known "walk-$1-$2" "$2" walk $(($1 << 10)) "$3"; }

# counters WHEN: what both drivers count themselves.
counters() {
	ethtool -S "${vif[g1]}" >"/run/lab/logs/window-$number.back.$1"
	guest_ask g1 "ethtool -S eth0" >"/run/lab/logs/window-$number.front.$1"
}

# traffic LABEL DIRECTION KIND SIZE WARM COUNT
traffic() {
	local output
	counters before
	output=$(guest_ask g1 "traffic-tool run $number off $NEAR_IP 5203 \
		$3 $2 $4 $5 $6 2>&1")
	counters after
	[[ "$output" =~ (packets=[1-9].*)$ ]] || {
		echo "$output"
		return 1
	}
	window_data "$1" separate ours dom0 "$2" "$3" "$4" on off - \
		"${BASH_REMATCH[1]}"
}

# dom0 has CPU 0 alone, and the guest the other.
need "dom0 keeps to CPU 0" xl vcpu-pin 0 all 0 0
guests_setup
need "the guest takes CPU 1" guests_place separate
start_servers
need "the code's symbols are saved" symbols_save g1
window "a loop" known loop off loop 10000000
window "empty visits" known poll off poll 10000
window "copies by REP" known rep off rep 1000 1000
window "a second of nothing" known idle off idle 1000
window "hypercalls" known hypercalls off hypercalls 5000
window "traffic, the domains apart" traffic apart rx tcp 0 1000000 4000000
# The drivers' counters are read outside the markers: next to no warm-up, and
# what asking for traffic takes is known by a packet of it.
window "traffic that the drivers count" \
	traffic drivers rx udp 1000 1 16000
window "a packet of it" traffic asking rx udp 1000 1 1
# From the first of these on every access to memory is looked at, slowly.
window "what fits L1" walk 16 private 20
window "what fits L2" walk 256 private 20
window "what fits no private cache" walk 1792 private 4
window "what fits the shared cache" walk 1792 shared 4
window "what fits none" walk 8192 shared 4
# Where instructions are the clock, CPUs take turns, and these would wait.
if [ "$LAB_STEADY" != 1 ]; then
	need "dom0 takes CPU 1, too" xl vcpu-pin 0 1 1 1
	window "a line goes between two CPUs" known pass private pass 2000
fi
finish
