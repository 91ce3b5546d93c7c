#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: two vCPUs and two queues at each end, many flows at once
# seconds: 420 900
# shape: dom0_vcpus=2 guest_vcpus=2
#
# Flows are spread by hash, so with many of them every queue carries some; a
# queue whose event channel or ring was mixed up with another's shows as a
# stalled or a wrong flow. Then with fewer queues at one end than at the
# other: the smaller number must win.
. /lab/tests/lib.sh

# Four CPUs of the debug kernel get in each other's way on the host's.
bytes=$(($(thin 33554432 4194304) / $(debug_slower 16)))
flows=8

queues() {
	local path
	path=/local/domain/$(guest_domid g1)/device/vif/0
	xenstore-read "$path/multi-queue-num-queues" 2>/dev/null || echo 1
}

queues_are() { [ "$(queues)" = "$1" ]; }

many_flows() {
	local i status=0
	for ((i = 0; i < flows; i++)); do
		near_start "in-$i" "net-tool tcp-send $(guest_ip g1) 5001 \
			$bytes $i"
	done
	guest_run g1 "for i in $(seq -s ' ' $flows); do
			net-tool tcp-send $NEAR_IP 5001 $bytes \$i &
			pids=\"\$pids \$!\"
		done
		for pid in \$pids; do wait \$pid || exit 1; done" \
		"$TRANSFER_S" || status=1
	for ((i = 0; i < flows; i++)); do
		near_finish "in-$i" "$TRANSFER_S" || status=1
	done
	return "$status"
}

# Both queues of the guest took interrupts that carried something.
all_queues_used() {
	guest_run g1 "ls /sys/class/net/eth0/queues; grep -E 'q[0-9]' \
		/proc/interrupts"
	[ "$LAB_FRONT" = ours ] || return 0
	guest_run g1 'ethtool -S eth0' | awk '
		/queue_[01]_(rx|tx)_packets/ { seen++; if ($2 == 0) bad = 1 }
		END { exit bad || seen != 4 }'
}

need "the backend loads" near_up
need "a guest with two vCPUs comes up" guest_create g1
check "two queues are agreed on" queues_are 2
check "$flows flows each way" many_flows
check "each queue carried packets" all_queues_used
check "ping of every size" ping_every_size g1 v4
check "the guest is destroyed" guest_destroy g1

need "the guest, limited to one queue" guest_create g1 \
	front_params=max_queues=1
check "one queue is agreed on" queues_are 1
check "$flows flows each way over one queue" many_flows
check "the guest is destroyed" guest_destroy g1

need "the backend unloads" back_unload
need "the backend, limited to one queue" near_up max_queues=1
need "the guest comes up" guest_create g1
check "one queue is agreed on" queues_are 1
check "$flows flows each way over one queue" many_flows
finish
