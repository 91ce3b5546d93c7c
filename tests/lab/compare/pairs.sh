#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Both pairs of drivers in one boot, with guests of each, all idle but those
# whose turn it is: what is compared sees the same host within seconds. The
# guests are moved between the CPUs from one placement to the next.
# shellcheck disable=SC2034,SC2154 # what sourced files use, or set
. /lab/tests/compare/measure.sh
. /lab/tests/compare/guests.sh

sample() {
	local pair=$1 path=$2 host=$FAR_IP client names ends='' before value
	backends_turn "$pair" || return 1
	names=$(guests_on "$path" "$pair")
	# shellcheck disable=SC2086 # words
	modes_take "$pair" $names || return 1
	for client in $names; do
		ends="$ends ${vif[$client]} ${ip[$client]}:5202:eth0"
	done
	if [ "$path" = intra ]; then
		host=${ip[${names#* }]} names=${names% *}
	fi
	# shellcheck disable=SC2086 # words
	before=$(rate-tool counters $ends) || return 1
	# shellcheck disable=SC2086
	value=$(clients_run "$host" "$3" "$4" $names)
	emit_value "$@" "$value" || return 1
	# shellcheck disable=SC2086
	emit_counters "$@" "$value $before $(rate-tool counters $ends)"
}

# guests_on PATH PAIR: those that have to do with it.
guests_on() {
	local first second third
	read -r first second third <<<"$(guests_of "$2")"
	case "$1" in
	inter) echo "$first" ;;
	intra) echo "$first $second" ;;
	three) echo "$first $second $third" ;;
	esac
}

# clients_run HOST DIRECTION TRAFFIC GUEST...: all at once, each with a server
# of its own; what they print, summed up. One that fails has no sum.
clients_run() {
	local where="$1 $2 $3" name i=0 values=''
	shift 3
	for name in "$@"; do
		values="$values /run/measure/value-$name"
		guest_ask "$name" "sh /run/measure/client.sh $where \
			$COMPARE_MS $i" >"${values##* }" 2>&1 &
		i=$((i + 1))
	done
	wait
	# shellcheck disable=SC2086 # words
	awk '!/^[0-9.]+ [0-9]+$/ { bad = 1; print }
		{ value += $1; packets += $2; clients++ }
		END { if (!bad && clients == ARGC - 1)
			printf "%.1f %.0f\n", value, packets }' $values
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
