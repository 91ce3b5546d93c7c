# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The library of the scenarios, which run in dom0.
#
# Nothing in it sleeps and hopes: whatever takes time is waited for, bounded.

. /lab/params
. /lab/tests/lib/verdict.sh
. /lab/tests/lib/backend.sh
. /lab/tests/lib/guest.sh
. /lab/tests/lib/traffic.sh
. /lab/tests/lib/modes.sh
. /lab/tests/lib/leaks.sh
. /lab/tests/lib/sidecore.sh
. /lab/tests/lib/debug.sh

# Back to how dom0 was before the job; fails when something does not let go.
clean_up() {
	local name
	killall -q -9 net-tool iperf3 rate-tool traffic-tool
	for name in $(xl list | awk 'NR > 1 && $2 != 0 { print $1 }'); do
		guest_destroy "$name"
	done
	wait_until 20 no_vifs || return 1
	ip link set br0 mtu 1500 up
	back_unload
}
