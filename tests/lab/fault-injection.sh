#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: each call that can fail fails once, in each phase of a connection's life
# seconds: 1800 5400
# builds: FAILING=y
#
# An error path that never ran is one that does not work. Memory, grants, event
# channels, xenstore, threads: each call of ours that can fail does so, in turn,
# until no phase reaches one that is new. The failure may cost the connection,
# and is then told; it may cost packets. It must not cost more: the next attempt
# works, and at the end nothing is left behind.
#
# Thinned out, a call fails in the first phase that comes to it again when it is
# to fail; in full, in each.
# With "--set LAB_QUEUES=2" a connection has two, so that what fails last does so
# when the first is there; that takes three times as long.
# With "--set LAB_PHASES=NAME,..." there are only these phases, with "--set
# LAB_END=front" (or back) only that end's calls; with "--set LAB_PART=K/N", K
# from 1 to N, the calls fall into N parts, and this is one.
. /lab/tests/lib.sh
. /lab/tests/lib/failing.sh

LAB_BUILD=FAILING=y
# dom0 has one CPU here.
# shellcheck disable=SC2034 # sidecore_on uses it
SIDECORE=0
phases=load_back,load_front,back_bind,front_bind,front_down,mode_tx,mode_rx,\
traffic_copy,traffic_untrusted,traffic_map,traffic_flip,sidecore
driver=/sys/bus/xen-backend/drivers/splitnet-netback
part=${LAB_PART:-1/1}
queues=${LAB_QUEUES:-1}

front_path() { echo "/local/domain/$(guest_domid g1)/device/vif/0"; }

# state END: as the end's own state in xenstore says.
state() {
	case "$1" in
	back) xenstore-read "$(vif_path g1)/state" ;;
	front) xenstore-read "$(front_path)/state" ;;
	esac
}

# The backend has closed; the frontend, too, or it never began.
is_shut() {
	case "$(state back 2>/dev/null)$(state front 2>/dev/null)" in
	[56][156]) return 0 ;;
	*) return 1 ;;
	esac
}

# Until the guest answers; fails at once where both ends have closed for good.
link_settles() {
	local end=$((SECONDS + 15 * $(debug_slower 2))) shut=0
	while [ "$SECONDS" -lt "$end" ]; do
		if is_shut; then
			shut=$((shut + 1))
			[ "$shut" -lt 8 ] || break
			sleep 0.2
		else
			shut=0
			# Where nobody answers for the address, ping takes 3 s.
			near_run "ping -c 1 -W 1 $(guest_ip g1)" 1 && return
		fi
	done
	echo "no answer; states $(state back) $(state front)"
	return 1
}

# The phases. Each does its own beginning again: what a failure left closed is
# opened by the next attempt.
phase_back_bind() {
	local device
	device=vif-$(guest_domid g1)-0
	[ ! -e "$driver/$device" ] || echo "$device" >"$driver/unbind" || return 1
	echo "$device" >"$driver/bind" && link_settles
}

# shellcheck disable=SC2016 # for the guest
front_binds='cd /sys/bus/xen/drivers/splitnet-netfront
	[ ! -e vif-0 ] || echo vif-0 >unbind
	echo vif-0 >bind || exit 1'

# Sooner than guest_address gives up.
# shellcheck disable=SC2016
front_comes='end=$((SECONDS + 10))
	until [ -e /sys/class/net/eth0 ]; do
		[ $SECONDS -lt $end ] || { echo no eth0; exit 1; }
		sleep 0.1
	done'

phase_front_bind() {
	guest_run g1 "$front_binds
		$front_comes
		bash /run/address" && link_settles
}

# An interface that is not up has pages posted and a queue that does not run.
phase_front_down() {
	guest_run g1 "$front_binds
		$front_comes
		echo vif-0 >unbind" && phase_front_bind
}

# What the fault before broke may still be on its way back.
phase_mode_tx() {
	link_settles
	mode_set g1 tx map && mode_set g1 tx copy && link_settles
}

# Where Xen gave no answer at the last connection, that one was without flips.
phase_mode_rx() {
	link_settles
	[ "$(xenstore-read "$(front_path)/feature-rx-flip")" = 1 ] ||
		phase_front_bind || return 1
	mode_set g1 rx flip && mode_set g1 rx copy && link_settles
}

# Packets may be lost, so the bytes have to come through nonetheless.
traffic() {
	tcp_to g1 1000000 && tcp_from g1 1000000 &&
		near_run "net-tool ping $(guest_ip g1) 0 1400 70" 20
}

phase_traffic_copy() { traffic; }

phase_traffic_untrusted() { traffic; }

phase_traffic_map() {
	[ "$(mode_of g1 tx)" = map ] || mode_set g1 tx map || return 1
	traffic
}

phase_traffic_flip() {
	[ "$(mode_of g1 rx)" = flip ] || mode_set g1 rx flip || return 1
	traffic
}

phase_sidecore() {
	sidecore_on g1 adaptive && sidecore_set g1 offload off &&
		sidecore_set g1 sidecore_cpus '' || return 1
	guest_run g1 'cd /sys/class/net/eth0/splitnet
		echo 0 >sidecore_cpus && echo sidecore >offload &&
			echo off >offload && echo >sidecore_cpus' &&
		link_settles
}

# A queue that has lent pages once needs nothing to do so again, until its
# connection goes. The toolstack's key counts from the next connection on.
prepare() {
	local key
	key=$(front_path)/trusted
	case "$1" in
	mode_tx) ;;
	traffic_untrusted)
		! xenstore-read "$key" >/dev/null 2>&1 || return 0
		xenstore-write "$key" 0
		;;
	*)
		xenstore-read "$key" >/dev/null 2>&1 || return 0
		xenstore-rm "$key"
		;;
	esac
	phase_front_bind
} >/dev/null 2>&1

# What the phase reached: END POINT TIMES, a line each.
reached() {
	local phase=$1 end
	prepare "$phase"
	for end in back front; do
		failing_points "$end" >"/run/lab/points-$end"
	done
	"phase_$phase" >/run/lab/phase.log 2>&1 || return 1
	for end in ${LAB_END:-back front}; do
		failing_points "$end" | awk -v end="$end" '
			NR == FNR { before[$1] = $2; next }
			$2 > before[$1] { print end, $1, $2 - before[$1] }' \
			"/run/lab/points-$end" -
	done
}

# Whether a call is one of this part's.
is_ours() {
	local sum
	sum=$(md5sum <<<"$1" | cut -c1-4)
	[ $((16#$sum % ${part#*/} + 1)) = "${part%/*}" ]
}

# What cost the connection is in the log, or in the answer to a write.
is_told() {
	[ -n "$(failing_said "$1")" ] ||
		grep -q 'write error\|I/O error' /run/lab/phase.log
}

# A call that fails: PHASE END POINT[+N]
inject() {
	local phase=$1 end=$2 point=$3 before good=1
	prepare "$phase"
	before=$(failing_set "$end" "$point") || {
		not_ok "$phase: $end $point can be told to fail"
		return 1
	}
	"phase_$phase" >/run/lab/phase.log 2>&1 || good=0
	if [ "$(failing_count "$end" "$point")" = "$before" ]; then
		failing_set "$end" '' >/dev/null
	else
		echo "$end ${point%+*}" >>/run/lab/failed-once
		[ "$good" = 1 ] || is_told "$end" ||
			not_ok "$phase: $end $point fails and says nothing"
	fi
	[ "$good" = 1 ] || echo "$phase $end $point" >>/run/lab/lost
	[ "$good" = 1 ] || [ "$phase" != mode_tx ] || link_settles ||
		not_ok "$phase: after $end $point the connection is what it was"
	# Traffic makes no connection, nor does a mode; a failure may have cost
	# them that.
	[[ "$phase" != @(traffic*|mode_rx) ]] || ! is_shut ||
		phase_front_bind >/dev/null 2>&1
	"phase_$phase" >/run/lab/phase.log 2>&1 && return
	not_ok "$phase: after $end $point the next attempt works"
	remark "$(tail -n 4 /run/lab/phase.log)"
	# For the sake of those that follow.
	phase_front_bind && phase_back_bind && "phase_$phase"
}

# Whether a call is to fail in this phase: one that did so already need not again,
# unless all are to in each; none is tried twice.
is_due() {
	is_ours "$1" && ! grep -qx "$1" /run/lab/tried &&
		{ [ "$LAB_FULL" = 1 ] || ! grep -qx "$1" /run/lab/failed-once; }
}

calls_failed() { sort -u /run/lab/failed-once | wc -l; }

# Until no point is new. Where the phase comes to a call again and again, the
# last time counts as well as the first.
sweep() {
	local phase=$1 end point times new=1 before
	before=$(calls_failed)
	: >/run/lab/tried
	while [ "$new" = 1 ]; do
		new=0
		reached "$phase" >/run/lab/reached || {
			not_ok "$phase works between faults"
			return
		}
		while read -r end point times; do
			is_due "$end $point" || continue
			echo "$end $point" | tee -a /run/lab/known >>/run/lab/tried
			new=1
			inject "$phase" "$end" "$point" || return
			[ "$times" -gt 1 ] && [[ "$phase" != traffic* ]] ||
				continue
			inject "$phase" "$end" "$point+$((times - 1))" || return
		done </run/lab/reached
	done
	ok "$phase: $(wc -l </run/lab/tried) calls, $(($(calls_failed) - before)) new"
}

# A phase need not come to a call each time; one of them has to.
all_failed() {
	sort -u /run/lab/known >/run/lab/known-once
	grep -vxFf /run/lab/failed-once /run/lab/known-once | tee /run/lab/never
	[ ! -s /run/lab/never ]
}

# What no phase came to, which only whole runs can tell.
tell_unreached() {
	local end
	for end in back front; do
		modinfo -F failing_point "/lab/$LAB_BUILD/net$end.ko" |
			sed 's|.*/||' | sort -u >"/run/lab/all-$end"
		failing_points "$end" | cut -d' ' -f1 >"/run/lab/reached-$end"
		grep -vxFf "/run/lab/reached-$end" "/run/lab/all-$end" \
			>"/run/lab/unreached-$end"
		remark "net$end: $(wc -l <"/run/lab/all-$end") calls can fail, not come to:" \
			"$(xargs <"/run/lab/unreached-$end")"
	done
}

# reload END [PARAMETER]
reload() {
	case "$1" in
	back)
		back_unload && back_load ours "max_queues=$queues" ${2:+"$2"}
		;;
	front)
		guest_run g1 "/lab/module-unload netfront
			insmod /lab/$LAB_BUILD/netfront.ko $2 || exit 1
			$front_comes
			bash /run/address"
		;;
	esac
}

# What only happens when a module is loaded: its defaults are read, it asks to be
# told of CPUs, and it registers.
sweep_load() {
	local end=$1 point count=0
	for point in $(failing_points "$end" | cut -d' ' -f1 |
		grep -E ':(cpuhp_setup_state|__xenbus_register_)|sidecore.*:alloc_cpu'); do
		if reload "$end" "failing=$point"; then
			echo "in spite of $point"
		else
			count=$((count + 1))
		fi
		reload "$end" && link_settles || return 1
	done
	echo "$count points"
	[ "$count" -ge 3 ]
}

# Xen has refused a page, if this phase had its turn with the calls that give
# pages away; whether that page was kept is seen at the end.
refusals() {
	[ "$LAB_FULL" = 1 ] || [ "$chosen" = traffic_flip ] || return 0
	[ "$part" = 1/1 ] && [ "$LAB_END" != front ] || return 0
	check "Xen refuses a page that is mapped" \
		vif_counted g1 rx_flips_refused
}

run_phase() {
	case "$1" in
	load_*) check "net${1#load_}: loading fails, and works again" \
		sweep_load "${1#load_}" ;;
	*)
		sweep "$1"
		[ "$1" != traffic_flip ] || refusals
		mode_set g1 tx copy && mode_set g1 rx copy
		;;
	esac
}

[ "$LAB_BACK" = ours ] && [ "$LAB_FRONT" = ours ] || {
	skip "faults are injected into ours"
	finish
}
need "the backend loads" near_up "max_queues=$queues"
need "a guest comes up" guest_create g1 "vcpus=$queues"
chosen=$(tr , ' ' <<<"${LAB_PHASES:-$phases}")
flips_work || chosen=$(xargs -n 1 <<<"$chosen" | grep -v 'rx$\|flip$' | xargs)

# What first use allocates is no leak.
for phase in $chosen; do
	[[ "$phase" == load_* ]] || need "$phase works" "phase_$phase"
done
need "back to copies" eval "mode_set g1 tx copy && mode_set g1 rx copy"
guest_snapshot g1 >/run/lab/guest-before
pages_snapshot g1 | grep -v heap >/run/lab/pages-before

: >/run/lab/known
: >/run/lab/failed-once
for phase in $chosen; do
	run_phase "$phase"
done
[ ! -e /run/lab/lost ] ||
	remark "$(wc -l </run/lab/lost) times it cost the connection"
check "each call that was come to has failed" all_failed
[ -n "$LAB_PHASES$LAB_PART$LAB_END" ] || tell_unreached

guest_snapshot g1 >/run/lab/guest-after
check "the guest holds what it held" leaks_compare /run/lab/guest-before \
	/run/lab/guest-after
pages_are() { pages_snapshot g1 | grep -v heap | diff /run/lab/pages-before -; }
check "no page went astray" wait_until 20 pages_are
check "TCP into the guest, in the end" tcp_to g1 4194304
check "TCP out of the guest, in the end" tcp_from g1 4194304
finish
