#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: each choice of built-in modes builds, loads and carries traffic
# seconds: 400 1200
# builds: FLIP=n MAP=n FLIP=n,MAP=n,SIDECORE=n COPY=n
#
# A build may leave modes out. It says so, does with what is left, also with
# the stock driver on the other end; and where nothing is left that both ends
# have, it says that to the other end and to the log, and nothing breaks. In the
# full variant each build meets the stock drivers, thinned out one of them does.
# A build without side-cores has none of their attributes and parameters.
. /lab/tests/lib.sh

# Their image holds all builds, and takes its room twice while it is unpacked.
guest() { guest_create g1 memory=448 "$@"; }

# What is left, as the modules name it.
modes_of() {
	local mode name
	for mode in copy flip map; do
		name=${mode^^}
		case ",$1," in
		*",$name=n,"*) ;;
		*) echo "$mode" ;;
		esac
	done | xargs
}

says() {
	[ "$(cat "/sys/class/net/$(vif_of g1)/splitnet/modes")" = "$1" ] &&
		[ "$(guest_run g1 \
			'cat /sys/class/net/eth0/splitnet/modes')" = "$1" ]
}

traffic() {
	tcp_to g1 2097152 && tcp_from g1 2097152 && ping_sizes g1 v4 0 9000 811
}

# Every mode that is built in, in use.
each_mode() {
	local mode
	for mode in $1; do
		case "$mode" in
		copy) mode_set g1 rx copy && mode_set g1 tx copy ;;
		flip) ! flips_work || mode_set g1 rx flip ;;
		map) mode_set g1 tx map ;;
		esac || return 1
		traffic || return 1
	done
}

# How many there are of the four that side-cores are set by, as attributes and
# as parameters.
knobs='knobs() {
	ls -d /sys/module/$1/parameters/* /sys/class/net/$2/splitnet/* |
		grep -Ec "/(offload|sidecore_cpus|notify|poll_us)$"
}'

knobs_are() {
	local near guest
	near=$(near_run "$knobs; knobs netback $(vif_of g1)")
	guest=$(guest_run g1 "$knobs; knobs netfront eth0")
	echo "near $near, guest $guest"
	[ "$near $guest" = "$1 $1" ]
}

end_round() {
	guest_destroy g1 && wait_until 20 no_vifs && back_unload || return 1
	killall -q -9 net-tool
	true
}

attach() {
	# shellcheck disable=SC2046 # one word per key
	xl network-attach g1 $(guest_vif g1 | tr , ' ')
}

back_error_says() {
	xenstore-read "error/backend/vif/$(guest_domid g1)/0/error" |
		grep "$1" && dmesg | grep "$1"
}

front_error_says() {
	guest_run g1 "xenstore-read error/device/vif/0/error | grep '$1' &&
		dmesg | grep '$1'"
}

for LAB_BUILD in $LAB_BUILDS; do
	modes=$(modes_of "$LAB_BUILD")
	near_up && guest || fail "$LAB_BUILD: the pair does not come up"
	check "$LAB_BUILD: both ends say '$modes'" says "$modes"
	check "$LAB_BUILD: every mode carries traffic" each_mode "$modes"
	case "$LAB_BUILD" in
	*SIDECORE=n*) check "$LAB_BUILD: no knobs of side-cores" knobs_are 0 ;;
	*) check "$LAB_BUILD: all knobs of side-cores" knobs_are 8 ;;
	esac
	need "$LAB_BUILD: it goes" end_round
done

# The builds that have what a stock driver has.
for LAB_BUILD in $(thin 'FLIP=n MAP=n FLIP=n,MAP=n,SIDECORE=n' MAP=n); do
	near_up && guest front=stock || fail "no stock frontend comes up"
	check "$LAB_BUILD: a stock frontend is served" traffic
	need "$LAB_BUILD: it goes" end_round
	[ "$LAB_FULL" = 1 ] || continue
	LAB_BACK=stock near_up && guest || fail "no stock backend serves"
	check "$LAB_BUILD: a stock backend is made use of" traffic
	need "$LAB_BUILD: it goes" end_round
done

LAB_BUILD=COPY=n
near_up
need "a stock frontend is made" guest front=stock vif=0
need "it gets an interface" attach
check "a build without copies says why not" back_error_says 'has not rx-copy'
check "the backend goes on" [ -e "/sys/class/net/$(vif_of g1)" ]
need "it goes" end_round

LAB_BACK=stock near_up
need "a frontend without copies is made" guest vif=0
need "it gets an interface" attach
check "it says why not" wait_until 20 front_error_says 'has not rx-copy'
check "the guest goes on without it" guest_run g1 '[ ! -e /sys/class/net/eth0 ]'
need "it goes" end_round
finish
