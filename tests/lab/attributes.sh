#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: both ends' sysfs attributes and counters are the documented ones
# seconds: 180
#
# Every attribute of docs/ABI is there, with the documented access, and answers;
# none is there that is not documented. So it is with what ethtool -S counts,
# docs/counters.md and, for faults, docs/design.md. What else ethtool asks of a
# driver is answered, the modules' parameters of the modes take modes only, and
# who is root in a container only may write none.
. /lab/tests/lib.sh

[ "$LAB_BACK" = ours ] && [ "$LAB_FRONT" = ours ] || {
	skip "the stock drivers have no such attributes"
	finish
}

abi=/lab/docs/sysfs-class-net-splitnet

# "name access" of each attribute under the given placeholder of the document.
documented() {
	awk -v end="/sys/class/net/<$1>/splitnet/" '
		/^[A-Z][A-Za-z]*:/ { named = /^What:/ }
		/^What:/ { count = 0 }
		named && index($NF, end) == 1 {
			name[count++] = substr($NF, length(end) + 1)
		}
		/^Description:/ {
			access = $2 == "(read/write)" ? 644 : 444
			for (i = 0; i < count; i++)
				print name[i], access
		}' "$abi" | sort
}

there='cd /sys/class/net/DEV/splitnet && stat -c "%n %a" * | sort'

# The names that a row has between backquotes, a line each.
quoted() { grep -o '`[a-z0-9_]*`' | tr -d '`'; }

# The counters of one end: those of both and its own, and its faults.
documented_counters() {
	{
		awk -v end="$1" '
			/^## / { mine = $2 == end }
			!/^## / && /^\| `/ && (mine || !section)
			/^## / { section = 1 }' /lab/docs/counters.md |
			cut -d'|' -f2 | quoted
		grep -E "^\\| \`.*\\| $1 \\|" /lab/docs/design.md |
			cut -d'|' -f2 | quoted
	} | sort
}

counters='ethtool -S DEV | sed -En "s/^ +(queue_0_)?([a-z0-9_]+): .*/\\2/p" | sort'

same() {
	local want=$1 got=$2
	[ -n "$want" ] && [ "$want" = "$got" ] && return
	echo "documented: $want"
	echo "there: $got"
	return 1
}

back_answers() {
	local file
	for file in /sys/class/net/"$vif"/splitnet/*; do
		# No side-cores is an empty list.
		[ -n "$(cat "$file")" ] ||
			[ "${file##*/}" = sidecore_cpus ] || return 1
	done
}

# For bash at either end: the driver's name, one queue in use, 256 slots a ring.
tells='tells() {
	ethtool -i "$1" | grep -qx "driver: $2" &&
		[ "$(ethtool -l "$1" | grep -c "Combined:.*1$")" = 2 ] &&
		[ "$(ethtool -g "$1" | grep -c "[RT]X:.*256$")" = 4 ]
}'

# A parameter that holds "copy" takes the other mode, and nothing that is none.
takes='takes() {
	cd /sys/module/$1/parameters
	echo "$3" >"$2" && [ "$(cat "$2")" = "$3" ] &&
		! echo bogus >"$2" && [ "$(cat "$2")" = "$3" ] &&
		echo "$4" >"$2" && [ "$(cat "$2")" = "$4" ]
}'

# Who has a network namespace may be given the attributes' files with the device,
# and what is written costs the whole machine: only its administrator may.
# shellcheck disable=SC2016 # for either end
denies='cd /sys/class/net/DEV/splitnet || exit 1
	for file in *; do
		[ "$(stat -c %a "$file")" = 644 ] || continue
		unshare -U bash -c "cat $file >/tmp/value; cat /tmp/value >$file" \
			2>/tmp/said && exit 1
		grep -q "not permitted" /tmp/said || exit 1
	done'

mode_is() { [ "$(cat "/sys/class/net/$vif/splitnet/$1")" = "$2" ]; }

near_up && guest_create g1 || fail "the pair does not come up"
vif=$(vif_of g1)
check "the backend's attributes are the documented ones" \
	same "$(documented vif)" "$(near_run "${there/DEV/$vif}")"
check "the frontend's attributes are the documented ones" \
	same "$(documented interface)" "$(guest_run g1 "${there/DEV/eth0}")"
check "each of the backend's answers" back_answers
check "the backend's counters are the documented ones" \
	same "$(documented_counters netback)" "$(near_run "${counters/DEV/$vif}")"
check "the frontend's counters are the documented ones" \
	same "$(documented_counters netfront)" \
	"$(guest_run g1 "${counters/DEV/eth0}")"
check "ethtool is answered by the backend" \
	near_run "$tells; tells $vif splitnet-netback"
check "ethtool is answered by the frontend" \
	guest_run g1 "$tells; tells eth0 splitnet-netfront"
check "the frontend stamps what it sends" guest_run g1 \
	'ethtool -T eth0 | grep -q software-transmit'
if near_run "unshare -U true"; then
	check "the backend's attributes are not a container's to write" \
		near_run "${denies/DEV/$vif}"
	check "the frontend's attributes are not a container's to write" \
		guest_run g1 "${denies/DEV/eth0}"
else
	skip "attributes are not a container's to write" "no user namespaces"
fi
check "the backend's parameter of Tx takes modes only" \
	near_run "$takes; takes netback tx_mode map copy"
check "the backend's parameter of Rx takes modes only" \
	near_run "$takes; takes netback rx_mode flip copy"
check "the frontend's parameter of Rx takes modes only" \
	guest_run g1 "$takes; takes netfront rx_mode copy flip"
check "what is not chosen is copied, Tx" mode_is tx_mode copy
check "what is not chosen is copied, Rx" mode_is rx_mode copy
check "the guest is destroyed" guest_destroy g1
finish
