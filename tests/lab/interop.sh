#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: every kind of packet through one pairing of drivers, kernels and types
# seconds: 420 1800
# matrix: yes
#
# Two drivers that each pass their own tests may still read the protocol
# differently. So every pairing carries the same list of traffic, and each
# byte of it is compared: all sizes, fragments, offloads on and off, both
# families, jumbo frames.
. /lab/tests/lib.sh

bytes=$(thin 268435456 16777216)
few=$(thin 67108864 4194304)
udp_step=$(thin 1 157)

near_up && guest_create g1 || fail "the pair does not come up"
vif=$(vif_of g1)

# both WHAT BYTES [v4|v6]: TCP each way.
both() {
	check "TCP into the guest, $1" tcp_to g1 "$2" "${3:-v4}"
	check "TCP out of the guest, $1" tcp_from g1 "$2" "${3:-v4}"
}

# One end may refuse to switch a feature (the stock frontend keeps its
# checksums): what counts is that traffic stays right.
features() {
	guest_run g1 "ethtool -K eth0 $1" 2>/dev/null
	near_run "ethtool -K $vif $1" 2>/dev/null
	true
}

set_mtu() {
	guest_run g1 "ip link set eth0 mtu $1" &&
		near_run "ip link set $vif mtu $1 && ip link set br0 mtu $1"
}

check "ping of every size, v4" ping_every_size g1 v4
check "ping of every size, v6" ping_every_size g1 v6
check "UDP of every size with fragments, v4" udp_sizes g1 v4 "$udp_step"
check "UDP of every size with fragments, v6" udp_sizes g1 v6 "$udp_step"
both "GSO, v4" "$bytes"
both "GSO, v6" "$bytes" v6

features 'tso off gso off gro off'
both "no GSO" "$few"
features 'tx off rx off'
both "no checksum offload" "$few"
[ "$LAB_FULL" != 1 ] || both "no checksum offload, v6" "$few" v6
features 'sg off'
both "no scatter-gather" "$few"
features 'tx on rx on sg on tso on gso on gro on'
[ "$LAB_FULL" != 1 ] || both "all offloads on again" "$few"

if check "MTU 9000 is accepted" set_mtu 9000; then
	check "jumbo ping of every size" ping_sizes g1 v4 8000 9000 \
		"$(thin 1 73)"
	both "MTU 9000" "$few"
	[ "$LAB_FULL" != 1 ] || features 'tso off gso off'
	[ "$LAB_FULL" != 1 ] || both "MTU 9000, no GSO" "$few"
fi

check "the guest is destroyed" guest_destroy g1
finish
