#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Both pairs of drivers in one boot, two guests of each, all idle but those
# whose turn it is: what is compared sees the same host within seconds.
. /lab/tests/compare/measure.sh

backends=/sys/bus/xen-backend

# The first guest is measured, the second is its peer on the path "intra".
guests_of() {
	case "$1" in
	ours) echo g1 g2 ;;
	stock) echo g3 g4 ;;
	esac
}

driver_of() {
	case "$1" in
	ours) echo splitnet-netback ;;
	stock) echo vif ;;
	esac
}

# Both backends are loaded, and a vif would go to whichever came first.
bind_vifs() {
	local device
	while :; do
		for device in "$backends"/devices/vif-*; do
			[ ! -e "$device" ] || [ -e "$device/driver" ] ||
				echo "${device##*/}" \
					>"$backends/drivers/$1/bind"
		done
		sleep 0.2
	done
}

# guest_ask NAME COMMAND: faster than guest_run, over the network.
guest_ask() {
	timeout $((COMPARE_MS / 1000 + SLACK_S)) \
		rate-tool ask "$(guest_ip "$1")" 5202 "$2"
}

guest_install() {
	local file
	guest_run "$1" "mkdir -p /run/measure
		$(declare -f start_servers)
		start_servers" || return 1
	for file in client offloads; do
		guest_ask "$1" "base64 -d <<EOF >/run/measure/$file.sh
$(base64 "/lab/tests/compare/$file.sh")
EOF" || return 1
	done
}

# It boots where there is room and is put in its place afterwards.
guest_up() {
	guest_create "$1" front="$2" cpus=0-1 &&
		xl vcpu-pin "$1" all "$LAB_GUEST_CPUS" "$LAB_GUEST_CPUS" &&
		guest_install "$1" &&
		guest_run "$1" "ping -c 2 -i 0.2 -W 2 $FAR_IP"
}

pair_up() {
	local name binder status=0
	bind_vifs "$(driver_of "$1")" 2>/dev/null &
	binder=$!
	for name in $(guests_of "$1"); do
		guest_up "$name" "$1" || status=1
	done
	kill "$binder"
	return "$status"
}

# The command prints "well" where all went well.
offloads() {
	local pair name answer
	for pair in $(list "$COMPARE_PAIRS"); do
		for name in $(guests_of "$pair"); do
			answer=$(guest_ask "$name" "bash \
				/run/measure/offloads.sh $1 eth0 && echo well")
			[ "$answer" = well ] || {
				echo "$name: $answer"
				return 1
			}
		done
	done
	bash /run/measure/offloads.sh "$1" eth0 "${vif[@]}"
}

sample() {
	local pair=$1 path=$2 client peer host=$FAR_IP ends before value
	read -r client peer <<<"$(guests_of "$pair")"
	ends="${vif[$client]} ${ip[$client]}:5202:eth0"
	if [ "$path" = intra ]; then
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

# From "VALUE PACKETS", and twice "EVENTS HYPERCALLS" of all ends together.
emit_counters() {
	local events hypercalls
	read -r events hypercalls <<<"$(awk '{
		printf "%.5f %.5f\n", ($5 - $3) / $2, ($6 - $4) / $2
		}' <<<"$5")"
	emit "$1 $2 $3 $4 events_per_packet $events"
	# Only our drivers count their hypercalls.
	[ "$1" != ours ] ||
		emit "$1 $2 $3 $4 hypercalls_per_packet $hypercalls"
}

# Who drives a guest's network, on each side; the wrong one would make the
# whole comparison a lie.
drivers_are() {
	local name=$1 back front
	back=$(readlink \
		"$backends/devices/vif-$(guest_domid "$name")-0/driver")
	front=$(guest_ask "$name" \
		'readlink /sys/class/net/eth0/device/driver/module')
	echo "$name: ${back##*/} in dom0, ${front##*/} in the guest"
	case "$2-${back##*/}-${front##*/}" in
	ours-splitnet-netback-netfront) ;;
	stock-vif-xen_netfront) ;;
	*) return 1 ;;
	esac
}

# Far ends must not be forgotten: unknown addresses are sent to every guest.
ip link set br0 type bridge ageing_time 1000000
echo 0 >"$backends/drivers_autoprobe"
trap 'echo 1 >"$backends/drivers_autoprobe"' EXIT
declare -A vif ip
for pair in $(list "$COMPARE_PAIRS"); do
	need "the $pair backend loads" back_load "$pair"
	need "two guests of the $pair pair come up" pair_up "$pair"
	for name in $(guests_of "$pair"); do
		need "$name runs on the $pair drivers" drivers_are "$name" \
			"$pair"
		vif[$name]=$(vif_of "$name")
		ip[$name]=$(guest_ip "$name")
	done
done
all_samples
finish
