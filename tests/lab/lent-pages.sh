#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: nobody waits for pages of a guest that another one holds
# seconds: 360
#
# With Tx mode "map" another guest gets the sender's own pages, and one that
# takes nothing has them until the drain time is over. Neither a change of the
# mode nor the end of the sender's vif may wait for that: dom0 does both in the
# one thread that all guests' news in xenstore come to.
. /lab/tests/lib.sh

[ "$LAB_BACK" = ours ] || {
	skip "the stock backend has no modes to switch"
	finish
}

# As many as g2 has room for, and some more; but fewer than g1 can have out. Of
# so many flows that each of g1's queues has some.
burst() {
	guest_run g1 "for ((flow = 0; flow < 24; flow++)); do
			exec 5>/dev/udp/$(guest_ip g2)/9
			for ((i = 0; i < 15; i++)); do
				printf %01400d \$i >&5
			done
		done"
}

# What comes back after the connection's end is not counted any more.
uncounted=0
lent() {
	echo $(($(vif_count g1 tx_maps) - $(vif_count g1 tx_unmaps) - uncounted))
}
held() { [ "$(lent)" -gt 0 ]; }

# all_lend: so does each queue of g1's
all_lend() {
	near_run "ethtool -S $(vif_of g1)" | awk -F '[_: ]+' -v queues="$queues" '
		$4 "_" $5 == "tx_maps" { lent[$3] += $NF }
		$4 "_" $5 == "tx_unmaps" { lent[$3] -= $NF }
		END {
			for (queue in lent)
				lend += lent[queue] > 0
			exit lend != queues
		}'
}

# Stops each of g1's queues that waits for them.
others_flow() {
	guest_run g1 "timeout $((5 * $(debug_slower 6))) \
		iperf3 -c $NEAR_IP -t 2 -P 4 >/dev/null" &&
		guest_run g1 "ping -c 3 -i 0.2 -W 1 $NEAR_IP"
}

# A paused guest answers for no address, so g1 learns it now, and from g2's own
# answer: what it only overheard it would have to ask for in the midst of it.
lend() {
	need "g1 reaches g2" wait_until 10 guest_run g1 \
		"echo 600000 >/proc/sys/net/ipv4/neigh/eth0/base_reachable_time_ms
		ip neigh flush dev eth0
		ping -c 1 -W 5 $(guest_ip g2)"
	xl pause g2
	check "g1 sends more than g2 takes" burst
	need "g2 holds pages of g1's" wait_until 10 held
	remark "$(lent) pages"
	check "what g1 sends to others flows meanwhile" others_flow
	check "it is copied then" vif_counted g1 tx_maps_withheld "$withheld"
	withheld=$(vif_count g1 tx_maps_withheld)
}

# Of a backend that keeps some pages for long BQL must not expect them first.
bql_began_anew() { [ "$(port_count g1 tx_bql_restarts)" -gt 0 ]; }

copies() { [ "$(mode_of g1 tx)" = copy ]; }

# Its packets have pages of another connection.
refused() {
	local said
	said=$(near_run "echo map >/sys/class/net/$vif/splitnet/tx_mode" 2>&1)
	remark "$said"
	[[ "$said" = *"Input/output error"* ]] && copies
}

# What the toolstack does to a device whose frontend does not let go.
take_away() {
	local start=${EPOCHREALTIME/./} took
	xl pause g1 && xenstore-rm "$(vif_path g1)" &&
		wait_until 10 vif_gone "$1" || return 1
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	remark "gone after $took ms"
	echo "$took" >"$gone_ms"
}

# Its connection is to be kept for the next driver, so it waits for what is lent,
# whoever holds that.
unbind() {
	near_start unbind "echo vif-$(guest_domid g1)-0 \
		>/sys/bus/xen-backend/drivers/splitnet-netback/unbind"
	sleep 2
	kill -0 "$(</run/lab/unbind.pid)"
}

# The device is taken away meanwhile: there is nothing to be kept.
taken_in_unbind() {
	xenstore-rm "$(vif_path g1)"
	near_finish unbind 20
}

returned() { [ "$(lent)" = 0 ]; }

# What waits for the guest behind it is dropped.
down_and_up() {
	near_run "ip link set $(vif_of g2) down" && wait_until 10 returned &&
		near_run "ip link set $(vif_of g2) up"
}

# Half a second for all of them, and not for each.
queues_wait_as_one() { [ "$(<"$gone_ms")" -lt $((500 * queues)) ]; }

no_zombies() { ! xl list | grep -q '(null)'; }

near_up rx_drain_timeout_msecs=600000 rx_stall_timeout_msecs=0 max_queues=4 ||
	fail "the backend does not load"
queues=4
withheld=0
gone_ms=/tmp/gone-ms
near_start iperf3 'iperf3 -s'
need "g1 comes up" guest_create g1 vcpus="$queues"
need "g2 comes up" guest_create g2
vif=$(vif_of g1)
need "g1 lends its pages" mode_set g1 tx map
if [ "$LAB_FRONT" = ours ]; then
	lend
	check "its queues began to send anew" bql_began_anew
	check "g1's frontend comes anew while g2 holds them" \
		guest_front_reload g1
	check "it copies until they are back" copies
	check "to map is refused until then" refused
	check "that harms nothing" wait_until 10 guest_reachable g1
	xl unpause g2
	check "g1 lends again once they are" wait_until 30 mode_set g1 tx map
	uncounted=$(lent)
fi
lend
check "an interface that is set down lets go of them" down_and_up
xl unpause g2
lend
check "g1 copies from now on" mode_set g1 tx copy
check "its pages are held as before" held
check "it lends once more" mode_set g1 tx map
check "its pages are held as before" held
check "so are some of each queue's" all_lend
check "its vif can be taken away" take_away "$vif"
check "its queues are waited for together" queues_wait_as_one
check "other vifs are served meanwhile" mode_set g2 tx map
xl unpause g2
xl unpause g1
check "g2 is reached again" wait_until 20 guest_reachable g2
check "TCP into g2" tcp_to g2 4194304
check "TCP out of g2" tcp_from g2 4194304
if [ "$LAB_BACKEND" != driver ]; then
	guest_destroy g1
	need "g1 comes anew" guest_create g1 vcpus="$queues"
	vif=$(vif_of g1)
	withheld=0
	uncounted=0
	need "g1 lends its pages" mode_set g1 tx map
	lend
	check "an unbind waits for them" unbind
	check "it waits no more when the device is taken away" taken_in_unbind
	check "other vifs are served after that" mode_set g2 tx copy
	xl unpause g2
fi
for name in g1 g2; do
	check "$name is destroyed" guest_destroy "$name"
done
check "nothing is left of them" wait_until 20 no_zombies
check "the backend is unloaded" back_unload
finish
