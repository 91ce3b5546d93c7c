#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: the backend module is unloaded and loaded while the guest runs
# seconds: 240 2000
#
# An update of the backend must not cost the guests their network: the vif
# goes, and the frontend, ours or stock, keeps its rings. When the module is
# back it takes them up where they stand, the hotplug script puts the new vif
# onto the bridge, and the link returns by itself. So it does when ours takes over
# from the stock driver, and for a guest that has not begun.
. /lab/tests/lib.sh

case "$LAB_FRONT" in
ours) front=netfront front_load="insmod /lab/${LAB_BUILD:-ours}/netfront.ko" ;;
stock) front=xen_netfront front_load='modprobe xen-netfront' ;;
esac

near_up && guest_create g1 || fail "the pair does not come up"
need "traffic flows both ways" flood_up g1
need "both directions move" flood_flows g1

reload() {
	back_unload || return 1
	wait_until 20 no_vifs || return 1
	back_load "$LAB_BACK" || return 1
	# The stock driver's event does not say what it is about.
	[ "$LAB_BACK" = ours ] || vif_up g1 || return 1
	wait_until 30 guest_reachable g1
}

for ((i = 1; i <= $(thin 100 3); i++)); do
	check "reload $i" reload || break
	check "traffic is back after reload $i" flood_flows g1 || break
done
near_kill flood-g1

# One that finds the frontend gone, too, has nobody else to run the script.
reload_without_frontend() {
	guest_run g1 "/lab/module-unload $front" && back_unload &&
		wait_until 20 no_vifs && back_load "$LAB_BACK" || return 1
	[ "$LAB_BACK" = ours ] || vif_up g1 || return 1
	guest_run g1 "$front_load" && guest_address g1 &&
		wait_until 30 guest_reachable g1
}

check "a reload while the frontend is unloaded" reload_without_frontend

# Nobody but us would run the script again for a guest that has not got to its
# driver yet, either.
reload_before_guest() {
	guest_config g2 >/run/lab/g2.cfg && xl create -qp /run/lab/g2.cfg &&
		wait_until 10 vif_bridged g2 && back_unload &&
		wait_until 20 no_vifs && back_load ours || return 1
	xl unpause g2 && wait_until 120 guest_ready g2 && guest_link g2
}

vif_bridged() { [ -e "/sys/class/net/$(vif_of "$1")/master" ]; }

# What the stock driver offers, and ours has not, would be counted on.
takeover() {
	local key dir
	back_unload && wait_until 20 no_vifs && back_load stock && vif_up g1 &&
		wait_until 30 guest_reachable g1 || return 1
	dir=$(vif_path g1)
	xenstore-exists "$dir/feature-ctrl-ring" && back_unload &&
		wait_until 20 no_vifs && back_load ours &&
		wait_until 30 guest_reachable g1 || return 1
	for key in xdp-headroom ctrl-ring multicast-control \
		dynamic-multicast-control; do
		! xenstore-exists "$dir/feature-$key" || return 1
	done
}

if [ "$LAB_BACK" = ours ]; then
	check "ours takes over from the stock driver" takeover
	check "a reload before a guest has begun" reload_before_guest
	check "that guest is destroyed" guest_destroy g2
fi

# What a connection with two channels left in xenstore must not be taken for a
# part of the next one, which has one.
reload_with_one_channel() {
	back_unload && wait_until 20 no_vifs &&
		back_load ours separate_tx_rx_irq=N || return 1
	guest_run g1 "/lab/module-unload $front
		$front_load" && guest_address g1 &&
		wait_until 30 guest_reachable g1 &&
		[ "$(guest_run g1 'grep -c q0 /proc/interrupts')" = 1 ]
}

[ "$LAB_BACK" != ours ] || [ "$LAB_FRONT" != ours ] ||
	check "a reload that offers one event channel" reload_with_one_channel
finish
