#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: connections, modules and guests come and go under a polling side-core
# seconds: 480 600
# shape: dom0_vcpus=2
#
# While workers poll, in dom0 and in the guest, and ask for no event: the
# transfer modes are changed, the frontend is reloaded, the backend is
# reloaded, the guest is destroyed. The settings of a vif outlive its
# connections; a new vif has those of the module's parameters. A guest that panics
# needs no thread for its last words.
. /lab/tests/lib.sh

[ "$LAB_BACK" = ours ] || {
	skip "the stock backend has no side-cores"
	finish
}

defaults="offload=sidecore sidecore_cpus=$SIDECORE notify=poll"

# Traffic flows, and the worker works.
served() {
	local ns
	sidecore_is g1 offload sidecore && sidecore_is g1 notify poll ||
		return 1
	ns=$(sidecore_ns) && flood_flows g1 &&
		[ "$(sidecore_ns)" -gt $((ns + 10000000)) ]
}

# So does netfront's, as its module's parameters said.
guest_polls() {
	guest_run g1 'cd /sys/class/net/eth0/splitnet &&
		[ "$(cat offload) $(cat sidecore_cpus) $(cat notify)" = \
			"sidecore 0 poll" ]'
}

front_reload() {
	local module='xen_netfront' load='modprobe xen-netfront'
	[ "$LAB_FRONT" != ours ] || {
		module=netfront
		load='insmod /lab/ours/netfront.ko offload=sidecore \
			sidecore_cpus=0 notify=poll'
	}
	guest_run g1 "/lab/module-unload $module" &&
		guest_run g1 "$load" &&
		guest_address g1 && wait_until 20 guest_reachable g1
}

# shellcheck disable=SC2086 # words
near_up $defaults && sidecore_guest g1 || fail "the pair does not come up"
need "traffic flows both ways" flood_up g1
# Pollers and traffic leave little of the CPUs to whoever is to look at them.
renice -n -20 -p $$ >/dev/null
need "a polling worker serves it" served

check "the frontend is reloaded" front_reload
[ "$LAB_FRONT" = stock ] || check "it polls, too" guest_polls
need "the worker serves the next frontend" served

check "Tx goes to map" mode_set g1 tx map
check "the worker serves it" served
check "Tx goes to copy" mode_set g1 tx copy
if flips_work; then
	check "Rx goes to flip" mode_set g1 rx flip
	check "the worker serves it" served
	check "Rx goes to copy" mode_set g1 rx copy
	check "the guest still polls" guest_polls
fi
check "the worker serves it" served
check "no byte was wrong" flood_down g1
guest_kill g1 flood

need "traffic flows both ways" flood_up g1
check "the backend is unloaded, with polling workers" back_unload
check "so is the worker" no_worker
# shellcheck disable=SC2086
check "the backend is loaded" back_load ours $defaults
check "the guest is reached again" wait_until 30 guest_reachable g1
check "a worker serves it" served
check "offload goes off" sidecore_set g1 offload off
check "traffic flows" flood_flows g1
check "offload goes on" sidecore_set g1 offload sidecore
check "the worker serves it" served
check "the guest is destroyed, with a worker at work" guest_destroy g1
check "the worker is gone with it" wait_until 10 no_worker
near_kill flood-g1

unheard() { awk '$1 == "Udp:" && $3 != "NoPorts" { print $3 }' /proc/net/snmp; }

# Nobody but the one CPU, which panics, is left to take back what was sent. Nor
# does anybody here listen to it. It does not wait long for a busy backend, so
# half of its words are enough.
last_words() {
	local before heard said
	sidecore_guest g1 vcpus=1 \
		front_params=offload=sidecore,sidecore_cpus=0 || return 1
	guest_run g1 "modprobe netconsole \
		netconsole=@$(guest_ip g1)/eth0,@$NEAR_IP/$(</sys/class/net/br0/address)" ||
		return 1
	before=$(unheard)
	guest_run g1 'echo c >/proc/sysrq-trigger' 5
	wait_until 20 guest_gone g1 && guest_crash_expected g1 || return 1
	heard=$(($(unheard) - before))
	said=$(grep -A 1000 'sysrq: Trigger a crash' \
		"$(guest_console g1).expected" | wc -l)
	echo "$heard of $said lines came"
	[ "$said" -gt 10 ] && [ $((2 * heard)) -ge "$said" ]
}

[ "$LAB_FRONT" = stock ] ||
	check "a panicking guest with a side-core is heard" last_words
finish
