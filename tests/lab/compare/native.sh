#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The yardstick: the same kernel on the same NIC without Xen, and for guest to
# guest two network namespaces over a veth pair.
. /lab/tests/compare/measure.sh
. /lab/tests/compare/bare.sh

sample() {
	local value wrap='' host=$FAR_IP
	if [ "$2" = intra ]; then
		# By its path: busybox's timeout knows an ip of its own.
		wrap='/usr/bin/ip netns exec g1' host=10.0.1.2
	fi
	# shellcheck disable=SC2086 # words, or none
	value=$(timeout $((COMPARE_MS / 1000 + SLACK_S)) $wrap \
		sh /run/measure/client.sh "$host" "$3" "$4" "$COMPARE_MS")
	emit_value "$@" "$value"
}

bare_setup
all_samples
bare_undo
finish
