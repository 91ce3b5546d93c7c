# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What must return to its start value: event channels, kernel threads, grants,
# vifs, Xen's free pages, dom0's free memory.
#
#   leaks_snapshot >FILE       leaks_compare BEFORE AFTER

# Kernel threads other than the workers that come and go by themselves: flag
# PF_KTHREAD, 0x200000, is the seventh word behind the name in parentheses.
kthreads() {
	cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^[0-9]* (\(.*\)) /\1\t/' |
		awk -F '\t' '{
			split($2, field, " ")
			if ($1 !~ /^kworker/ && int(field[7] / 2097152) % 2)
				print $1
		}'
}

# Grant entries in use, all domains together, as Xen counts them.
grants_active() {
	xl debug-keys g
	xl dmesg -c >/run/lab/grants 2>/dev/null
	cat /run/lab/grants >>/run/lab/xen-dmesg
	grep -cE '^\(XEN\) +\[0x[0-9a-f]+\] ' /run/lab/grants
}

leaks_snapshot() {
	echo 3 >/proc/sys/vm/drop_caches
	echo "event_channels $(lsevtchn 0 | wc -l)"
	echo "xen_interrupts $(grep -c xen-dyn /proc/interrupts)"
	echo "kernel_threads $(kthreads | wc -l)"
	echo "grants $(grants_active)"
	echo "domains $(xl list | wc -l)"
	echo "vifs $(find /sys/class/net -name 'vif*' | wc -l)"
	echo "xen_free_mb $(xl info | awk '/^free_memory/ { print $3 }')"
	echo "free_kb $(awk '/^MemFree/ { print $2 }' /proc/meminfo)"
}

# Numbers that must be equal, and how far the rest may differ: Xen keeps a few
# pages per domain id it has seen, dom0 has buffers of its own.
leaks_allowed() {
	case "$1" in
	xen_free_mb) echo 2 ;;
	free_kb) echo 16384 ;;
	*) echo 0 ;;
	esac
}

leaks_compare() {
	local name before after less status=0
	while read -r name before; do
		after=$(awk -v n="$name" '$1 == n { print $2 }' "$2")
		case "$name" in
		*free*) less=$((before - after)) ;;
		*) less=$((after - before)) ;;
		esac
		if [ "$less" -gt "$(leaks_allowed "$name")" ]; then
			echo "$name: $before before, $after after"
			status=1
		fi
	done <"$1"
	return "$status"
}
