# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the measuring jobs share. They get from the host, in the environment,
# COMPARE_REPEATS, COMPARE_OTHER_REPEATS (of other modes than copy), COMPARE_MS
# (the length of a sample), and as lists with
# commas COMPARE_PLACEMENTS, COMPARE_PATHS, COMPARE_DIRECTIONS,
# COMPARE_TRAFFICS, COMPARE_PAIRS. Those that move the guests set placement.
. /lab/tests/lib.sh

# shellcheck disable=SC2034 # the jobs use them
{
	FAR_IP=10.0.0.254
	# Nothing measured takes longer than its sample and this.
	SLACK_S=60
}

mkdir -p /run/measure
cp /lab/tests/compare/*.sh /run/measure/

list() { tr ',' ' ' <<<"$1"; }

# The far ends of the traffic, in whatever namespace it is called.
start_servers() {
	iperf3 -s -D
	setsid rate-tool serve 5202 >/run/measure/rate.log 2>&1 </dev/null &
	setsid traffic-tool serve 5203 >/run/measure/traffic.log 2>&1 \
		</dev/null &
}

# To the host: data PLACEMENT PAIR PATH DIRECTION TRAFFIC METRIC VALUE
placement=${COMPARE_PLACEMENTS%%,*}
exec 8>/dev/ttyS1
emit() { echo "data $placement $*" >&8; }

# emit_value PAIR PATH DIRECTION TRAFFIC "VALUE PACKETS"
emit_value() {
	local metric=throughput
	case "$4" in
	udp-*) metric=packet_rate ;;
	esac
	if ! [[ "$5" =~ ^([0-9.]+)\ [1-9][0-9]*$ ]]; then
		echo "no value: $5"
		return 1
	fi
	emit "$1 $2 $3 $4 $metric ${BASH_REMATCH[1]}"
}

# Repeats are the outer loop, so that a disturbance of the host hits one
# repeat of everything instead of every repeat of one thing; within one the
# pairs alternate, and the next begins with the other. Each line of samples
# begins with the pair that the last one ended with, if it can: a change of
# modes takes as long as a sample.
all_samples() {
	local repeat traffic pairs
	pairs=$(list "$COMPARE_PAIRS")
	for traffic in $(list "$COMPARE_TRAFFICS"); do
		offloads_for "$traffic"
		for ((repeat = 1; repeat <= COMPARE_REPEATS; repeat++)); do
			one_round "$traffic" "$repeat" "$pairs"
			pairs=$(reversed "$pairs")
		done
	done
}

offloads_are=
offloads_for() {
	local want=on
	[ "$1" != tcp-1500 ] || want=off
	[ "$offloads_are" != "$want" ] || return 0
	need "offloads $want" offloads "$want"
	offloads_are=$want
}

reversed() {
	local word words=
	for word in $1; do
		words="$word $words"
	done
	echo "$words"
}

one_round() {
	local path direction pair pairs=$3
	for direction in $(list "$COMPARE_DIRECTIONS"); do
		for path in $(list "$COMPARE_PATHS"); do
			for pair in $pairs; do
				! due "$pair" "$direction" "$2" ||
					one "$pair" "$path" "$direction" "$1"
			done
			pairs=$(reversed "$pairs")
		done
	done
}

# Whether a pair has a sample in that direction and repeat. A mode has none
# where it makes no difference.
due() {
	case "$1-$2" in
	ours/flip-tx | ours/map-rx) return 1 ;;
	ours/*) [ "$3" -le "$COMPARE_OTHER_REPEATS" ] ;;
	esac
}

one() {
	local output
	if ! output=$(sample "$@" 2>&1); then
		remark "$output"
		fail "sample of $*"
	fi
	echo "$output"
}
