# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Traffic between the near end and a guest, every byte checked.

# Guests and driver domains run the servers from their boot on, dom0 from
# near_up on: a TCP sink on 5001, a UDP echo on 5003.

NEAR_IP=10.0.0.1
NEAR_IP6=fd00::1
# A bound for one transfer; a hang ends here instead of at the scenario's.
TRANSFER_S=150

address_of() {
	case "$2" in
	v4) guest_ip "$1" ;;
	v6) guest_ip6 "$1" ;;
	esac
}

near_address() {
	case "$1" in
	v4) echo "$NEAR_IP" ;;
	v6) echo "$NEAR_IP6" ;;
	esac
}

# tcp_to GUEST BYTES [v4|v6]: Rx, from the near end into the guest.
tcp_to() {
	near_run "net-tool tcp-send $(address_of "$1" "${3:-v4}") 5001 $2 1" \
		"$TRANSFER_S"
}

# tcp_from GUEST BYTES [v4|v6]: Tx, from the guest.
tcp_from() {
	guest_run "$1" "net-tool tcp-send $(near_address "${3:-v4}") 5001 \
		$2 2" "$TRANSFER_S"
}

# Every payload size of a range, there and back: ping_sizes GUEST V LO HI STEP
ping_sizes() {
	near_run "net-tool ping $(address_of "$1" "$2") $3 $4 $5" "$TRANSFER_S"
}

# The sizes where something changes: the smallest, the copy threshold of many
# a driver, the page, the frame; between them a stride.
ping_thinned() {
	local name=$1 v=$2 range
	for range in "0 70 1" "120 260 7" "1460 1480 1" "2940 2980 3" \
		"4040 4110 5" "0 9000 101"; do
		# shellcheck disable=SC2086 # three words
		ping_sizes "$name" "$v" $range || return 1
	done
}

ping_every_size() {
	if [ "$LAB_FULL" = 1 ]; then
		ping_sizes "$1" "$2" 0 9000 1
	else
		ping_thinned "$1" "$2"
	fi
}

# UDP both ways, fragments of it included: udp_sizes GUEST V STEP
udp_sizes() {
	near_run "net-tool udp-ping $(address_of "$1" "$2") 5003 0 9000 $3" \
		"$TRANSFER_S"
}

# Each of g1, g2, g3 sends so many bytes to the next, the near end to all, all at
# once: "ring" in each guest, "to-NAME" at the near end.
ring_start() {
	local from=g3 to
	for to in g1 g2 g3; do
		guest_start "$from" ring "net-tool tcp-send $(guest_ip "$to") \
			5001 $1 3" || return 1
		near_start "to-$to" "net-tool tcp-send $(guest_ip "$to") \
			5001 $1 4" || return 1
		from=$to
	done
}

# Endless traffic both ways, for what happens under it. It survives that the
# link goes, and goes on when it comes back. Thinned it is paced: a link that
# is full leaves the CPU to nobody, and every command takes seconds.
flood_rate=$(thin 0 5000000)

flood_to() { echo "net-tool tcp-flood $1 5001 $flood_rate"; }

flood_up() {
	guest_start "$1" flood "$(flood_to "$NEAR_IP")" &&
		near_start "flood-$1" "$(flood_to "$(guest_ip "$1")")"
}

# Fails when a flood had ended by itself, which it does on wrong bytes. That of
# the guest goes on; one that began anew meanwhile has none.
flood_down() {
	near_kill "flood-$1" && guest_run "$1" '[ ! -e /tmp/flood.rc ] || {
		cat /tmp/flood.out
		exit 1
	}'
}

vif_bytes() {
	near_run "cat /sys/class/net/$(vif_of "$1")/statistics/$2_bytes"
}

# The link carries traffic now: both counters of the vif move on, and neither by
# so little that it may be what acknowledges the other. One command, since a
# loaded near end takes long to begin one.
flood_flows() {
	near_run "cd /sys/class/net/$(vif_of "$1")/statistics || exit 1
		rx=\$(<rx_bytes) tx=\$(<tx_bytes)
		grown() {
			in=\$((\$(<rx_bytes) - rx)) out=\$((\$(<tx_bytes) - tx))
			[ \$in -gt 100000 ] && [ \$out -gt 100000 ] &&
				[ \$((in * 16)) -gt \$out ] &&
				[ \$((out * 16)) -gt \$in ]
		}
		end=\$((SECONDS + 40))
		until grown; do
			[ \$SECONDS -lt \$end ] || exit 1
			sleep 0.1
		done"
}

bytes_above() { [ "$(vif_bytes "$1" "$2")" -gt "$3" ]; }
