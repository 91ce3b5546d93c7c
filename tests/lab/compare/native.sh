#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The yardstick: the same kernel on the same NIC without Xen, and for guest to
# guest two network namespaces over a veth pair.
. /lab/tests/compare/measure.sh

modprobe veth
ip link set eth0 nomaster
ip addr flush dev br0
ip addr add 10.0.0.1/24 dev eth0
ip netns add g1
ip netns add g2
ip link add v1 netns g1 type veth peer name v2 netns g2
for i in 1 2; do
	ip -n "g$i" addr add "10.0.1.$i/24" dev "v$i"
	ip -n "g$i" link set "v$i" up
done

inside() { ip netns exec "$@"; }

offloads() {
	bash /run/measure/offloads.sh "$1" eth0 &&
		inside g1 bash /run/measure/offloads.sh "$1" v1 &&
		inside g2 bash /run/measure/offloads.sh "$1" v2
}

sample() {
	local value wrap='' host=$FAR_IP
	if [ "$2" = intra ]; then
		# By its path: busybox's timeout knows an ip of its own.
		wrap='/usr/bin/ip netns exec g1' host=10.0.1.2
	fi
	# shellcheck disable=SC2086 # words, or none
	value=$(timeout $((COMPARE_MS / 1000 + SLACK_S)) $wrap \
		sh /run/measure/client.sh "$host" "$3" "$4" "$COMPARE_MS")
	emit_value "$@" "$value"
}

inside g2 bash -c '. /lab/tests/compare/measure.sh; start_servers'
need "the far side answers" wait_until 20 ping -c 1 -W 1 "$FAR_IP"
need "the other namespace answers" \
	wait_until 20 inside g1 ping -c 1 -W 1 10.0.1.2
all_samples
killall -q -9 iperf3 rate-tool
ip netns del g1
ip netns del g2
finish
