#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: queues are spread over side-cores, one goes offline and comes back
# seconds: 480 480
# shape: dom0_vcpus=2 guest_vcpus=2
#
# Of two queues each has the side-core that its number says, its events too.
# The queues of one that goes offline move to the other; those of the last
# one move back to NAPI, the log says so, and offload reads off. While the CPU
# is offline nobody can choose it. Back online it can be used again. All under
# traffic; and in the guest, whose half has a vCPU of choice, as in dom0.
. /lab/tests/lib.sh

[ "$LAB_BACK" = ours ] || {
	skip "the stock backend has no side-cores"
	finish
}

cpu=/sys/devices/system/cpu/cpu$SIDECORE/online

both_cores() {
	sidecore_set g1 notify adaptive && sidecore_set g1 sidecore_cpus 0-1 &&
		sidecore_set g1 offload sidecore
}

# For bash at either end: offline DIRECTORY CPU LEFT OFFLOAD WORDS has the CPU
# go, after which the settings must be these and the log have said so.
offline='offline() {
	echo 0 >"/sys/devices/system/cpu/cpu$2/online" &&
		dmesg | grep "side-core $2 goes offline: queues move to $5" &&
		[ "$(cat "$1/sidecore_cpus")/$(cat "$1/offload")" = "$3/$4" ]
}'

# The guest's second vCPU has its half, until that goes offline.
guest_offloads() {
	guest_run g1 'cd /sys/class/net/eth0/splitnet &&
		echo adaptive >notify && echo 1 >sidecore_cpus &&
		echo sidecore >offload &&
		grep -qs "(netfront/1)" /proc/[0-9]*/stat'
}

guest_loses() {
	guest_run g1 "$offline
		offline /sys/class/net/eth0/splitnet 1 '' off NAPI &&
			! grep -qs '(netfront/1)' /proc/[0-9]*/stat"
}

near_up && sidecore_guest g1 || fail "the pair does not come up"
trap 'echo 1 >"$cpu"' EXIT
splitnet=/sys/class/net/$(vif_of g1)/splitnet
need "traffic flows both ways" flood_up g1
need "both directions move" flood_flows g1
need "offload goes to both CPUs" both_cores
check "queue 0 has a worker on the first" [ -n "$(worker_thread 0)" ]
check "its events come there" events_come_to 0 g1 0
check "queue 1 has a worker on the second" [ -n "$(worker_thread 1)" ]
check "its events come there" events_come_to 1 g1 1
check "traffic flows" flood_flows g1
check "the second goes offline, queue 1 moves to the first" near_run \
	"$offline; offline $splitnet $SIDECORE 0 sidecore 'the others'"
check "its worker is gone" [ -z "$(worker_thread 1)" ]
check "its events come to the first" events_come_to 0 g1 1
check "traffic flows" flood_flows g1
check "the side-core comes back" bash -c "echo 1 >$cpu"

need "offload goes to it alone" sidecore_on g1 adaptive
check "the events of queue 0 come there" events_come_to 1 g1 0
check "so do those of queue 1" events_come_to 1 g1 1
check "traffic flows" flood_flows g1
check "the side-core goes offline, queues move to NAPI" near_run \
	"$offline; offline $splitnet $SIDECORE '' off NAPI"
check "the worker is gone" [ -z "$(sidecore_thread)" ]
check "traffic flows" flood_flows g1
check "the CPU is refused while it is offline" sidecore_refuses g1 \
	sidecore_cpus "$SIDECORE" "No such device or address"
check "so is offload without any" \
	sidecore_refuses g1 offload sidecore "Invalid argument"
check "the side-core comes back" bash -c "echo 1 >$cpu"
check "offload goes on again" sidecore_on g1 poll
check "traffic flows" flood_flows g1
if [ "$LAB_FRONT" = ours ]; then
	check "the guest's half goes to its second vCPU" guest_offloads
	check "traffic flows" flood_flows g1
	check "that goes offline, the guest's queues move to NAPI" guest_loses
	check "traffic flows" flood_flows g1
fi
check "no byte was wrong" flood_down g1
check "the guest is destroyed" guest_destroy g1

finish
