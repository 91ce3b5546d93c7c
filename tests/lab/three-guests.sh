#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: three guests at once, each with each other and with the near end
# seconds: 300 600
#
# Guest to guest a packet passes the backend twice, and its pages belong to
# one guest while they are given to another. Nobody may starve: all transfers
# run at the same time and all must end within their bound.
. /lab/tests/lib.sh

bytes=$(($(thin 67108864 8388608) / $(debug_slower 8)))
near_up || fail "the backend does not load"
for name in g1 g2 g3; do
	need "guest $name comes up" guest_create "$name"
done

need "six transfers start" ring_start "$bytes"
for name in g1 g2 g3; do
	check "$name to its neighbour" guest_finish "$name" ring "$TRANSFER_S"
	check "the near end to $name" near_finish "to-$name" "$TRANSFER_S"
	check "$name to the near end" tcp_from "$name" "$bytes"
done
check "g1 pings g3 in every size" guest_run g1 \
	"net-tool ping $(guest_ip g3) 0 9000 $(thin 7 211)" "$TRANSFER_S"
check "one guest goes" guest_destroy g2
check "the others go on" tcp_to g3 "$bytes"
finish
