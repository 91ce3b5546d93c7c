#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: three guests take flips at once, and one of them dies of it
# seconds: 300 600
# shape: rx_mode=flip
#
# A page that one guest sent goes to the next, whose own goes on to the third,
# while the near end gives pages to them all. Every byte is right, every page
# that was given is one that was taken, and all are where they were in the end,
# also those that were on their way to the guest that was killed.
. /lab/tests/lib.sh

bytes=$(thin 67108864 8388608)

flips_work || {
	skip "no flips with this pair"
	finish
}

# all_modes flip|copy GUEST...
all_modes() {
	local mode=$1 name
	shift
	for name in "$@"; do
		mode_set "$name" rx "$mode" || return 1
	done
}

near_up || fail "the backend does not load"
for name in g1 g2 g3; do
	need "guest $name comes up" guest_create "$name"
done
check "they reach each other" ring_start 65536
for name in g1 g2 g3; do
	check "$name to its neighbour" guest_finish "$name" ring "$TRANSFER_S"
done
need "all copy" all_modes copy g1 g2 g3
pages_snapshot g1 g3 >/run/lab/pages-before
cat /run/lab/pages-before

need "all take flips" all_modes flip g1 g2 g3
need "six transfers start" ring_start "$bytes"
for name in g1 g2 g3; do
	check "$name to its neighbour" guest_finish "$name" ring "$TRANSFER_S"
	check "the near end to $name" near_finish "to-$name" "$TRANSFER_S"
done
for name in g1 g2 g3; do
	remark "$name: $(vif_count "$name" rx_flips_direct) pages flipped as" \
		"they were, $(vif_count "$name" rx_flips_staged) copied"
	check "$name: pages were given to it" \
		vif_counted "$name" rx_flips_staged
	check "$name: what was given was taken" \
		wait_until 5 flips_agree "$name"
	check "$name: none was refused" \
		[ "$(vif_count "$name" rx_flips_refused)" = 0 ]
	check "$name: none was lost" \
		[ "$(vif_count "$name" rx_flips_lost)" = 0 ]
done

need "six transfers start" ring_start 1073741824
need "g2 takes pages" wait_until 20 vif_counted g2 rx_flips_staged \
	"$(vif_count g2 rx_flips_staged)"
check "g2 is killed" guest_destroy g2
for name in g1 g3; do
	guest_kill "$name" ring
	near_kill "to-$name"
done
near_kill to-g2
check "g1 goes on" tcp_to g1 "$bytes"
check "g3 goes on" tcp_to g3 "$bytes"
need "both copy" all_modes copy g1 g3
need "g2 is there again" guest_create g2
need "it copies, too" mode_set g2 rx copy
# To Xen, g2 is another one: it needs a page more or less for that.
check "everyone has the pages that they had" \
	wait_until 20 pages_near /run/lab/pages-before 12 g1 g3
finish
