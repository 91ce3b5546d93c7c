# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The backend: its module, its vifs, and where it runs.
#
# The near end is the domain with the backend and the bridge: dom0, or with
# LAB_BACKEND=driver the driver domain "drv". near_run and its kin address it
# either way.

# The transfer modes that the run asks for, as our module takes them.
back_modes() {
	echo "${LAB_RX_MODE:+rx_mode=$LAB_RX_MODE}" \
		"${LAB_TX_MODE:+tx_mode=$LAB_TX_MODE}" | xargs
}

back_load() {
	local which=$1
	shift
	case "$which" in
	ours)
		[ "$LAB_PLACEMENT" != sidecore ] ||
			set -- offload=sidecore sidecore_cpus="$SIDECORE" \
				notify=adaptive "$@"
		# shellcheck disable=SC2046 # words wanted
		insmod "/lab/${LAB_BUILD:-ours}/netback.ko" $(back_modes) "$@"
		;;
	stock) modprobe xen-netback "$@" ;;
	*)
		echo "no backend named $which"
		return 1
		;;
	esac
}

back_unload() {
	local module
	for module in $(grep -Eo '^(netback|xen_netback) ' /proc/modules); do
		/lab/module-unload "$module" || return 1
	done
}

# Make the near end ready: the module in dom0, or a whole driver domain.
near_up() {
	if [ "$LAB_BACKEND" != driver ]; then
		/lab/servers
		back_load "$LAB_BACK" "$@"
		return
	fi
	[ "$LAB_BACK" != ours ] || set -- "$(back_modes)" "$@"
	guest_create drv vif=0 front=none back="$LAB_BACK" \
		back_params="$(xargs <<<"$*" | tr ' ' ,)" || return 1
	# Here nobody else answers for the near end's address.
	ip link set br0 down
	guest_run drv 'ip addr add 10.0.0.1/24 dev br0
		ip addr add fd00::1/64 dev br0 nodad'
}

near_run() {
	if [ "$LAB_BACKEND" = driver ]; then
		guest_run drv "$@"
	else
		timeout "${2:-60}" bash -c "$1" </dev/null
	fi
}

# In the background of the near end: near_start ID COMMAND.
near_start() {
	local id=$1 command=$2
	if [ "$LAB_BACKEND" = driver ]; then
		guest_start drv "$id" "$command"
		return
	fi
	rm -f "/run/lab/$id."*
	setsid bash -c "($command) >/run/lab/$id.out 2>&1
		echo \$? >/run/lab/$id.rc" >/dev/null 2>&1 </dev/null &
	echo $! >"/run/lab/$id.pid"
}

near_finish() {
	local id=$1 seconds=$2
	if [ "$LAB_BACKEND" = driver ]; then
		guest_finish drv "$id" "$seconds"
		return
	fi
	wait_until "$seconds" test -s "/run/lab/$id.rc" || return 124
	cat "/run/lab/$id.out"
	return "$(cat "/run/lab/$id.rc")"
}

near_kill() {
	if [ "$LAB_BACKEND" = driver ]; then
		guest_kill drv "$1"
	else
		kill -9 "-$(cat "/run/lab/$1.pid")"
	fi
}

vif_of() { echo "vif$(guest_domid "$1").${2:-0}"; }

vif_path() {
	local near=0
	[ "$LAB_BACKEND" != driver ] || near=$(guest_domid drv)
	echo "/local/domain/$near/backend/vif/$(guest_domid "$1")/${2:-0}"
}

# The part of a toolstack's hotplug script, where none runs: in a driver
# domain, and after a reload of the backend.
vif_up() {
	local vif path
	vif=$(vif_of "$@")
	path=$(vif_path "$@")
	near_run "end=\$((SECONDS + 20))
		until [ -e /sys/class/net/$vif ]; do
			[ \$SECONDS -lt \$end ] || exit 1
			sleep 0.1
		done
		/lab/vif-up $path $vif"
}

no_vifs() { ! ls -d /sys/class/net/vif*; }
vif_gone() { [ ! -e "/sys/class/net/$1" ]; }
