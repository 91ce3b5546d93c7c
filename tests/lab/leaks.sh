#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: nothing grows: guests come, carry traffic and go, many times
# seconds: 300 900
#
# Every scenario ends with a look at what it left behind, but one round may
# hide a small leak behind what first use allocates. Here one round warms up,
# and what is in use after it must be in use after the last.
. /lab/tests/lib.sh

rounds=$(thin 10 2)

round() {
	near_up && guest_create g1 && flood_up g1 && flood_flows g1 || return 1
	flood_down g1
	guest_destroy g1 && wait_until 20 no_vifs && back_unload || return 1
	killall -q -9 net-tool
	true
}

need "a first round" round
leaks_snapshot >/run/lab/leaks-warm
cat /run/lab/leaks-warm
for ((i = 1; i <= rounds; i++)); do
	round || fail "round $i"
done
ok "$rounds rounds of a guest's life"
leaks_snapshot >/run/lab/leaks-end
check "nothing grew" leaks_compare /run/lab/leaks-warm /run/lab/leaks-end
finish
