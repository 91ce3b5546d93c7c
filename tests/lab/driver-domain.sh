#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: the backend runs in an unprivileged domain of its own
# seconds: 300
# shape: backend_domain=driver
#
# As Qubes runs it: the backend has no more rights than a guest, so what it
# takes from the toolstack's domain for granted would fail here. When the
# driver domain goes, its guest must survive.
. /lab/tests/lib.sh

bytes=$(thin 67108864 8388608)
need "the driver domain comes up" near_up
need "a guest behind it comes up" guest_create g1
check "ping of every size" ping_thinned g1 v4
check "TCP into the guest" tcp_to g1 "$bytes"
check "TCP out of the guest" tcp_from g1 "$bytes"
check "TCP out of the guest, v6" tcp_from g1 "$bytes" v6
check "UDP of every size" udp_sizes g1 v4 157
need "traffic flows both ways" flood_up g1
need "both directions move" flood_flows g1
check "the guest is destroyed under traffic" guest_destroy g1
check "the driver domain goes on" near_run 'ip link show br0'
near_kill flood-g1
need "a guest comes up again" guest_create g1
check "TCP into the new guest" tcp_to g1 "$bytes"
check "the driver domain is destroyed" guest_destroy drv
check "its guest survives" guest_run g1 'uptime'
check "the guest is destroyed" guest_destroy g1
finish
