#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Windows under Xen: the pairs, placements and paths of the host's list, in
# its order. A guest's neighbours are idle.
# shellcheck disable=SC2034,SC2154 # what sourced files use, or set
. /lab/tests/compare/measure.sh
. /lab/tests/compare/guests.sh
. /lab/tests/measure/window.sh

offloads_now=on
placement_now=
modes_now=-

# offloads_be on|off|16k, at every device of dom0 and the guests
offloads_be() {
	[ "$offloads_now" != "$1" ] || return 0
	case "$1" in
	off) offloads off ;;
	on) offloads on && pieces_be 65535 ;;
	16k) offloads on && pieces_be 16384 ;;
	esac || return 1
	offloads_now=$1
}

# pieces_be BYTES: what is sent in one piece at most. netfront takes no limit
# above its own, and is left alone at first.
pieces_now=65535
pieces_be() {
	local name
	[ "$pieces_now" != "$1" ] || return 0
	for name in $all; do
		guest_ask "$name" "/usr/bin/ip link set dev eth0 \
			gso_max_size $1 && echo well" |
			grep -qx well || return 1
	done
	gso_limit "$1" br0 "${vif[@]}" || return 1
	pieces_now=$1
}

placement_be() {
	[ "$placement_now" != "$1" ] || return 0
	guests_place "$1" || return 1
	[ "$1" != sidecore ] || irqs_to "$SIDECORE" eth0 || return 1
	placement_now=$1
}

# LABEL PLACEMENT PAIR PATH DIRECTION KIND SIZE OFFLOADS CACHE MODES WARM COUNT
prepare() {
	local client peer name
	read -r client peer <<<"$(guests_of "$3")"
	placement_be "$2" && offloads_be "$8" || return 1
	[ "$3" != none ] || return 0
	if [ "${10}" != "$modes_now" ] || [ "${10}" != - ]; then
		for name in $client $peer; do
			modes_be "$name" "${10}" || return 1
		done
		modes_now=${10}
	fi
}

traffic() {
	local client peer host
	# dom0 itself ends the traffic, its guests idle.
	if [ "$3" = none ]; then
		traffic-tool run "$number" "$9" "$FAR_IP" 5203 "$6" "$5" "$7" \
			"${11}" "${12}"
		return
	fi
	read -r client peer <<<"$(guests_of "$3")"
	case "$4" in
	dom0) host=$NEAR_IP ;;
	inter) host=$FAR_IP ;;
	intra) host=${ip[$peer]} ;;
	esac
	guest_ask "$client" "traffic-tool run $number $9 $host 5203 $6 $5 $7 \
		${11} ${12} 2>&1"
}

guests_setup
start_servers
# shellcheck disable=SC2086 # words
need "the code's symbols are saved" symbols_save $all
windows_run
finish
