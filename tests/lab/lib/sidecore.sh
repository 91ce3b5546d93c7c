# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Side-core offload of a guest's vif, in dom0. The side-core is dom0's vCPU 1,
# on a CPU of its own; guests share the other one with vCPU 0.
#
#   sidecore_guest NAME        a guest, up, on CPU 0
#   sidecore_set NAME KEY VALUE    sidecore_is NAME KEY VALUE
#   sidecore_on NAME NOTIFY    offload to the side-core
#   sidecore_count NAME COUNTER    of all queues together, as ethtool -S has it
#   sidecore_refuses NAME KEY VALUE ERRNO
#   worker_thread CPU          netback's there, if it has one
#   events_come_to CPUS NAME QUEUE     where a queue's event channels lead
#   irqs_to CPU DEVICE         what does not follow by itself
#   irqs_at CPU DEVICE         how many of them came there
#   stock_sidecore VIF         the stock driver's nearest to it

SIDECORE=1

sidecore_guest() {
	local name=$1
	shift
	guest_create "$name" cpus=0 "$@"
}

sidecore_file() { echo "/sys/class/net/$(vif_of "$1")/splitnet/$2"; }
sidecore_set() { echo "$3" >"$(sidecore_file "$1" "$2")"; }
sidecore_is() { [ "$(cat "$(sidecore_file "$1" "$2")")" = "$3" ]; }

sidecore_on() {
	sidecore_set "$1" notify "$2" &&
		sidecore_set "$1" sidecore_cpus "$SIDECORE" &&
		sidecore_set "$1" offload sidecore
}

sidecore_count() {
	ethtool -S "$(vif_of "$1")" |
		awk -v name="_$2:" 'index($1, name) { sum += $2 } END { print sum + 0 }'
}

# The errno, by what it is called; and the setting is what it was.
sidecore_refuses() {
	local file before output
	file=$(sidecore_file "$1" "$2")
	before=$(cat "$file")
	if output=$(bash -c "echo '$3' >'$file'" 2>&1); then
		echo "$2 took $3"
		return 1
	fi
	echo "$output"
	[[ "$output" == *"$4"* ]] && [ "$(cat "$file")" = "$before" ]
}

worker_thread() {
	grep -ls "(netback/$1)" /proc/[0-9]*/stat |
		sed 's|/proc/\(.*\)/stat|\1|'
}

# The side-core's, and its CPU time so far, in nanoseconds.
sidecore_thread() { worker_thread "$SIDECORE"; }
no_worker() { [ -z "$(sidecore_thread)" ]; }

# What the worker ran for; in hundredths of a second where the kernel, which is
# the debug kernel then, counts no better.
sidecore_ns() {
	local folder
	folder=/proc/$(sidecore_thread)
	if [ -e "$folder/schedstat" ]; then
		awk '{ print $1 }' "$folder/schedstat"
	else
		awk '{ print $15 * 10000000 }' "$folder/stat"
	fi
}

# The interrupts that carry a device's name, alone or before a dash.
irqs_of() {
	awk -v name="$1" '
		$NF == name || index($NF, name "-") == 1 { print $1 + 0 }' \
		/proc/interrupts
}

irqs_to() {
	local irq
	for irq in $(irqs_of "$2"); do
		echo "$1" >"/proc/irq/$irq/smp_affinity_list" || return 1
	done
}

# All of them, and no other CPUs.
events_come_to() {
	local irq cpus
	cpus=$(for irq in $(irqs_of "$(vif_of "$2")-q$3"); do
		cat "/proc/irq/$irq/smp_affinity_list"
	done | sort -u)
	echo "$cpus"
	[ "$cpus" = "$1" ]
}

irqs_at() {
	awk -v column=$(($1 + 2)) -v name="$2" '
		$NF == name || index($NF, name "-") == 1 { sum += $column }
		END { print sum + 0 }' /proc/interrupts
}

# Threaded NAPI, its threads and the driver's own pinned by hand.
stock_sidecore() {
	local comm pid
	echo 1 >"/sys/class/net/$1/threaded" || return 1
	for comm in /proc/[0-9]*/comm; do
		case "$(cat "$comm" 2>/dev/null)" in
		"napi/$1-"* | "$1-q"*)
			pid=${comm#/proc/}
			taskset -pc "$SIDECORE" "${pid%/comm}" || return 1
			;;
		esac
	done
	irqs_to "$SIDECORE" "$1"
}
