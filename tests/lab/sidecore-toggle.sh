#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: side-core offload is toggled under traffic, notify and poll_us cycled
# seconds: 400 1200
# shape: dom0_vcpus=2
#
# A hand-over that misses a wake-up hangs the link, one that lets two run a
# queue corrupts it. TCP with every byte checked runs both ways meanwhile; a
# ping in between never misses twice, the link never goes, and no step takes
# longer than 100 ms, by dom0's clock: that is how long the write takes, and
# when it returns the queue is where it should be.
. /lab/tests/lib.sh

[ "$LAB_BACK" = ours ] || {
	skip "the stock backend has no side-cores"
	finish
}

# By each of the three ways to notify, and once more.
toggles=$(thin 250 25)
cycles=$(thin 300 25)
steps=/run/lab/steps # a line for each: its key and value, and milliseconds

# A moment of traffic, without a process of its own.
exec {never}<> <(:)
moment() {
	read -r -t 0.02 -u "$never" || true
}

# Set KEY to VALUE, and time it.
step() {
	local start=${EPOCHREALTIME/./}
	echo "$2" >"$file/splitnet/$1" || return 1
	echo "$1 $2 $(((${EPOCHREALTIME/./} - start) / 1000))" >>"$steps"
}

# Of each kind of step: how many, the median and the slowest.
steps_taken() {
	sort -k 1,2 -k 3n "$steps" | awk '
		function show() {
			if (n)
				printf "%d x %s: %d ms, at most %d ms\n", n, kind, \
					took[int((n + 1) / 2)], took[n]
			n = 0
		}
		$1 " " $2 != kind { show() }
		{ kind = $1 " " $2; took[++n] = $3 }
		END { show() }'
}

steps_are_quick() {
	awk -v most=$((100 * $(debug_slower 20))) '
		$3 > most { print; slow = 1 }
		END { exit NR == 0 || slow }' "$steps"
}

toggle() {
	local i
	for ((i = 0; i < toggles; i++)); do
		step offload off && moment &&
			step offload sidecore && moment || return 1
	done
}

# Between two side-cores, and back.
move() {
	local i
	for ((i = 0; i < toggles; i++)); do
		step sidecore_cpus 0 && moment &&
			step sidecore_cpus "$SIDECORE" && moment || return 1
	done
}

cycle() {
	local i notify
	for ((i = 0; i < cycles; i++)); do
		for notify in poll adaptive event; do
			step notify "$notify" && moment || return 1
		done
		step poll_us $((50 + i % 2 * 950)) || return 1
	done
}

# Packets that the vif dropped so far, either way.
drops() {
	echo $(($(<"$file/statistics/rx_dropped") +
		$(<"$file/statistics/tx_dropped")))
}

# No two in a row got no answer.
never_misses_twice() {
	sed -n 's/.*seq=\([0-9]*\) .*/\1/p' /run/lab/ping.out | awk '
		NR > 1 && $1 - last > 2 { bad = 1; print "from " last " to " $1 }
		{ last = $1 }
		END { print NR " answers"; exit bad || NR < 20 }'
}

near_up && sidecore_guest g1 || fail "the pair does not come up"
file=/sys/class/net/$(vif_of g1)
check "offload without side-cores is refused" \
	sidecore_refuses g1 offload sidecore "Invalid argument"
check "a CPU that is not there is refused" \
	sidecore_refuses g1 sidecore_cpus 3 "out of range"
check "nonsense is no CPU list" \
	sidecore_refuses g1 sidecore_cpus lots "Invalid argument"
check "nonsense is no offload" \
	sidecore_refuses g1 offload lots "Invalid argument"
check "nonsense is no notify" \
	sidecore_refuses g1 notify lots "Invalid argument"
check "a day is no time to poll" \
	sidecore_refuses g1 poll_us 86400000000 "range"
check "it is off before, with events" sidecore_is g1 offload off

need "traffic flows both ways" flood_up g1
need "both directions move" flood_flows g1
near_start ping "ping -i 0.1 $(guest_ip g1)"
changes=$(<"$file/carrier_changes")
dropped=$(drops)
need "offload goes on" sidecore_on g1 event
# What is timed is the write, not the wait for a CPU that the traffic has.
renice -n -20 -p $$ >/dev/null
check "$toggles toggles of offload" toggle
check "traffic flows" flood_flows g1
check "$cycles cycles of notify and poll_us" cycle
check "traffic flows" flood_flows g1
for notify in event poll adaptive; do
	check "notify goes to $notify" sidecore_set g1 notify "$notify"
	check "toggles while it is $notify" toggle
	check "moves while it is $notify" move
	check "traffic flows" flood_flows g1
done
near_kill ping
check "the ping never missed twice" never_misses_twice
remark "$(steps_taken)"
check "no step takes longer than 100 ms" steps_are_quick
check "the carrier never went" [ "$(<"$file/carrier_changes")" = "$changes" ]
check "no packet was dropped" [ "$(drops)" = "$dropped" ]
check "each of them was a hand-over" \
	[ "$(sidecore_count g1 handovers)" -ge $((14 * toggles)) ]
check "offload is on" sidecore_is g1 offload sidecore
check "no byte was wrong" flood_down g1
check "ping of every size, offloaded" ping_every_size g1 v4
check "the guest is destroyed, offloaded" guest_destroy g1
check "the worker is gone with it" [ -z "$(sidecore_thread)" ]
finish
