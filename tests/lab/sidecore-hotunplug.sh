#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: a side-core goes offline under traffic, and comes back
# seconds: 300 300
# shape: dom0_vcpus=2
#
# The queues of a side-core that goes move back to NAPI, the log says so, and
# offload reads off. While the CPU is offline nobody can choose it. Back online
# it can be used again.
. /lab/tests/lib.sh

[ "$LAB_BACK" = ours ] || {
	skip "the stock backend has no side-cores"
	finish
}

cpu=/sys/devices/system/cpu/cpu$SIDECORE/online

near_up && sidecore_guest g1 || fail "the pair does not come up"
trap 'echo 1 >"$cpu"' EXIT
need "offload goes on" sidecore_on g1 adaptive
need "traffic flows both ways" flood_up g1
need "both directions move" flood_flows g1
check "the side-core goes offline" bash -c "echo 0 >$cpu"
check "the log says so" bash -c \
	"dmesg | grep -q 'side-core $SIDECORE goes offline'"
check "offload is off" sidecore_is g1 offload off
check "the worker is gone" [ -z "$(sidecore_thread)" ]
check "traffic flows" flood_flows g1
check "the CPU is refused while it is offline" sidecore_refuses g1 \
	sidecore_cpus "$SIDECORE" "No such device or address"
check "so is offload without any" \
	sidecore_refuses g1 offload sidecore "Invalid argument"
check "the side-core comes back" bash -c "echo 1 >$cpu"
check "offload goes on again" sidecore_on g1 poll
check "traffic flows" flood_flows g1
check "no byte was wrong" flood_down g1

finish
