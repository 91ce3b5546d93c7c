#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: a frontend that does not trust its backend copies what it sends
# seconds: 180
#
# A granted page shows the backend all that lies in it, not only the packet.
# With trusted=N every packet goes out in zeroed pages of its own; that must
# change nothing for the traffic, of any size, with offloads and without.
. /lab/tests/lib.sh

near_up && guest_create g1 front_params=trusted=N || fail "the pair does not come up"
check "ping of every size" ping_every_size g1 v4
check "TCP out of the guest, GSO" tcp_from g1 8388608
guest_run g1 'ethtool -K eth0 tso off gso off' 2>/dev/null
check "TCP out of the guest, no GSO" tcp_from g1 8388608
guest_run g1 'ethtool -K eth0 tx off' 2>/dev/null
check "TCP out of the guest, no checksum offload, v6" tcp_from g1 8388608 v6
check "the guest is destroyed" guest_destroy g1
finish
