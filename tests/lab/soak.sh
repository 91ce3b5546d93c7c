#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: whatever may happen to a running pair, in random order (make soak)
# seconds: 600 1500
# on-top: LAB_SOAK_S
# shape: dom0_vcpus=2
#
# Every other scenario knows what comes next. This one meets the pairs of
# events that nobody thought of: a mode is changed on the way to a side-core,
# a guest is saved whose link is down. Which events, follows from the seed
# alone; each is a check of its own, and after each the traffic has to flow,
# both ways, with every byte right. In the end everyone has what they began
# with.
. /lab/tests/lib.sh

seed=${LAB_SEED:-1}
soak_s=${LAB_SOAK_S:-$(thin 600 60)}

if [ "$LAB_BACK $LAB_FRONT" != "ours ours" ]; then
	skip "only our drivers have all of these switches"
	finish
fi
rx_modes=copy
! flips_work || rx_modes='copy|flip'

# What may happen: how often, a command, and its choices.
events=(
	"3 mode_comes g1 rx $rx_modes"
	"3 mode_comes g1 tx copy|map"
	"1 front_refuses_flips"
	"3 sidecore_set g1 offload off|sidecore"
	"2 sidecore_set g1 notify event|poll|adaptive"
	"1 sidecore_set g1 sidecore_cpus 0|1"
	"1 sidecore_set g1 poll_us 1|50|1000"
	"2 front_set offload off|sidecore"
	"2 front_set notify event|adaptive"
	"2 features near|guest tso|gso|gro|tx|sg on|off"
	"1 link_again near|guest"
	"1 pause_guest 0|1|3"
	"1 tcp_to g1 100000|3000000"
	"1 tcp_from g1 100000|3000000"
	"2 front_reload trusted=Y|trusted=N"
	"2 back_reload"
	"2 attach_again"
	"1 reboot_guest"
	"1 create_again"
	"1 save_restore"
)

# The dice: $rolled is below $1.
dice=$seed
roll() {
	dice=$((dice * 6364136223846793005 + 1442695040888963407))
	rolled=$(((dice >> 33 & 0x7fffffff) % $1))
}

# An event by its weight, with each choice made: the words are in event.
draw() {
	local line words word choices total=0
	for line in "${events[@]}"; do
		total=$((total + ${line%% *}))
	done
	roll "$total"
	for line in "${events[@]}"; do
		total=$rolled
		rolled=$((rolled - ${line%% *}))
		[ "$rolled" -ge 0 ] || break
	done
	event=()
	read -r -a words <<<"${line#* }"
	for word in "${words[@]}"; do
		IFS='|' read -r -a choices <<<"$word"
		roll ${#choices[@]}
		event+=("${choices[rolled]}")
	done
}

front_file() { echo "/sys/class/net/eth0/splitnet/$1"; }
front_set() { guest_run g1 "echo $2 >$(front_file "$1")"; }

# Between pollers that leave the CPU to nobody a change may take longer than the
# driver waits for it; it comes all the same.
mode_comes() {
	local said
	said=$(mode_set "$@" 2>&1) && return 0
	echo "$said"
	[[ "$said" = *"timed out"* ]] && wait_until 30 mode_came "$@"
}

front_refuses_flips() {
	[ "$(mode_of g1 rx)" = flip ] || return 0
	front_set rx_mode copy && flood_flows g1 && front_set rx_mode flip
}

# Whoever has not got a feature, or needs it, may say no.
features() {
	case "$1" in
	near) ethtool -K "$(vif_of g1)" "$2" "$3" ;;
	guest) guest_run g1 "ethtool -K eth0 $2 $3" ;;
	esac
	true
}

link_again() {
	local cycle='ip link set %s down && sleep 0.5 && ip link set %s up'
	case "$1" in
	near) near_run "${cycle//%s/$(vif_of g1)}" ;;
	guest) guest_run g1 "${cycle//%s/eth0}" ;;
	esac
}

pause_guest() { xl pause g1 && sleep "$1" && xl unpause g1; }

front_reload() {
	guest_run g1 "/lab/module-unload netfront &&
		insmod /lab/ours/netfront.ko sidecore_cpus=0 $1" &&
		guest_link g1
}

back_up() { near_up sidecore_cpus="$SIDECORE"; }

back_reload() {
	back_unload && wait_until 20 no_vifs &&
		back_load ours sidecore_cpus="$SIDECORE" &&
		wait_until 30 guest_reachable g1
}

attach_again() {
	local vif
	vif=$(vif_of g1)
	xl network-detach g1 0 && wait_until 20 vif_gone "$vif" || return 1
	# shellcheck disable=SC2046 # one word per key
	xl network-attach g1 $(guest_vif g1 | tr , ' ') && guest_link g1
}

reboot_guest() { guest_reboot g1 && guest_link g1; }

guest_up() { sidecore_guest g1 front_params=sidecore_cpus=0; }

create_again() { guest_destroy g1 && wait_until 20 no_vifs && guest_up; }

save_restore() { guest_save_restore g1 && wait_until 60 guest_reachable g1; }

# The near end's flood never ends by itself but on wrong bytes; the guest's
# goes with the guest, and begins anew.
traffic_goes_on() {
	local said
	[ ! -e /run/lab/flood-g1.rc ] || {
		cat /run/lab/flood-g1.out
		return 1
	}
	said=$(guest_run g1 'if [ -e /tmp/flood.rc ]; then
			cat /tmp/flood.out
			exit 1
		fi
		[ -e /tmp/flood.pid ] || echo none') || {
		echo "$said"
		return 1
	}
	[ "$said" != none ] ||
		guest_start g1 flood "$(flood_to "$NEAR_IP")" || return 1
	flood_flows g1
}

# An event, the traffic after it, and a look at the counters.
soak_step() {
	"$@" && traffic_goes_on &&
		ethtool -S "$(vif_of g1)" >/dev/null &&
		guest_run g1 'ethtool -S eth0 >/dev/null'
}

# A guest's life, and what is in use when there is none.
first_life() {
	back_up && guest_up && flood_up g1 && flood_flows g1 || return 1
	flood_down g1 && guest_destroy g1 && wait_until 20 no_vifs &&
		back_unload || return 1
	killall -q -9 net-tool
	true
}

in_use() {
	leaks_snapshot >"/run/lab/leaks-$1"
	pages_snapshot >"/run/lab/pages-$1"
}

need "a first life, for what is allocated once" first_life
in_use warm
need "the pair comes up" back_up
need "a guest comes up" guest_up
need "traffic flows into the guest" near_start flood-g1 \
	"$(flood_to "$(guest_ip g1)")"
need "traffic flows both ways" traffic_goes_on

remark "seed $seed, $soak_s seconds"
end=$((SECONDS + soak_s))
for ((step = 1; SECONDS < end; step++)); do
	draw
	need "step $step: ${event[*]}" soak_step "${event[@]}"
done
remark "$((step - 1)) steps"

need "flips and maps end" mode_comes g1 rx copy
need "... the latter, too" mode_comes g1 tx copy
check "TCP into the guest" tcp_to g1 8388608
check "TCP out of the guest" tcp_from g1 8388608
check "no byte was wrong" flood_down g1
check "the guest is destroyed" guest_destroy g1
check "its vif is gone" wait_until 20 no_vifs
check "the backend is unloaded" back_unload
killall -q -9 net-tool
in_use end
remark "$(paste -sd ' ' /run/lab/leaks-warm) $(paste -sd ' ' /run/lab/pages-warm)"
remark "$(paste -sd ' ' /run/lab/leaks-end) $(paste -sd ' ' /run/lab/pages-end)"
check "nothing grew" leaks_compare /run/lab/leaks-warm /run/lab/leaks-end
# Xen's own heap may have up to three pages less, as where guests are saved.
pages_settle_about() { wait_until 20 pages_near /run/lab/pages-warm 12; }
check "no page went astray" pages_settle_about
finish
