#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: the guest reboots, is destroyed, and crashes, each under traffic
# seconds: 300
#
# Three ways for a frontend to go: in order, without a word, and in the middle
# of anything. The backend must give back every grant, event channel and
# thread each time, and serve the guest that comes next.
. /lab/tests/lib.sh

begin() {
	flood_up g1 && flood_flows g1
}

crash_guest() {
	guest_run g1 'echo c >/proc/sysrq-trigger' 5
	wait_until 30 guest_gone g1
	wait_until 10 grep -q 'Kernel panic' "$(guest_console g1)"
	guest_crash_expected g1
}

near_up && guest_create g1 || fail "the pair does not come up"

need "traffic before the reboot" begin
need "the guest reboots" guest_reboot g1
flood_down g1
need "its network is back" guest_link g1
check "TCP after the reboot" tcp_to g1 8388608

need "traffic before the destroy" begin
need "the guest is destroyed" guest_destroy g1
flood_down g1
check "its vif is gone" wait_until 20 no_vifs
need "it is created again" guest_create g1

need "traffic before the crash" begin
crash_guest
need "the guest has crashed" guest_gone g1
flood_down g1
check "its vif is gone" wait_until 20 no_vifs
need "it is created again" guest_create g1
check "TCP into the guest" tcp_to g1 8388608
check "TCP out of the guest" tcp_from g1 8388608
finish
