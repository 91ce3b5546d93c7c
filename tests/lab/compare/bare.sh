# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The yardstick's network: the same kernel on the same NIC without Xen, and for
# guest to guest two network namespaces over a veth pair. Sourced by jobs that
# also source compare/measure.sh.

inside() { ip netns exec "$@"; }

offloads() {
	local nic=
	[ "$LAB_FAR" != 1 ] || nic=eth0
	{ [ -z "$nic" ] || bash /run/measure/offloads.sh "$1" "$nic"; } &&
		inside g1 bash /run/measure/offloads.sh "$1" v1 &&
		inside g2 bash /run/measure/offloads.sh "$1" v2
}

bare_setup() {
	local i
	modprobe veth
	ip addr flush dev br0
	if [ "$LAB_FAR" = 1 ]; then
		ip link set eth0 nomaster
		ip addr add 10.0.0.1/24 dev eth0
	fi
	ip netns add g1
	ip netns add g2
	ip link add v1 netns g1 type veth peer name v2 netns g2
	for i in 1 2; do
		ip -n "g$i" addr add "10.0.1.$i/24" dev "v$i"
		ip -n "g$i" link set "v$i" up
	done
	inside g2 bash -c '. /lab/tests/compare/measure.sh; start_servers'
	[ "$LAB_FAR" != 1 ] || need "the far side answers" \
		wait_until 20 ping -c 1 -W 1 "$FAR_IP"
	need "the other namespace answers" \
		wait_until 20 inside g1 ping -c 1 -W 1 10.0.1.2
}

bare_undo() {
	killall -q -9 iperf3 rate-tool traffic-tool
	ip netns del g1
	ip netns del g2
}
