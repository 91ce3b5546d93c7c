#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: the frontend module is unloaded and loaded under traffic
# seconds: 240 3000
#
# The backend keeps its device and must serve the next frontend from a clean
# slate: rings, event channels and features are negotiated anew. The guest's
# memory and its grant table must not grow from round to round.
. /lab/tests/lib.sh

rounds=$(thin 100 3)

case "$LAB_FRONT" in
ours)
	load='insmod /lab/ours/netfront.ko'
	unload='/lab/module-unload netfront'
	;;
stock)
	load='modprobe xen-netfront'
	unload='/lab/module-unload xen_netfront'
	;;
esac

reload() {
	guest_run g1 "$unload" || return 1
	wait_until 10 guest_run g1 '[ ! -e /sys/class/net/eth0 ]' || return 1
	guest_run g1 "$load" || return 1
	guest_address g1 && wait_until 20 guest_reachable g1 && flood_flows g1
}

near_up && guest_create g1 || fail "the pair does not come up"
need "traffic flows both ways" flood_up g1
need "both directions move" flood_flows g1

for ((i = 1; i <= rounds; i++)); do
	reload || fail "reload, round $i"
	[ "$i" -ne 1 ] || guest_snapshot g1 >/run/lab/guest-before
done
ok "traffic came back $rounds times"
guest_snapshot g1 >/run/lab/guest-after
check "the guest holds what it held" leaks_compare /run/lab/guest-before \
	/run/lab/guest-after

# A kernel that had the stock driver with XDP, and another one without a word.
stale_headroom() {
	local key
	key=/local/domain/$(guest_domid g1)/device/vif/0/xdp-headroom
	guest_run g1 "$unload" && xenstore-write "$key" 256 || return 1
	guest_run g1 "$load" && guest_address g1 &&
		wait_until 20 guest_reachable g1 &&
		[ "$(xenstore-read "$key" 2>/dev/null || echo 0)" = 0 ]
}

check "no headroom is asked for that another driver had" stale_headroom
check "TCP is right afterwards, into the guest" tcp_to g1 8388608
check "TCP is right afterwards, out of the guest" tcp_from g1 8388608
check "the traffic was right to the end" flood_down g1
finish
