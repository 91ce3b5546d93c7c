# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The library of the scenarios, which run in dom0.
#
#   back_load ours|stock [PARAM=VALUE...]   back_unload
#   guest_create NAME [key=value...]        guest_destroy NAME
#   guest_run NAME 'command'                guest_start NAME ID 'command'
#   guest_finish NAME ID SECONDS            guest_kill NAME ID
#   wait_until SECONDS command...           fail why
#   check 'text' command...                 ok/not_ok/skip 'text'
#
# Nothing here sleeps and hopes: whatever takes time is waited for, bounded.

. /lab/params

# ---- verdicts ----------------------------------------------------------

# The verdict port is a serial line: one writer at a time.
verdict() {
	local count
	count=$(($(cat /run/lab/count 2>/dev/null || echo 0) + 1))
	echo "$count" >/run/lab/count
	echo "$1 $count - ${LAB_PART:+$LAB_PART: }$2" >/dev/ttyS1
	echo "$1 $count - $2"
}

ok() { verdict ok "$1"; }
not_ok() { verdict 'not ok' "$1"; touch /run/lab/failed; }
skip() { verdict ok "$1 # SKIP $2"; }
remark() { sed 's/^/# /' <<<"$*" | tee /dev/ttyS1; }

fail() {
	not_ok "$1"
	exit 1
}

# check TEXT COMMAND...: one verdict; what the command said follows when it
# fails. The scenario goes on either way.
check() {
	local text=$1 output
	shift
	if output=$("$@" 2>&1); then
		echo "$output"
		ok "$text"
		return 0
	fi
	not_ok "$text"
	remark "$(tail -n 8 <<<"$output")"
	return 1
}

# need TEXT COMMAND...: a check without which the rest has no meaning.
need() {
	check "$@" || exit 1
}

# The last line of every scenario.
finish() {
	[ ! -e /run/lab/failed ]
	exit
}

# wait_until SECONDS COMMAND...: try until it succeeds.
wait_until() {
	local seconds=$1 end
	shift
	end=$((SECONDS + seconds))
	until "$@" >/dev/null 2>&1; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "still not so after $seconds s: $*"
			return 1
		fi
		sleep 0.1
	done
}

# thin FULL THIN: the one or the other, by how much was asked for.
thin() {
	if [ "${LAB_FULL:-0}" = 1 ]; then echo "$1"; else echo "$2"; fi
}

# ---- the backend -------------------------------------------------------

back_load() {
	local which=$1
	shift
	case "$which" in
	ours) insmod /lab/ours/netback.ko "$@" ;;
	stock) modprobe xen-netback "$@" ;;
	*) echo "no backend named $which"; return 1 ;;
	esac
}

back_module() {
	grep -Eo '^(netback|xen_netback) ' /proc/modules
}

back_unload() {
	local module
	for module in $(back_module); do
		rmmod "$module" || return 1
	done
}

# ---- guests ------------------------------------------------------------

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
guest_domid() { xl domid "$1" 2>/dev/null; }
guest_data() { echo "/local/domain/$(guest_domid "$1")/data"; }
guest_console() { echo "/var/log/xen/console/guest-$1.log"; }

guest_vif() {
	local name=$1 backend=$2
	echo "mac=$(guest_mac "$name"),script=vif-lab,bridge=br0" \
		"${backend:+,backend=$backend}" | tr -d ' '
}

# Keys, each with its default from the run's parameters: front, front_params,
# type, kernel, vcpus, memory, cpus, backend (a driver domain's name), back
# (makes the guest a driver domain with that backend module), vif=0 (none),
# crash (what Xen does about a crash).
guest_config() {
	local name=$1 front=$LAB_FRONT front_params='' type=$LAB_TYPE
	local kernel=$LAB_GUEST_KERNEL vcpus=$LAB_GUEST_VCPUS memory=256
	local cpus=$LAB_GUEST_CPUS backend='' back='' vif=1 crash=destroy
	local warn=1
	shift
	[ $# -eq 0 ] || local "$@"
	cat <<EOF
name = "$name"
type = "$type"
kernel = "/boot/vmlinuz-$kernel"
ramdisk = "/boot/guest-$kernel.img"
memory = $memory
vcpus = $vcpus
cpus = "$cpus"
tsc_mode = "native"
on_crash = "$crash"
extra = "console=hvc0 rdinit=/init mitigations=off panic_on_warn=$warn \
panic=-1 lab.name=$name lab.index=$(guest_index "$name") lab.front=$front \
lab.front_params=$front_params lab.back=$back"
EOF
	[ "$vif" = 0 ] || echo "vif = [ \"$(guest_vif "$name" "$backend")\" ]"
	[ -z "$back" ] || echo 'driver_domain = 1'
}

guest_start_up() {
	local name=$1
	guest_config "$@" >"/run/lab/$name.cfg"
	xl create -q "/run/lab/$name.cfg"
}

guest_ready() {
	[ "$(xenstore-read "$(guest_data "$1")/agent")" = ready ]
}

# An address on eth0, once the frontend has made one.
guest_address() {
	guest_run "$1" 'end=$((SECONDS + 15))
		until [ -e /sys/class/net/eth0 ]; do
			[ $SECONDS -lt $end ] || exit 1
			sleep 0.1
		done
		bash /run/address'
}

# shellcheck disable=SC2120 # the bound is mostly the default
guest_reachable() {
	ping -c 1 -W 1 "$(guest_ip "$1")"
}

guest_create() {
	local name=$1
	guest_start_up "$@" || { echo "xl create failed"; return 1; }
	guest_wait "$name"
	case " $* " in
	*' vif=0 '*) return ;;
	esac
	guest_link "$name"
}

# After a create, a restart or a restore: the agent answers.
guest_wait() {
	wait_until 60 guest_ready "$1" || return 1
}

# The guest has its address and answers to a ping.
guest_link() {
	guest_address "$1" || return 1
	wait_until 20 guest_reachable "$1"
}

guest_destroy() {
	xl destroy "$1" && wait_until 20 guest_gone "$1"
}

guest_gone() { ! guest_domid "$1"; }

# guest_run NAME COMMAND [SECONDS]: prints what the command printed, returns
# what it returned; 124 when it took too long, 97 when the guest is gone.
guest_run() {
	local name=$1 command=$2 seconds=${3:-60} data seq answer
	data=/local/domain/$(guest_domid "$name")/data || return 97
	seq=$(($(cat /run/lab/seq 2>/dev/null || echo 0) + 1))
	echo "$seq" >/run/lab/seq
	xenstore-write "$data/request" \
		"$seq $seconds $(base64 -w 0 <<<"$command")" || return 97
	answer=$(guest_await "$data/answer" "$seq" $((seconds + 10))) ||
		return $?
	guest_output "$data" "${answer##* }"
	answer=${answer#* }
	return "${answer% *}"
}

# Wait for the answer with this number. A watch spares the polling, which
# would disturb what is measured.
guest_await() {
	local path=$1 seq=$2 end=$((SECONDS + $3)) fd pid answer status=124
	exec {fd}< <(exec xenstore-watch "$path")
	pid=$!
	while [ "$SECONDS" -lt "$end" ]; do
		read -r -t 5 -u "$fd" _
		answer=$(xenstore-read "$path" 2>/dev/null)
		if [ "${answer%% *}" = "$seq" ]; then
			echo "$answer"
			status=0
			break
		fi
		if ! xenstore-exists "${path%/*}"; then
			status=97
			break
		fi
	done
	kill "$pid" 2>/dev/null
	exec {fd}<&-
	return "$status"
}

guest_output() {
	local data=$1 pieces=$2 piece
	for ((piece = 0; piece < pieces; piece++)); do
		xenstore-read "$data/out/$piece" | base64 -d
	done
}

# guest_start NAME ID COMMAND: in the background of the guest.
guest_start() {
	local name=$1 id=$2 command=$3
	guest_run "$name" "rm -f /tmp/$id.*
		setsid bash -c '($command) >/tmp/$id.out 2>&1
			echo \$? >/tmp/$id.rc' >/dev/null 2>&1 </dev/null &
		echo \$! >/tmp/$id.pid"
}

# guest_finish NAME ID SECONDS: its output and status.
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

# A guest that was crashed on purpose: its console is no evidence.
guest_crash_expected() {
	mv "$(guest_console "$1")" "$(guest_console "$1").expected"
}

# ---- the end -----------------------------------------------------------

# Back to how dom0 was before the job; fails when something does not let go.
clean_up() {
	local name
	for name in $(xl list | awk 'NR > 1 && $2 != 0 { print $1 }'); do
		xl destroy "$name"
	done
	wait_until 20 no_vifs
	killall -q -9 net-tool
	killall -q -9 iperf3
	ip link set br0 mtu 1500
	back_unload
}

no_vifs() { ! ls -d /sys/class/net/vif* ; }
