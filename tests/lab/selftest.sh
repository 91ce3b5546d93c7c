#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: each ending is provoked and must be told from the others
# seconds: 90
# endings: pass=pass fail=fail leak=fail guest-panic=crash dom0-panic=crash xen-panic=crash hang=timeout
# full-endings: dom0-hang=timeout
#
# A lab that calls a hang a failure, or a crash in a guest a success, tells
# lies about every other scenario. LAB_WAY says how to end.
. /lab/tests/lib.sh

# A guest's console reaches its log a moment after the guest is gone.
guest_dies() {
	guest_create g1 vif=0 front=none || fail "no guest"
	guest_run g1 "$1" 10
	wait_until 20 guest_gone g1
	wait_until 20 grep -q 'Kernel panic' "$(guest_console g1)"
}

case "$LAB_WAY" in
pass) ok "a check that holds" ;;
fail) check "a check that does not hold" false ;;
leak) head -c 60000000 /dev/zero >/run/leak ;;
guest-panic) guest_dies 'echo c >/proc/sysrq-trigger' ;;
dom0-panic) echo c >/proc/sysrq-trigger ;;
xen-panic)
	# The watchdog's port 0x443: fire after two seconds (code 14).
	printf '\016' | dd of=/dev/port bs=1 seek=$((0x443)) conv=notrunc
	sleep 20
	;;
hang) sleep 1d ;;
dom0-hang)
	# Nobody is left to end the job, so the host has to.
	kill -STOP "$PPID" $$
	;;
esac
finish
