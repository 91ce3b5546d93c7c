#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: on the debug kernel leaks, what was freed, sleeping, deadlocks are told
# seconds: 60
# shape: kernel=debug back=ours front=ours
# builds: FAILING=y
# endings: leak=fail:lost object=crash:Poison page=crash:fault sleep=crash:sleeping locks=crash:circular
#
# No splats and no leaks is what every other scenario says on the debug kernel;
# it means nothing unless mistakes of each kind end a run. So netback makes one,
# on purpose, and LAB_WAY says which.
. /lab/tests/lib.sh

# shellcheck disable=SC2034 # back_load uses it
LAB_BUILD=FAILING=y

near_up || fail "the backend does not load"
echo "$LAB_WAY" >/sys/module/netback/parameters/misdeed || fail "no misdeed"
ok "there is a mistake"
finish
