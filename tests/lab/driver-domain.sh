#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: the backend runs in an unprivileged domain of its own
# seconds: 300
# shape: backend_domain=driver
#
# As Qubes runs it: the backend has no more rights than a guest, so what it
# takes from the toolstack's domain for granted would fail here. It may be a
# guest of another backend's itself, and what it bridges then has pages that are
# not its own. When the driver domain goes, its guest must survive.
. /lab/tests/lib.sh

FAR_IP=10.0.0.2

# dom0 is the driver domain's backend, and has an address behind its bridge.
uplink_up() {
	/lab/servers
	back_load ours && ip link set br0 up &&
		ip address add "$FAR_IP/24" dev br0 || return 1
	xl network-attach drv mac=00:16:3e:00:00:99 bridge=br0 script=vif-lab
	guest_run drv 'insmod /lab/ours/netfront.ko
		until [ -e /sys/class/net/eth0 ]; do sleep 0.1; done
		ip link set eth0 master br0 up' 20
}

far_answers() { guest_run g1 "ping -c 1 -W 1 $FAR_IP" 5; }

tcp_far() { guest_run g1 "net-tool tcp-send $FAR_IP 5001 $1 2" "$TRANSFER_S"; }

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
if [ "$LAB_BACK $LAB_FRONT" = "ours ours" ]; then
	need "the driver domain is a guest itself" uplink_up
	check "its guest reaches what is behind that" wait_until 20 far_answers
	check "TCP through both" tcp_far "$bytes"
	need "its guest's pages are mapped" mode_set g1 tx map
	check "TCP through both, by maps" tcp_far "$bytes"
	check "they were" vif_counted g1 tx_maps
	check "none was refused" guest_run drv "ethtool -S eth0 |
		awk '/tx_refused:/ { sum += \$2 } END { exit sum > 0 }'"
fi
check "the driver domain is destroyed" guest_destroy drv
check "its guest survives" guest_run g1 'uptime'
check "the guest is destroyed" guest_destroy g1
finish
