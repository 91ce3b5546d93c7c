# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Guests: made, asked, destroyed.
#
#   guest_create NAME [key=value...]   up, addressed, answering to a ping
#   guest_run NAME 'command' [SECONDS] its output and status, over xenstore
#   guest_start NAME ID 'command'      in the guest's background, and its end:
#   guest_finish NAME ID SECONDS       or guest_kill NAME ID
#   guest_destroy NAME

# g1, g2, ... have fixed addresses 10.0.0.11, .12, ... and fd00::11, ...
guest_index() {
	case "$1" in
	g[0-9]) echo "1${1#g}" ;;
	*) echo 20 ;;
	esac
}

guest_ip() { echo "10.0.0.$(guest_index "$1")"; }
guest_ip6() { echo "fd00::$(guest_index "$1")"; }
guest_mac() { echo "00:16:3e:00:00:$(guest_index "$1")"; }
guest_domid() { agent-tool domid "$1"; }
guest_gone() { ! guest_domid "$1"; }
guest_console() { echo "/var/log/xen/console/guest-$1.log"; }

guest_vif() {
	local backend=$2
	echo -n "mac=$(guest_mac "$1"),bridge=br0,script=vif-lab"
	echo "${backend:+,backend=$backend}"
}

# Keys, each with its default from the run's parameters: front, front_params,
# type, kernel, vcpus, memory, cpus, back and back_params (a driver domain
# with that backend module), vif=0 (none), crash (what Xen does about one), append
# (to the kernel's command line).
guest_config() {
	local name=$1 front=$LAB_FRONT front_params='' type=$LAB_TYPE
	local kernel=$LAB_GUEST_KERNEL vcpus=$LAB_GUEST_VCPUS memory=$LAB_GUEST_MB
	local cpus=$LAB_GUEST_CPUS back='' back_params='' vif=1 crash=destroy
	local backend='' shell=0 append='' more=''
	shift
	[ "$LAB_MODE" != shell ] || shell=1
	[ "$LAB_BACKEND" != driver ] || backend=drv
	# The plugin knows code by its address.
	[ "$LAB_MEASURE" != 1 ] || more=' nokaslr rcupdate.rcu_cpu_stall_suppress=1 nowatchdog'
	[ $# -eq 0 ] || local "$@"
	cat <<EOF
name = "$name"
type = "$type"
kernel = "/boot/vmlinux-$kernel"
ramdisk = "/boot/guest-$kernel.img"
memory = $memory
vcpus = $vcpus
cpus = "$cpus"
tsc_mode = "native"
on_crash = "$crash"
extra = "console=hvc0 rdinit=/init mitigations=off panic_on_warn=1 panic=-1 \
lab.name=$name lab.index=$(guest_index "$name") lab.front=$front \
lab.build=${LAB_BUILD:-ours} lab.front_params=$front_params lab.back=$back lab.back_params=$back_params lab.shell=$shell$more $append"
EOF
	[ "$vif" = 0 ] || echo "vif = [ \"$(guest_vif "$name" "$backend")\" ]"
	[ -z "$back" ] || echo 'driver_domain = 1'
}

# The agent answers. A restored guest's does, too, but has a xenstore that it
# never said so in.
guest_ready() { agent-tool ready "$1"; }

# An address on eth0, once the frontend has made one.
guest_address() {
	guest_run "$1" 'end=$((SECONDS + 20))
		until [ -e /sys/class/net/eth0 ]; do
			[ $SECONDS -lt $end ] || { echo "no eth0"; exit 1; }
			sleep 0.1
		done
		bash /run/address'
}

guest_reachable() {
	near_run "ping -c 1 -W 1 $(guest_ip "$1")" 5
}

# From a booted guest to one whose network answers.
guest_link() {
	if [ "$LAB_BACKEND" = driver ]; then
		vif_up "$1" || return 1
	fi
	guest_address "$1" && wait_until 20 guest_reachable "$1"
}

guest_create() {
	local name=$1
	guest_config "$@" >"/run/lab/$name.cfg"
	xl create -q "/run/lab/$name.cfg" || return 1
	wait_until $((120 * $(debug_slower 3))) guest_ready "$name" || return 1
	case " $* " in
	*' vif=0 '* | *' front=none '*) ;;
	*) guest_link "$name" ;;
	esac
}

guest_destroy() {
	! debug_kernel || debug_guest "$1"
	xl destroy "$1" && wait_until 20 guest_gone "$1"
}

# Returns what the command returned; 124 when it took too long, 97 when the
# guest is gone. One caller per guest at a time.
guest_run() { agent-tool run "$1" "${3:-60}" "$2"; }

guest_rebooted() {
	local domid
	domid=$(guest_domid "$1") && [ "$domid" != "$2" ] && guest_ready "$1"
}

guest_reboot() {
	local before
	before=$(guest_domid "$1")
	# The answer may not come any more.
	guest_run "$1" 'reboot -f' 5
	wait_until 90 guest_rebooted "$1" "$before"
}

# A guest that runs ours gets the module anew.
guest_front_reload() {
	guest_run "$1" '/lab/module-unload netfront' &&
		guest_run "$1" 'insmod /lab/ours/netfront.ko' &&
		guest_address "$1" && wait_until 20 guest_reachable "$1"
}

# It is another domain afterwards, with the same name.
guest_save_restore() {
	local image=/tmp/$1.saved
	rm -f "$image"
	xl save "$1" "$image" && wait_until 20 guest_gone "$1" || return 1
	xl restore "$image" || return 1
	rm -f "$image"
}

guest_start() {
	local name=$1 id=$2 command=$3
	guest_run "$name" "rm -f /tmp/$id.*
		setsid bash -c '($command) >/tmp/$id.out 2>&1
			echo \$? >/tmp/$id.rc' >/dev/null 2>&1 </dev/null &
		echo \$! >/tmp/$id.pid"
}

guest_finish() {
	guest_run "$1" "end=\$((SECONDS + $3))
		until [ -s /tmp/$2.rc ]; do
			[ \$SECONDS -lt \$end ] || exit 124
			sleep 0.1
		done
		cat /tmp/$2.out
		exit \$(cat /tmp/$2.rc)" $(($3 + 5))
}

guest_kill() {
	guest_run "$1" "kill -9 -\$(cat /tmp/$2.pid)"
}

# Its programs may make hypercalls of their own, any that a kernel could.
guest_hypercalls() { guest_run "$1" 'modprobe xen-privcmd unrestricted=1'; }

# A guest that was crashed on purpose: its console is no evidence.
guest_crash_expected() {
	mv "$(guest_console "$1")" "$(guest_console "$1").expected"
}
