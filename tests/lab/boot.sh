#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: one guest, one ping each way
# seconds: 120
#
# The smallest thing that can work; everything else starts from here.
. /lab/tests/lib.sh

need "the backend loads" back_load "$LAB_BACK"
need "a guest comes up" guest_create g1
check "dom0 pings the guest" ping -c 3 -W 2 "$(guest_ip g1)"
check "the guest pings dom0" guest_run g1 'ping -c 3 -W 2 10.0.0.1'
check "the guest is destroyed" guest_destroy g1
check "the backend unloads" back_unload
finish
