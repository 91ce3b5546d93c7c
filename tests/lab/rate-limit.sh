#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: the toolstack's rate limit binds what a guest sends, and can be changed
# seconds: 240
#
# The stock driver gives every queue the whole limit, so a guest got it as many
# times as it asked for queues. Here the limit is the vif's: with two queues
# and more streams, what arrives is never more than a tenth above what is
# allowed, and no less than half of it. Taken away under traffic, it stops
# binding. The limit is a fraction of what this machine carries without; where
# others keep it busy, a few windows are looked at before it is too slow.
. /lab/tests/lib.sh

[ "$LAB_BACK" = ours ] || {
	skip "the stock limit is per queue"
	finish
}

seconds=4
# Bytes that the vif saves up while it sends less; the driver has that number.
burst=131072

near_up max_queues=2 && guest_create g1 vcpus=2 || fail "the pair does not come up"
rate=$(vif_path g1)/rate

sent() { vif_bytes g1 rx; }

# Bytes per second that the guest gets through in the window. Each reading of
# the bytes takes its time, so the clock is read with it.
measure() {
	local before from
	before=$(sent) from=${EPOCHREALTIME/./}
	sleep "$seconds"
	echo $((($(sent) - before) * 1000000 / (${EPOCHREALTIME/./} - from)))
}

bound() {
	local got tries=0
	until [ $((tries += 1)) -gt 5 ]; do
		got=$(measure)
		echo "$got bytes/s, allowed $((limit * 20))"
		[ "$got" -le $((limit * 22 + burst / seconds)) ] || return 1
		[ "$got" -lt $((limit * 10)) ] || return 0
	done
	return 1
}

unbound() {
	local got tries=0
	until [ $((tries += 1)) -gt 5 ]; do
		got=$(measure)
		echo "$got bytes/s, was allowed $((limit * 20))"
		[ "$got" -lt $((limit * 25)) ] || return 0
	done
	return 1
}

for i in 1 2 3; do
	guest_start g1 "flood$i" "net-tool tcp-flood $NEAR_IP 5001 0"
done
need "the guest sends" wait_until 20 bytes_above g1 rx 1000000
# Bytes in 50 ms: a quarter of what goes through.
limit=$(($(measure) / 80))
xenstore-write "$rate" "$limit,50000"
check "the limit binds" bound
xenstore-write "$rate" 'nonsense'
check "without a limit more goes through" unbound
xenstore-write "$rate" "$limit,50000"
check "the limit binds again" bound
check "the guest is destroyed" guest_destroy g1
finish
