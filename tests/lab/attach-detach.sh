#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: network-attach and network-detach again and again under traffic
# seconds: 240 900
#
# A vif that goes while packets are in flight: grants must be taken back from
# pages that the other end may still copy, and whoever waits for the other end
# must do so with a bound. Traffic runs both ways all the time and has to come
# back by itself with every attach; at the end the guest holds what it held.
. /lab/tests/lib.sh

cycles=$(thin 50 4)

cycle() {
	local vif
	vif=$(vif_of g1)
	xl network-detach g1 0 || return 1
	wait_until 20 near_run "[ ! -e /sys/class/net/$vif ]" || return 1
	# shellcheck disable=SC2046 # one word per key
	xl network-attach g1 $(guest_vif g1 "$backend" | tr , ' ') || return 1
	guest_link g1 && flood_flows g1
}

backend=
[ "$LAB_BACKEND" != driver ] || backend=drv
near_up && guest_create g1 || fail "the pair does not come up"
need "traffic flows both ways" flood_up g1
need "both directions move" flood_flows g1

for ((i = 1; i <= cycles; i++)); do
	cycle || fail "attach and detach, round $i"
	# What the first rounds allocate and keep is no leak.
	[ "$i" -ne 2 ] || guest_snapshot g1 >/run/lab/guest-before
done
ok "traffic came back $cycles times"
guest_snapshot g1 >/run/lab/guest-after
check "the guest holds what it held" leaks_compare /run/lab/guest-before \
	/run/lab/guest-after
check "the traffic was right to the end" flood_down g1
finish
