#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: both ends' sysfs attributes are those that docs/ABI documents
# seconds: 90 90
#
# Every documented attribute is there, with the documented access, and answers;
# none is there that is not documented.
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

mode_is() { [ "$(cat "/sys/class/net/$vif/splitnet/$1")" = "$2" ]; }

near_up && guest_create g1 || fail "the pair does not come up"
vif=$(vif_of g1)
check "the backend's attributes are the documented ones" \
	same "$(documented vif)" "$(near_run "${there/DEV/$vif}")"
check "the frontend's attributes are the documented ones" \
	same "$(documented interface)" "$(guest_run g1 "${there/DEV/eth0}")"
check "each of the backend's answers" back_answers
check "what is not chosen is copied, Tx" mode_is tx_mode copy
check "what is not chosen is copied, Rx" mode_is rx_mode copy
check "the guest is destroyed" guest_destroy g1
finish
