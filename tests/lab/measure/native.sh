#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Windows without Xen: between two network namespaces over a veth pair (the
# paths intra and dom0), and beyond the NIC (inter).
# shellcheck disable=SC2034,SC2154 # what sourced files use, or set
. /lab/tests/compare/measure.sh
. /lab/tests/compare/bare.sh
. /lab/tests/measure/window.sh

offloads_now=on

offloads_be() {
	local limit=65536
	[ "$offloads_now" != "$1" ] || return 0
	if [ "$1" = off ]; then
		offloads off || return 1
	else
		[ "$offloads_now" != off ] || offloads on || return 1
		[ "$1" != 16k ] || limit=16384
		ip -n g1 link set dev v1 gso_max_size "$limit" &&
			ip -n g2 link set dev v2 gso_max_size "$limit" ||
			return 1
	fi
	offloads_now=$1
}

prepare() { offloads_be "$8"; }

traffic() {
	local wrap='inside g1' host=10.0.1.2
	[ "$4" != inter ] || wrap='' host=$FAR_IP
	$wrap traffic-tool run "$number" "$9" "$host" 5203 "$6" "$5" "$7" \
		"${11}" "${12}"
}

bare_setup
need "the code's symbols are saved" symbols_save
windows_run
bare_undo
finish
