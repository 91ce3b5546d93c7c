#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: one guest, one ping each way
# seconds: 120
#
# The smallest thing that can work; everything else starts from here.
. /lab/tests/lib.sh

need "the backend loads" near_up
need "a guest comes up" guest_create g1
check "the near end pings the guest" \
	near_run "ping -c 3 -i 0.2 -W 2 $(guest_ip g1)"
check "the guest pings the near end" \
	guest_run g1 "ping -c 3 -i 0.2 -W 2 $NEAR_IP"
check "the guest is destroyed" guest_destroy g1
finish
