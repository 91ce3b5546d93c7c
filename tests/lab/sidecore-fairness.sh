#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: a guest that floods a side-core does not starve its neighbour
# seconds: 420 420
# shape: dom0_vcpus=2
#
# Both guests' queues are served by one worker. One sends datagrams of 64 bytes
# as fast as it can; the other, which asks and waits for each answer, keeps at
# least a third of the rate that it has alone.
. /lab/tests/lib.sh

[ "$LAB_BACK" = ours ] || {
	skip "the stock backend has no side-cores"
	finish
}

asks=$(thin 2000 300)

# Questions and answers per second of g2.
rate() {
	local took
	took=$(guest_run g2 "start=\${EPOCHREALTIME/./}
		net-tool udp-ping $NEAR_IP 5003 1 $asks 1 >/tmp/asks 2>&1 || {
			cat /tmp/asks
			exit 1
		}
		echo \$((\${EPOCHREALTIME/./} - start))") || {
		echo "$took" >&2
		return 1
	}
	echo $((asks * 1000000 / took))
}

not_starved() {
	local under
	under=$(rate) || return 1
	remark "$1: $2 answers/s alone, $under beside the flood"
	[ $((under * 3)) -ge "$2" ]
}

flooding() {
	local before
	before=$(sidecore_count g1 tx_packets)
	sleep 1
	before=$(($(sidecore_count g1 tx_packets) - before))
	echo "$before packets/s"
	[ "$before" -ge 500 ]
}

near_up || fail "the backend does not load"
for name in g1 g2; do
	need "guest $name comes up" sidecore_guest "$name"
done
for notify in event poll; do
	for name in g1 g2; do
		need "$name to the side-core, $notify" \
			sidecore_on "$name" "$notify"
	done
	alone=$(rate) || fail "g2 gets no answers"
	need "g1 floods" guest_start g1 flood \
		"net-tool udp-flood $NEAR_IP 5009 64 600"
	check "it does" wait_until 20 flooding
	check "g2 keeps a third of its rate, $notify" \
		not_starved "$notify" "$alone"
	guest_kill g1 flood
done
finish
