#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: peers that misbehave on purpose, a scenario for each offence
# seconds: 240 300
# rows: hostile/offences.h 80 120
#
# The guest g2 is the offender, or the victim of one in dom0; g1 carries
# traffic through the same netback all the while. After each offence: the end
# that was wronged did what it should, counted it by name, logged what was new
# or cost the connection, once, took no more than 16 MB of dom0's memory, g1
# kept half of its throughput, and the next good connection works. All rows that
# are asked for run on one pair of guests.
. /lab/tests/lib.sh
. /lab/tests/lib/hostile.sh

# The largest packet between dom0 and the offender, in bytes.
link_mtu() { ip link set "$vif" mtu "$1" && ip link set br0 mtu "$1"; }

# dom0 routes to what stands for the host's own network, which trusts it.
uplink_up() {
	modprobe veth && ip link add up0 type veth peer name up1 &&
		echo 1 >/proc/sys/net/ipv6/conf/up0/disable_ipv6 &&
		ip address add 10.9.0.254/24 dev up0 &&
		ip link set up1 up && ip link set up0 up &&
		ip neighbour add 10.9.0.1 lladdr 02:00:00:00:09:01 dev up0 &&
		echo 1 >/proc/sys/net/ipv4/ip_forward
}

uplink_sent() {
	local sent
	sent=$(</sys/class/net/up0/statistics/tx_packets)
	echo "$sent packets"
	[ "$sent" -eq "$1" ]
}

uplink_down() {
	echo 0 >/proc/sys/net/ipv4/ip_forward
	ip link delete up0
}

# What a backend keeps makes the table larger for good, by no more than a
# connection or two.
guest_kept() {
	local before after frames=4
	before=$(counter grant_frames /run/lab/guest-before)
	after=$(counter grant_frames /run/lab/guest-after)
	echo "$before frames of grants before, $after after"
	grep -v grant_frames /run/lab/guest-before >/run/lab/guest-held
	[ "$after" -le $((before + frames)) ] &&
		leaks_compare /run/lab/guest-held /run/lab/guest-after
}

# Not less and less, each offence being compared with the one before.
baseline_kept() {
	local now
	now=$(rate_over 5)
	echo "$now B/s, was $baseline"
	[ $((now * 2)) -ge "$baseline" ]
}

rows=()
rows_wanted "$LAB_ROWS"
need "the backend loads" near_up rx_drain_timeout_msecs=1000 \
	rx_stall_timeout_msecs=2000 max_queues=2
need "the neighbour comes up" guest_create g1
# What its drivers leave in a page is not to be cleared by others.
need "the offender comes up" guest_create g2 front=none append=init_on_alloc=0
vif=$(vif_of g2)
device=vif-$(guest_domid g2)-0
export vif device
need "the offender's devices" guest_run g2 'modprobe xen-gntalloc &&
	modprobe xen-evtchn && modprobe xen-gntdev'
need "the offender may make hypercalls" guest_hypercalls g2
need "the neighbour's traffic starts" flood_up g1
need "the neighbour's traffic flows" flood_flows g1
# shellcheck disable=SC2154 # lib/hostile.sh has them
remark "seed $seed, $ops operations or $random_s seconds"
neighbour=/sys/class/net/$(vif_of g1)/statistics
export neighbour
baseline=$(rate_over 3)
remark "the neighbour carries $((baseline / 1000)) kB/s"

offence_start front
for row in "${rows[@]}"; do
	is_row front "$row" || continue
	case "$row" in
	flip-* | random-flipped)
		if [ "$LAB_TYPE" = pv ]; then
			flip_offence "$row"
		else
			skip "$row" "only a PV guest takes flips"
		fi
		;;
	map-* | random-mapped)
		mode_for_next tx map
		offence front "$row"
		mode_for_next tx copy
		;;
	rx-starved | tx-tiny-slots)
		link_mtu 9000
		offence front "$row"
		link_mtu 1500
		;;
	tx-gso-emptied)
		need "$row: dom0 has an uplink" uplink_up
		offence front "$row"
		check "$row: one packet has left" uplink_sent 1
		uplink_down
		;;
	*) offence front "$row" ;;
	esac
done

check "a frontend's driver takes over" front_load
check "TCP into the guest" tcp_to g2 4194304
check "TCP out of the guest" tcp_from g2 4194304

if any_row back "${rows[@]}"; then
	# For page-residue, before there are pages to look into.
	need "the guest's free memory is marked" guest_run g2 'hostile canary'
	guest_snapshot g2 >/run/lab/guest-before
	need "the vif is left to the offender" back_unbind
	offence_start back
	for row in "${rows[@]}"; do
		is_row back "$row" || continue
		case "$row" in
		rsp-flip-*)
			if [ "$LAB_TYPE" = pv ]; then
				back_flip_offence "$row"
			else
				skip "$row" "only a PV guest takes flips"
			fi
			;;
		*) offence back "$row" ;;
		esac
	done
	check "a backend's driver takes over" back_bind
	check "it takes over once more" readers_undo
	check "TCP into the guest" tcp_to g2 4194304
	check "TCP out of the guest" tcp_from g2 4194304
	guest_snapshot g2 >/run/lab/guest-after
	check "the guest holds what it held" guest_kept
fi

for row in "${rows[@]}"; do
	! is_row lab "$row" || lab_offence "$row"
done
check "the neighbour carries in the end what it did" baseline_kept
check "the neighbour's link is right to the end" tcp_from g1 4194304
check "none of the neighbour's bytes was wrong" flood_down g1
finish
