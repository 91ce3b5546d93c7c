#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: the transfer modes are switched under traffic, from either end
# seconds: 420 1200
#
# A mode is chosen per vif while it runs. It is in use within a second: the guest
# keeps its interface and its TCP connections, every byte stays right, and what
# is not possible is refused and changes nothing.
. /lab/tests/lib.sh

rounds=$(thin 50 4)

[ "$LAB_BACK" = ours ] || {
	skip "the stock backend has no modes to switch"
	finish
}

# Have another mode, and note how many milliseconds the write took.
switch() {
	local file
	file=/sys/class/net/$(vif_of g1)/splitnet/$1_mode
	near_run "start=\${EPOCHREALTIME/./}
		echo $2 >$file || exit 1
		echo \$(((\${EPOCHREALTIME/./} - start) / 1000))" \
		>>/run/lab/took || return 1
	[ "$(mode_of g1 "$1")" = "$2" ]
}

# Of all switches; a single one may have met a busy machine.
median_ms() {
	sort -n /run/lab/took | awk '{ ms[NR] = $1 }
		END { print ms[int((NR + 1) / 2)] }'
}

refused() {
	local file
	file=/sys/class/net/$(vif_of g1)/splitnet/$1_mode
	! near_run "echo $2 >$file" 2>/dev/null && [ "$(mode_of g1 "$1")" = "$3" ]
}

front_set() {
	guest_run g1 "echo $1 >/sys/class/net/eth0/splitnet/rx_mode" &&
		[ "$(mode_of g1 rx)" = "$1" ]
}

# A guest that does not follow is waited for, but not for ever.
waited_in_vain() {
	local said
	said=$(near_run "echo $1 >/sys/class/net/$vif/splitnet/rx_mode" 2>&1)
	remark "$said"
	[[ "$said" = *"Connection timed out"* ]]
}

# Whoever changes his mind then does not wait for it either.
wished_at_once() {
	near_run "timeout 2 \
		bash -c 'echo $1 >/sys/class/net/$vif/splitnet/rx_mode'"
}

both_right() {
	tcp_to g1 1048576 && tcp_from g1 1048576 && flood_flows g1
}

rx_modes=copy
! flips_work || rx_modes='flip copy'

near_up && guest_create g1 || fail "the pair does not come up"
index=$(guest_run g1 'cat /sys/class/net/eth0/ifindex')
need "traffic flows both ways" flood_up g1
need "both directions move" flood_flows g1

for tx in map copy; do
	for rx in $rx_modes; do
		need "Tx $tx" switch tx $tx
		need "Rx $rx" switch rx $rx
		check "all is right with Tx $tx, Rx $rx" both_right
	done
done
check "pages were mapped" vif_counted g1 tx_maps
check "... and unmapped again" wait_until 5 maps_agree g1
! flips_work || check "pages were flipped" vif_counted g1 rx_flips_staged

check "a mode that is none is refused" refused rx bogus copy
check "... also for Tx" refused tx flip copy
flips_work || check "a flip is refused where it cannot be" refused rx flip copy

if flips_work; then
	need "back to a flip" switch rx flip
	check "the guest asks for copies" front_set copy
	check "... and for flips" front_set flip
	check "all is right after that" both_right
	vif=$(vif_of g1)
	xl pause g1
	check "a paused guest is waited for, and not for ever" \
		waited_in_vain copy
	check "a wish after that is one for later" wished_at_once flip
	xl unpause g1
	check "it is what the guest comes to" wait_until 10 mode_came g1 rx flip
	check "all is right after that, too" both_right
fi

for ((i = 1; i <= rounds; i++)); do
	switch tx map && switch tx copy || fail "Tx, round $i"
	! flips_work || { switch rx copy && switch rx flip; } ||
		fail "Rx, round $i"
done
ok "switched $rounds times there and back"
remark "a switch took $(median_ms) ms, at most" \
	"$(sort -n /run/lab/took | tail -n 1) ms"
check "a switch takes less than a second" \
	[ "$(median_ms)" -lt $((1000 * $(debug_slower 10))) ]
check "all is right in the end" both_right
check "the guest kept its interface" [ "$index" = \
	"$(guest_run g1 'cat /sys/class/net/eth0/ifindex')" ]
check "the traffic was right to the end" flood_down g1
finish
