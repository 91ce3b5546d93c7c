#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: a guest that stops taking packets loses its carrier, and gets it back
# seconds: 240
#
# A paused guest leaves its ring full. What waits for it is dropped after the
# drain time, its vif has no carrier after the stall time, its neighbour notices
# nothing. When it goes on, the link is whole again by itself.
. /lab/tests/lib.sh

near_up rx_drain_timeout_msecs=500 rx_stall_timeout_msecs=2000 ||
	fail "the backend does not load"
for name in g1 g2; do
	need "$name comes up" guest_create "$name"
done
vif=/sys/class/net/$(vif_of g1)

# More packets than the ring and the vif's queue have room for. One socket: a
# name is not looked up for each. It waits while its buffer is on the way.
burst() {
	near_start burst "exec 5>/dev/udp/$(guest_ip g1)/9
		for ((i = 0; i < 2000; i++)); do echo \$i >&5; done"
}

dropped() { cat "$vif/statistics/tx_dropped"; }
has_dropped() { [ "$(dropped)" -gt "$1" ]; }
carrier_is() { [ "$(cat "$vif/carrier")" = "$1" ]; }

check "the guest has a carrier" carrier_is 1
before=$(dropped)
xl pause g1
burst
check "its carrier goes" wait_until 20 carrier_is 0
check "what waited is dropped and counted" wait_until 20 has_dropped "$before"
check "its neighbour is reached meanwhile" guest_reachable g2
check "its neighbour receives meanwhile" tcp_to g2 4194304
xl unpause g1
check "its carrier comes back" wait_until 20 carrier_is 1
check "it is reached again" wait_until 20 guest_reachable g1
check "TCP is right afterwards, into the guest" tcp_to g1 4194304
check "TCP is right afterwards, out of the guest" tcp_from g1 4194304
for name in g1 g2; do
	check "$name is destroyed" guest_destroy "$name"
done
finish
