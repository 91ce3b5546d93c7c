#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: three guests on one side-core, each with each other
# seconds: 540 900
# shape: dom0_vcpus=2
#
# One worker carries a packet from guest to guest all the way. All transfers
# run at once and all must end within their bound; notify changes meanwhile,
# one guest is moved off, and one goes.
. /lab/tests/lib.sh

[ "$LAB_BACK" = ours ] || {
	skip "the stock backend has no side-cores"
	finish
}

bytes=$(thin 33554432 4194304)
near_up offload=sidecore sidecore_cpus="$SIDECORE" || fail "no backend"
for name in g1 g2 g3; do
	need "guest $name comes up" sidecore_guest "$name"
	check "$name is offloaded" sidecore_is "$name" offload sidecore
done

start_all() {
	local from=g3 to
	for to in g1 g2 g3; do
		guest_start "$from" ring "net-tool tcp-send $(guest_ip "$to") \
			5001 $bytes 3" || return 1
		near_start "to-$to" "net-tool tcp-send $(guest_ip "$to") \
			5001 $bytes 4" || return 1
		from=$to
	done
}

for notify in adaptive poll; do
	need "six transfers start" start_all
	for name in g1 g2 g3; do
		check "$name: notify goes to $notify" \
			sidecore_set "$name" notify "$notify"
	done
	for name in g1 g2 g3; do
		check "$name to its neighbour" \
			guest_finish "$name" ring "$TRANSFER_S"
		check "the near end to $name" \
			near_finish "to-$name" "$TRANSFER_S"
	done
done
check "g3 moves off" sidecore_set g3 offload off
check "one guest goes" guest_destroy g2
check "the one that stays gets its bytes" tcp_to g1 "$bytes"
check "so does the one that moved off" tcp_to g3 "$bytes"
finish
