#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: very many flips, every byte of them checked
# seconds: 300 3600
# shape: rx_mode=flip
#
# One wrong frame, one stale translation, one page counted twice in a million
# would go unseen in a short run.
. /lab/tests/lib.sh

flips=$(thin 1000000 20000)
chunk=$(thin 268435456 33554432)

flips_work || {
	skip "no flips with this pair"
	finish
}

counts_agree() {
	[ "$(vif_count g1 rx_flips_staged)" -gt 0 ] &&
		[ "$(vif_count g1 rx_flips_staged)" = \
			"$(port_count g1 rx_flips_taken)" ]
}

near_up && guest_create g1 || fail "the pair does not come up"
check "ping of every size" ping_every_size g1 v4
check "UDP of every size with fragments" udp_sizes g1 v4 "$(thin 1 157)"
need "back to copies" mode_set g1 rx copy
pages_snapshot g1 >/run/lab/pages-before
need "flips" mode_set g1 rx flip

until vif_counted g1 rx_flips_staged "$flips"; do
	tcp_to g1 "$chunk" || fail "TCP into the guest"
done
ok "$(vif_count g1 rx_flips_staged) pages flipped, all bytes right"
check "TCP out of the guest" tcp_from g1 8388608
check "what was given was taken" wait_until 5 counts_agree
check "none was refused" [ "$(vif_count g1 rx_flips_refused)" = 0 ]
check "none was lost" [ "$(vif_count g1 rx_flips_lost)" = 0 ]
need "back to copies" mode_set g1 rx copy
check "both domains and Xen have the pages that they had" \
	pages_settle /run/lab/pages-before g1
finish
