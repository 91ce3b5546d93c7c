#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: an idle side-core sleeps, a polling one sends the guest's events away
# seconds: 360 600
# shape: dom0_vcpus=2
#
# With notify at adaptive, the worker of an idle link takes less than 1 % of
# its CPU, and a packet wakes it; the same measure shows what poll takes. While
# it polls, the peer finds no event asked for, and sends none. What happens to
# the queue can be traced.
. /lab/tests/lib.sh

[ "$LAB_BACK" = ours ] || {
	skip "the stock backend has no side-cores"
	finish
}

seconds=$(thin 30 5)

# CPU time of the worker, in per mille of the time that passes.
load() {
	local from=${EPOCHREALTIME/./} ns
	ns=$(sidecore_ns) && sleep "$seconds" || return 1
	ns=$(($(sidecore_ns) - ns))
	echo $((ns / (${EPOCHREALTIME/./} - from)))
}

load_within() {
	local got
	got=$(load) || return 1
	remark "$got per mille of the CPU"
	[ "$got" -ge "$1" ] && [ "$got" -le "$2" ]
}

# Events that an end sent, either way: by the guest's count, or dom0's.
guest_events() {
	guest_run g1 'ethtool -S eth0' |
		awk '/_events_sent:/ { sum += $2 } END { print sum + 0 }'
}

back_events() {
	echo $(($(sidecore_count g1 tx_events_sent) +
		$(sidecore_count g1 rx_events_sent)))
}

# Of the events counted by $1 there are few while pings are answered.
few_events() {
	local before after
	before=$($1) && ping_many || return 1
	after=$($1)
	echo "$((after - before)) events"
	[ $((after - before)) -le 2 ]
}

# The other half: netfront's work to a worker in the guest.
guest_polls() {
	guest_run g1 'cd /sys/class/net/eth0/splitnet &&
		echo poll >notify && echo 0 >sidecore_cpus &&
		echo sidecore >offload'
}

guest_stops() { guest_run g1 'echo off >/sys/class/net/eth0/splitnet/offload'; }

pings=50
ping_many() { near_run "net-tool ping $(guest_ip g1) 1 $pings 1"; }

tracing=/sys/kernel/debug/tracing

# The worker's tracepoints, from here on.
trace() {
	echo >"$tracing/trace"
	echo 1 >"$tracing/events/netback/enable"
}

# How often this happened to the queue by then: what the trace says of it.
traced() {
	grep -c " queue_$1: $(vif_of g1) queue=0 $2\$" "$tracing/trace"
}

there_and_back() {
	sidecore_set g1 offload off && sidecore_set g1 offload sidecore
}

# A worker that was woken had slept, and sleeps again when nothing comes. Counter
# and trace are not read at the same time, so a packet may come in between.
trace_is_right() {
	local wakes sleeps
	wakes=$(traced wake "cpu=$SIDECORE")
	sleeps=$(traced sleep "cpu=$SIDECORE")
	echo "$wakes wake-ups of $1, asleep $sleeps times"
	[ "$(traced handover "from=$SIDECORE to=-1")" = 1 ] &&
		[ "$(traced handover "from=-1 to=$SIDECORE")" = 1 ] &&
		[ "$wakes" -ge $(($1 - 2)) ] && [ "$wakes" -le $(($1 + 2)) ] &&
		[ "$sleeps" -ge $((wakes - 1)) ] &&
		[ "$sleeps" -le $((wakes + 1)) ]
}

near_up && sidecore_guest g1 || fail "the pair does not come up"
need "offload goes on, adaptive" sidecore_on g1 adaptive
check "the idle link's worker sleeps" load_within 0 9
wakeups=$(sidecore_count g1 wakeups)
check "its tracepoints are there" trace
check "it has nothing to do for a moment" there_and_back
check "$pings pings are answered" ping_many
echo 0 >"$tracing/events/netback/enable"
wakeups=$(($(sidecore_count g1 wakeups) - wakeups))
check "they woke it" [ "$wakeups" -gt 0 ]
check "each step of it was traced" trace_is_right "$wakeups"
check "notify goes to poll" sidecore_set g1 notify poll
check "the polling worker does not sleep" load_within 300 1100
if [ "$LAB_FRONT" = ours ]; then
	check "$pings pings, and the guest sends no events" \
		few_events guest_events
	check "the guest polls, too" guest_polls
	check "$pings pings, and dom0 sends no events" few_events back_events
	check "the guest goes back to events" guest_stops
else
	skip "the guest sends no events" "the stock driver does not count them"
fi
check "$pings pings are answered" ping_many
check "the worker found nothing, again and again" \
	[ "$(sidecore_count g1 polls_empty)" -gt 1000 ]
check "notify goes to event" sidecore_set g1 notify event
check "the idle link's worker sleeps" load_within 0 9
check "$pings pings are answered" ping_many
check "the guest is destroyed" guest_destroy g1
finish
