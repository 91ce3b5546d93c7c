#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: save and restore, the guest's network returns by itself
# seconds: 240 400
#
# A restored guest finds another backend: the frontend drops what it had and
# connects anew, without losing its device or its address. (Live migration
# needs log-dirty mode, which Debian's Xen has not got for PV; this is the
# same path in the frontend.)
. /lab/tests/lib.sh

near_up && guest_create g1 || fail "the pair does not come up"

for ((i = 1; i <= $(thin 5 2); i++)); do
	need "traffic before save $i" flood_up g1
	need "both directions move" flood_flows g1
	need "save and restore $i" guest_save_restore g1
	flood_down g1
	# Nobody touches the address: the guest kept it.
	need "the network answers" wait_until 30 guest_reachable g1
	check "TCP into the guest" tcp_to g1 8388608
	check "TCP out of the guest" tcp_from g1 8388608
	guest_kill g1 flood
done
finish
