#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: Xen runs out of memory while pages are flipped
# seconds: 300 300
# shape: rx_mode=flip
#
# What netback gives away it replaces out of Xen's memory, and a guest may be
# there that takes all of it as soon as there is any. Then packets are dropped
# and counted, and nothing worse, even if the mode is changed meanwhile: once
# more pages lack memory than a queue has, there are copies instead. When memory
# returns so does the traffic, and in the end everyone has what they began with.
. /lab/tests/lib.sh

# More than there is.
limit_mb=4096

flips_work || {
	skip "no flips with this pair"
	finish
}

hog_up() {
	xl mem-max g2 "$limit_mb" && guest_hypercalls g2 &&
		guest_start g2 hog 'hostile hog'
}

# What it takes piece by piece, where the rest was in large ones.
none_left() { [ "$(heap_kb)" -lt 1024 ]; }

# Each connection that flips may leave pages without memory behind, a queue's
# at each end.
flips_end() {
	local before
	for _ in {1..5}; do
		before=$(vif_count g1 rx_flips_starved)
		mode_set g1 rx flip || break
		wait_until 20 vif_counted g1 rx_flips_starved "$before"
		mode_set g1 rx copy || return 1
	done
	pages_snapshot g1
	[ "$(mode_of g1 rx)" = copy ] && ! mode_set g1 rx flip
}

near_up && guest_create g1 || fail "the pair does not come up"
need "a guest that is to take all memory" guest_create g2 vif=0
# Counted without that guest, but with what Xen keeps once there was one.
need "... goes" guest_destroy g2
need "back to copies" mode_set g1 rx copy
pages_snapshot g1 >/run/lab/pages-before
cat /run/lab/pages-before

need "... and comes again" guest_create g2 vif=0
need "flips" mode_set g1 rx flip
need "traffic flows both ways" flood_up g1
need "both directions move" flood_flows g1
check "no packet lacked a page so far" \
	[ "$(vif_count g1 rx_flips_starved)" = 0 ]
blamed=$(vif_count g1 rx_bad_grant)
need "memory is being taken" hog_up
check "there is none left" wait_until 60 none_left
check "packets lack pages, and are counted" \
	wait_until 30 vif_counted g1 rx_flips_starved
remark "$(vif_count g1 rx_flips_starved) slots without a page," \
	"$(vif_count g1 rx_dropped) packets dropped"
check "the guest is not blamed for it" \
	[ "$(vif_count g1 rx_bad_grant)" = "$blamed" ]
need "back to copies, with pages missing" mode_set g1 rx copy
check "those need no memory of Xen's" tcp_to g1 1048576
check "after some more connections there are no more flips" flips_end
check "... but copies" tcp_to g1 1048576
check "memory returns" guest_destroy g2
need "flips again" wait_until 20 mode_set g1 rx flip

need "a guest that is to take all memory once more" guest_create g2 vif=0
starved=$(vif_count g1 rx_flips_starved)
need "memory is being taken" hog_up
check "packets lack pages" \
	wait_until 60 vif_counted g1 rx_flips_starved "$starved"
check "memory returns" guest_destroy g2
check "so does the traffic" wait_until 60 flood_flows g1
check "TCP into the guest" tcp_to g1 8388608
check "TCP out of the guest" tcp_from g1 8388608
check "the traffic was right to the end" flood_down g1
need "back to copies" mode_set g1 rx copy
check "everyone has the pages that they had" \
	pages_settle /run/lab/pages-before g1
finish
