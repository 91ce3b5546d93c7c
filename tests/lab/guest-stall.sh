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
limits=$vif/queues/tx-0/byte_queue_limits

# More packets than the ring and the vif's queue have room for. One socket: a
# name is not looked up for each. It waits while its buffer is on the way.
burst() {
	near_start burst "exec 5>/dev/udp/$(guest_ip g1)/9
		for ((i = 0; i < 2000; i++)); do echo \$i >&5; done"
}

dropped() { cat "$vif/statistics/tx_dropped"; }
has_dropped() { [ "$(dropped)" -gt "$1" ]; }
carrier_is() { [ "$(cat "$vif/carrier")" = "$1" ]; }

# More packets than the ring has room for, the last of which come at once, as
# fragments, and so are dropped at once: too many for that visit to try the one
# that came behind. The kernel wakes late who waits for seconds. Each sender's
# buffer has room for what it sends.
outlived() {
	local to
	to=/dev/udp/$(guest_ip g1)/9
	echo 500000 >"$limits/limit_min" &&
		ip neighbour replace "$(guest_ip g1)" dev br0 nud permanent \
			lladdr "$(guest_mac g1)" &&
		near_run "exec 5>$to 6>$to 7>$to 8>$to
			for ((i = 0; i < 300; i++)); do echo \$i >&5; done
			printf %065000d 1 >&6; printf %065000d 2 >&7
			sleep 0.5; echo last >&8" &&
		echo "$(<"$limits/inflight") bytes wait" &&
		! none_waits
}

none_waits() { [ "$(<"$limits/inflight")" = 0 ]; }

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

[ "$LAB_BACK" != ours ] || {
	echo 6000 >/sys/module/netback/parameters/rx_drain_timeout_msecs
	xl pause g1
	check "many wait, and one comes behind them" outlived
	check "it does not wait for ever" wait_until 15 none_waits
	xl unpause g1
	check "it is reached after that" wait_until 20 guest_reachable g1
}
for name in g1 g2; do
	check "$name is destroyed" guest_destroy "$name"
done
finish
