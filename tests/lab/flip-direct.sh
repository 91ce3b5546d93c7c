#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: from guest to guest, pages are given on as they are
# seconds: 300 900
# shape: rx_mode=flip
#
# What one guest sent was copied into pages of netback's. Where a whole page of
# it goes to another guest that takes flips, this very page goes; every byte is
# right, no page is lost, and pages that somebody else has still are left alone.
. /lab/tests/lib.sh

bytes=$(($(thin 1073741824 33554432) / $(debug_slower 4)))

flips_work || {
	skip "no flips with this pair"
	finish
}

between() {
	guest_run "$1" "net-tool tcp-send $(guest_ip "$2") 5001 $3 5" \
		"$TRANSFER_S"
}

both_copy() { mode_set g1 rx copy && mode_set g2 rx copy; }
both_flip() { mode_set g1 rx flip && mode_set g2 rx flip; }

near_up || fail "the backend does not load"
need "a guest comes up" guest_create g1
need "another guest comes up" guest_create g2
# TCP fits a segment to the speed: on a slow machine it would have no whole page.
for name in g1 g2; do
	need "$name sends segments of many pages" guest_run "$name" \
		'echo 40 >/proc/sys/net/ipv4/tcp_min_tso_segs'
done
check "they reach each other" between g1 g2 1048576
need "both copy" both_copy
pages_snapshot g1 g2 >/run/lab/pages-before
cat /run/lab/pages-before

need "both take flips" both_flip
check "a stream from guest to guest" between g1 g2 "$bytes"
check "... and back" between g2 g1 "$bytes"
check "ping of every size between them" guest_run g1 \
	"net-tool ping $(guest_ip g2) 0 9000 $(thin 7 211)" "$TRANSFER_S"
for name in g1 g2; do
	direct=$(vif_count "$name" rx_flips_direct)
	staged=$(vif_count "$name" rx_flips_staged)
	remark "$name: $direct pages flipped as they were, $staged copied"
	check "$name: most of a stream's pages are not copied" \
		[ "$direct" -gt $((bytes / 4096 / 2)) ]
	check "$name: what was given was taken" \
		wait_until 5 flips_agree "$name"
	check "$name: none was refused" \
		[ "$(vif_count "$name" rx_flips_refused)" = 0 ]
	check "$name: none was lost" \
		[ "$(vif_count "$name" rx_flips_lost)" = 0 ]
done

# A page that somebody else still reads must stay.
need "what goes to g2 is listened to" \
	near_start tap "net-tool tap $(vif_of g2)"
check "a stream that is listened to" between g1 g2 "$bytes"
check "the listener listens to the end" near_kill tap

# The pages of a guest that lends them are not netback's to give.
need "g1 lends its pages" mode_set g1 tx map
before=$(vif_count g2 rx_flips_direct)
check "a stream of lent pages" between g1 g2 8388608
check "none of them was given away" \
	[ "$(vif_count g2 rx_flips_direct)" = "$before" ]
need "g1 lends no more" mode_set g1 tx copy

need "both copy again" both_copy
check "everyone has the pages that they had" \
	pages_settle /run/lab/pages-before g1 g2
finish
