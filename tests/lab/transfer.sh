#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: every kind of packet, by the mode that was asked for and no other
# seconds: 300 900
#
# Who looks at traffic alone does not see a mode that fell back to another. Here
# the counters, too, must say that it was this mode that carried it; all bytes
# are right, also after the frontend was reloaded. make ktest runs this in each
# mode, as --rx-mode, --tx-mode and --placement sidecore choose it.
. /lab/tests/lib.sh

[ "$LAB_BACK $LAB_FRONT" = "ours ours" ] || {
	skip "the stock drivers have one mode"
	finish
}

rx=${LAB_RX_MODE:-copy}
tx=${LAB_TX_MODE:-copy}
bytes=$(thin 268435456 16777216)

modes_are() {
	[ "$(mode_of g1 rx)" = "$1" ] && [ "$(mode_of g1 tx)" = "$2" ]
}

# counts_if MODE WANTED COUNTER...: they counted in this mode, and only then.
counts_if() {
	local mode=$1 wanted=$2 counter sum=0
	shift 2
	for counter in "$@"; do
		sum=$((sum + $(vif_count g1 "$counter")))
	done
	echo "$*: $sum"
	if [ "$mode" = "$wanted" ]; then
		[ "$sum" -gt 0 ]
	else
		[ "$sum" = 0 ]
	fi
}

none_counted() {
	local counter
	for counter in "$@"; do
		[ "$(vif_count g1 "$counter")" = 0 ] || return 1
	done
}

tcp_both() {
	tcp_to g1 "$1" "$2" && tcp_from g1 "$1" "$2"
}

no_gso() {
	guest_run g1 'ethtool -K eth0 tso off gso off gro off'
	near_run "ethtool -K $(vif_of g1) tso off gso off gro off"
}

near_up && guest_create g1 || fail "the pair does not come up"
check "Rx is $rx, Tx is $tx" modes_are "$rx" "$tx"
check "ping of every size" ping_every_size g1 v4
check "UDP of every size with fragments, v6" udp_sizes g1 v6 "$(thin 1 157)"
check "TCP both ways, v4" tcp_both "$bytes" v4
check "TCP both ways, v6" tcp_both "$bytes" v6

check "pages were flipped, if that was asked for" \
	counts_if "$rx" flip rx_flips_staged rx_flips_direct
check "... and the guest took each" wait_until 5 flips_agree g1
check "... and none was refused or lost" \
	none_counted rx_flips_refused rx_flips_lost
check "pages were mapped, if that was asked for" \
	counts_if "$tx" map tx_maps
check "... and each was given back" wait_until 5 maps_agree g1
check "a side-core was woken, if one was asked for" \
	counts_if "$LAB_PLACEMENT" sidecore wakeups

need "the frontend is reloaded" guest_front_reload g1
check "Rx is $rx, Tx is $tx" modes_are "$rx" "$tx"
check "TCP both ways after that" tcp_both 4194304 v4
check "offloads go off" no_gso
check "TCP both ways without them" tcp_both 4194304 v4
check "the guest is destroyed" guest_destroy g1
check "its worker is gone" wait_until 10 no_worker
finish
