#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: whatever ends a flip early, no page is lost and none is gained
# seconds: 600 1500
# shape: rx_mode=flip
#
# Pages change their owner, so each way for a flip to fail is a way to lose
# memory: the frontend goes with its slots posted, the backend goes with its
# pages given away, the mode is changed, the guest is saved and restored, or dies
# while pages are on their way to it. After each, both domains must have as many
# pages as before, and Xen's heap as many kilobytes, but for what Xen itself
# needs for another guest.
. /lab/tests/lib.sh

deaths=$(thin 20 4)

flips_work || {
	skip "no flips with this pair"
	finish
}

settled() { pages_settle /run/lab/pages-before g1; }

# Xen itself needs a page or two more for one guest than for the next, also
# where they copy. A death that loses pages loses one at least, a restored guest
# all that were posted.
settled_about() { wait_until 20 pages_near /run/lab/pages-before 12 g1; }

flip_flows() {
	local before
	before=$(vif_count g1 rx_flips_staged)
	flood_flows g1 && vif_counted g1 rx_flips_staged "$before"
}

back_reload() {
	back_unload && wait_until 20 no_vifs && back_load ours &&
		wait_until 30 guest_reachable g1
}

restored() { guest_save_restore g1 && wait_until 30 guest_reachable g1; }

# Killed with pages on their way.
death() {
	flood_up g1 && flip_flows || return 1
	guest_destroy g1 && wait_until 20 no_vifs || return 1
	near_kill flood-g1
	guest_create g1
}

near_up && guest_create g1 || fail "the pair does not come up"
need "flips are in use" [ "$(mode_of g1 rx)" = flip ]
need "traffic flows both ways" flood_up g1
need "it is flipped" flip_flows
need "back to copies" mode_set g1 rx copy
pages_snapshot g1 >/run/lab/pages-before
cat /run/lab/pages-before

need "flips again" mode_set g1 rx flip
need "traffic is flipped" flip_flows
need "back to copies with slots posted" mode_set g1 rx copy
check "no page went astray in a change of modes" settled

need "flips again" mode_set g1 rx flip
need "the frontend is reloaded with slots posted" guest_front_reload g1
need "traffic is flipped" flip_flows
need "back to copies" mode_set g1 rx copy
check "no page went astray in a reload of the frontend" settled

need "flips again" mode_set g1 rx flip
need "traffic is flipped" flip_flows
need "the backend is reloaded with pages given away" back_reload
need "traffic is flipped after that" flip_flows
need "back to copies" mode_set g1 rx copy
check "no page went astray in a reload of the backend" settled

need "flips again" mode_set g1 rx flip
need "traffic is flipped" flip_flows
need "the guest is saved and restored with slots posted" restored
need "flips are in use" [ "$(mode_of g1 rx)" = flip ]
need "traffic is flipped after that" flip_flows
need "back to copies" mode_set g1 rx copy
check "no page went astray in a save and restore" settled_about
flood_down g1

# From here on the guest is another one each time, of the same size.
for ((i = 1; i <= deaths; i++)); do
	mode_set g1 rx flip && death || fail "death in mid-flip, round $i"
done
ok "killed $deaths times in mid-flip"
need "back to copies" mode_set g1 rx copy
check "no page went astray with the dead" settled_about

check "TCP is right in the end" tcp_to g1 8388608
check "the guest is destroyed" guest_destroy g1
finish
