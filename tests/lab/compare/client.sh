#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# client.sh HOST DIRECTION TRAFFIC MS [N]: one sample, from this end. Prints its
# value, in Mbit/s or packets/s, and the packets that it took. UDP has no slow
# start to sit out: half the time tells as much. N: which of the host's servers
# is asked, 0 unless several guests ask at once.
# For busybox's shell: bash alone takes longer to start than all of this.
host=$1 direction=$2 traffic=$3 ms=$4 ports=$((${5:-0} * 10))

# The JSON's end.sum_received: what arrived, by the receiver's count. A packet
# is what fits one frame at MTU 1500, also where segments travel in one piece.
tcp() {
	# shellcheck disable=SC2086 # a word, or none
	iperf3 -J -c "$host" -p $((ports + 5201)) -t $((ms / 1000)) $1 | awk '
		/"error"/ { print }
		/"sum_received"/ { in_sum = 1 }
		in_sum && /"bytes"/ { bytes = $2 + 0 }
		in_sum && /"bits_per_second"/ {
			printf "%.1f %.0f\n", $2 / 1e6, bytes / 1448
			exit
		}'
}

udp() {
	rate-tool "$1" "$host" $((ports + 5202)) 64 $((ms / 2)) 2>&1 |
		sed -E 's/.*packets=([0-9]+) .* pps=([0-9]+)/\2 \1/'
}

case "$traffic-$direction" in
tcp-*-tx) tcp '' ;;
tcp-*-rx) tcp -R ;;
udp-*-tx) udp send ;;
udp-*-rx) udp fetch ;;
esac
