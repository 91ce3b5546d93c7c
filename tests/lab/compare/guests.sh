# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # what other files set, or use
# Guests of both pairs of drivers in one boot: which is whose, how they come
# up, where they run. Sourced by jobs that also source compare/measure.sh.

backends=/sys/bus/xen-backend

# Whose drivers the pairs are made of, each once. "ours/flip" is a pair of
# ours, in another mode.
drivers_compared() {
	list "$COMPARE_PAIRS" | tr ' ' '\n' | sed 's|/.*||' | uniq
}

# The first guest is measured, the second is its peer on the path "intra", and
# all three are measured at once on the path "three".
guests_of() {
	local names
	case "$1" in
	ours*) names='g1 g2 g5' ;;
	stock) names='g3 g4 g6' ;;
	esac
	case "$COMPARE_PATHS" in
	*three*) echo "$names" ;;
	*intra*) echo "${names% *}" ;;
	*) echo "${names%% *}" ;;
	esac
}

driver_of() {
	case "$1" in
	ours) echo splitnet-netback ;;
	stock) echo vif ;;
	esac
}

pair_of() {
	case "$1" in
	g1 | g2 | g5) echo ours ;;
	g3 | g4 | g6) echo stock ;;
	esac
}

# Both backends are loaded, and a vif would go to whichever came first.
bind_vif() {
	local domid=${1#vif-} driver
	driver=$(driver_of "$(pair_of "$(xenstore-read \
		"/local/domain/${domid%-*}/name")")")
	echo "$1" >"$backends/drivers/$driver/bind"
}

bind_vifs() {
	local device
	while :; do
		for device in "$backends"/devices/vif-*; do
			[ ! -e "$device" ] || [ -e "$device/driver" ] ||
				bind_vif "${device##*/}"
		done
		sleep 0.3
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
	# It has only been told to start.
	wait_until 20 guest_ask "$1" true || return 1
	for file in client offloads; do
		guest_ask "$1" "base64 -d <<EOF >/run/measure/$file.sh
$(base64 "/lab/tests/compare/$file.sh")
EOF" || return 1
	done
}

# They boot where there is room, while the next ones are being made.
guests_create() {
	local name
	for name in "$@"; do
		guest_config "$name" front="$(pair_of "$name")" cpus=0-1 \
			>"/run/lab/$name.cfg"
		xl create -q "/run/lab/$name.cfg" || return 1
	done
	for name in "$@"; do
		wait_until 90 guest_ready "$name" && guest_address "$name" &&
			wait_until 30 guest_reachable "$name" || return 1
	done
}

guest_settle() {
	local host=$NEAR_IP
	[ "$LAB_FAR" != 1 ] || host=$FAR_IP
	guest_install "$1" &&
		guest_ask "$1" "ping -c 1 -W 2 $host >/dev/null && echo well" |
		grep -qx well
}

guests_up() {
	local binder status=0
	bind_vifs 2>/dev/null &
	binder=$!
	guests_create "$@" || status=1
	kill "$binder"
	return "$status"
}

# dom0's vCPU 0 stays on CPU 0.
guests_place() {
	local name cpu
	case "$1" in
	same | sidecore*) cpu=0 ;;
	separate) cpu=1 ;;
	esac
	for name in $all; do
		xl vcpu-pin "$name" all "$cpu" "$cpu" || return 1
	done
}

# dom0's vCPU 1, on CPU 1, is there only while it is a side-core; the name of
# its placement ends in what notify says.
backends_place() {
	local name online=/sys/devices/system/cpu/cpu$SIDECORE/online
	if [ "${1#sidecore-}" = "$1" ]; then
		[ ! -e "$online" ] || echo 0 >"$online"
		return
	fi
	echo 1 >"$online" && irqs_to "$SIDECORE" eth0 || return 1
	for name in $all; do
		case "$(pair_of "$name")" in
		ours) sidecore_on "$name" "${1#sidecore-}" ;;
		stock) stock_sidecore "${vif[$name]}" ;;
		esac || return 1
	done
}

# A worker that polls leaves nothing of its CPU to others: it is there only while
# its own pair has its turn.
backends_turn() {
	local name offload=off
	[ "${placement#sidecore-}" != "$placement" ] || return 0
	[ "${1%%/*}" != ours ] || offload=sidecore
	for name in $(guests_of ours); do
		echo "$offload" \
			>"/sys/class/net/${vif[$name]}/splitnet/offload" ||
			return 1
	done
}

# What the NIC's interrupt does is done where it comes to: its polling, and the
# bridge's work on what came in. nic_irqs: how many had come before.
nic_followed() {
	local came
	came=$(irqs_at "$SIDECORE" eth0)
	echo "$((came - nic_irqs)) interrupts"
	[ "$came" -gt "$nic_irqs" ]
}

# The command prints "well" where all went well.
offloads() {
	local name answer
	for name in $all; do
		answer=$(guest_ask "$name" "bash /run/measure/offloads.sh $1 \
			eth0 && echo well")
		[ "$answer" = well ] || {
			echo "$name: $answer"
			return 1
		}
	done
	bash /run/measure/offloads.sh "$1" eth0 "${vif[@]}"
}

# modes_be GUEST NAME=VALUE,...: the vif's switches; "-" leaves them.
modes_be() {
	local name=$1 mode attribute now switched=
	[ "$2" != - ] || return 0
	for mode in $(list "$2"); do
		attribute=/sys/class/net/${vif[$name]}/splitnet/${mode%%=*}
		read -r now <"$attribute"
		[ "$now" != "${mode#*=}" ] || continue
		echo "${mode#*=}" >"$attribute" || return 1
		wait_until 20 mode_is "$attribute" "${mode#*=}" || return 1
		switched=y
	done
	[ -z "$switched" ] || wait_until 20 guest_reachable "$name"
}

# mode_is ATTRIBUTE VALUE, without a program to start.
mode_is() {
	local now
	read -r now <"$1" && [ "$now" = "$2" ]
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

# All guests of the pairs in COMPARE_PAIRS, and who is who: all (their names),
# vif and ip by name.
guests_setup() {
	local pair name
	# Far ends must not be forgotten: unknown addresses are sent to every
	# guest.
	ip link set br0 type bridge ageing_time 1000000
	echo 0 >"$backends/drivers_autoprobe"
	trap 'echo 1 >"$backends/drivers_autoprobe"' EXIT
	declare -gA vif ip
	all=
	for pair in $(drivers_compared); do
		need "the $pair backend loads" back_load "$pair"
		all="$all $(guests_of "$pair")"
	done
	# shellcheck disable=SC2086 # words
	need "the guests of each pair come up" guests_up $all
	for name in $all; do
		need "$name settles" guest_settle "$name"
		need "$name runs on the $(pair_of "$name") drivers" \
			drivers_are "$name" "$(pair_of "$name")"
		vif[$name]=$(vif_of "$name")
		ip[$name]=$(guest_ip "$name")
	done
}
