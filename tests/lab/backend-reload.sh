#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: the backend module is unloaded and loaded while the guest runs
# seconds: 180 300
#
# An update of the backend must not cost the guests their network: the vif
# goes, the frontend waits, and when the module is back the link returns by
# itself. Only the bridge has to be told again, as the toolstack's script ran
# once. The stock frontend does not answer a backend that starts over.
. /lab/tests/lib.sh

near_up && guest_create g1 || fail "the pair does not come up"
need "traffic flows both ways" flood_up g1
need "both directions move" flood_flows g1

reload() {
	back_unload || return 1
	wait_until 20 no_vifs || return 1
	back_load "$LAB_BACK" || return 1
	[ "$LAB_FRONT" = ours ] || return 0
	vif_up g1 && wait_until 30 guest_reachable g1
}

for ((i = 1; i <= $(thin 10 3); i++)); do
	check "reload $i" reload || break
	if [ "$LAB_FRONT" = stock ]; then
		skip "the link returns" "the stock frontend stays away"
		break
	fi
	check "traffic is back after reload $i" flood_flows g1 || break
done
near_kill flood-g1
finish
