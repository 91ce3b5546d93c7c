#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# offloads.sh on|off DEVICE...: segments in one piece, or one by one. "on" is
# how the device was at first, as a user has it.
# Checksum offload stays as it is: the stock frontend cannot do without, so
# switching it off elsewhere would compare unlike with unlike.
to=$1
shift

features() {
	ethtool -k "$1" | sed -nE 's/^(tcp-segmentation|generic-segmentation|'\
'generic-receive)-offload: (on|off).*/\1 \2/p' |
		sed 's/tcp-seg.* /tso /;s/generic-seg.* /gso /;s/gen.* /gro /'
}

for device in "$@"; do
	first=/run/measure/offloads-$device
	[ -e "$first" ] || features "$device" >"$first"
	wanted=$(cat "$first")
	[ "$to" = on ] || wanted=${wanted// on/ off}
	# shellcheck disable=SC2086 # words
	ethtool -K "$device" $wanted >/dev/null 2>&1
	[ "$(features "$device")" = "$wanted" ] || {
		echo "$device: offloads do not go $to"
		exit 1
	}
done
