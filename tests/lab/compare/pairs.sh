#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Both pairs of drivers in one boot, two guests of each, all idle but those
# whose turn it is: what is compared sees the same host within seconds. The
# guests are moved between the CPUs from one placement to the next.
# shellcheck disable=SC2034,SC2154 # what sourced files use, or set
. /lab/tests/compare/measure.sh
. /lab/tests/compare/guests.sh

sample() {
	local pair=$1 path=$2 client peer host=$FAR_IP ends before value
	backends_turn "$pair" || return 1
	read -r client peer <<<"$(guests_of "$pair")"
	[ "$path" = intra ] || peer=
	# shellcheck disable=SC2086 # a word, or none
	modes_take "$pair" "$client" $peer || return 1
	ends="${vif[$client]} ${ip[$client]}:5202:eth0"
	if [ -n "$peer" ]; then
		host=${ip[$peer]}
		ends="$ends ${vif[$peer]} $host:5202:eth0"
	fi
	# shellcheck disable=SC2086 # words
	before=$(rate-tool counters $ends) || return 1
	value=$(guest_ask "$client" "sh /run/measure/client.sh $host $3 $4 \
		$COMPARE_MS")
	emit_value "$@" "$value" || return 1
	# shellcheck disable=SC2086
	emit_counters "$@" "$value $before $(rate-tool counters $ends)"
}

# modes_take PAIR GUEST...: what is behind the slash, and copy.
modes_take() {
	local pair=$1 rx=copy tx=copy name
	shift
	case "$pair" in
	stock) return ;;
	ours/flip) rx=flip ;;
	ours/map) tx=map ;;
	esac
	for name in "$@"; do
		modes_be "$name" "rx_mode=$rx,tx_mode=$tx" || return 1
	done
}

# From "VALUE PACKETS", and twice "EVENTS HYPERCALLS" of all ends together.
emit_counters() {
	local events hypercalls
	read -r events hypercalls <<<"$(awk '{
		printf "%.5f %.5f\n", ($5 - $3) / $2, ($6 - $4) / $2
		}' <<<"$5")"
	emit "$1 $2 $3 $4 events_per_packet $events"
	# Only our drivers count their hypercalls.
	[ "${1%/*}" != ours ] ||
		emit "$1 $2 $3 $4 hypercalls_per_packet $hypercalls"
}

backends_place none
guests_setup
for placement in $(list "$COMPARE_PLACEMENTS"); do
	need "the guests take their places: $placement" \
		guests_place "$placement"
	need "so do the backends" backends_place "$placement"
	nic_irqs=$(irqs_at "$SIDECORE" eth0)
	all_samples
	case "$placement-$COMPARE_PATHS" in
	sidecore-*inter*) need "the NIC's interrupt followed" nic_followed ;;
	esac
done
finish
