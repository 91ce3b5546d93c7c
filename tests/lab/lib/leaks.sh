# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What must return to its start value: event channels, kernel threads, grants,
# vifs, Xen's free pages, the kernel's slabs, free memory.
#
#   leaks_snapshot >FILE       leaks_compare BEFORE AFTER
#   guest_snapshot NAME >FILE  the same of a guest, seen from inside

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

# Xen's own list of the grant tables. It names the entries that somebody has
# mapped, and per domain how many pages the table has grown to.
grant_tables() {
	xl dmesg -c >>/run/lab/xen-dmesg
	xl debug-keys g
	xl dmesg -c | tee -a /run/lab/xen-dmesg
}

grants_mapped() {
	grant_tables | grep -cE '^\(XEN\) +\[0x[0-9a-f]+\] '
}

grant_frames() {
	grant_tables | awk -v domain="d$(guest_domid "$1")" '
		/grant-table for remote/ { of = $5 }
		/frames \(/ && of == domain { print $2 }'
}

leaks_snapshot() {
	echo 3 >/proc/sys/vm/drop_caches
	echo "event_channels $(lsevtchn 0 | wc -l)"
	echo "xen_interrupts $(grep -c xen-dyn /proc/interrupts)"
	echo "kernel_threads $(kthreads | wc -l)"
	echo "grants_mapped $(grants_mapped)"
	echo "domains $(xl list | wc -l)"
	echo "vifs $(find /sys/class/net -name 'vif*' | wc -l)"
	echo "slab_kb $(awk '/^SUnreclaim/ { print $2 }' /proc/meminfo)"
	echo "xen_free_mb $(xl info | awk '/^free_memory/ { print $3 }')"
	echo "free_kb $(awk '/^MemFree/ { print $2 }' /proc/meminfo)"
}

# A guest grants pages without telling Xen; what its drivers forget to take
# back shows in the table's growth, or as memory that does not return.
guest_snapshot() {
	guest_run "$1" "$(declare -f kthreads)
		echo 3 >/proc/sys/vm/drop_caches
		echo xen_interrupts \$(grep -c xen-dyn /proc/interrupts)
		echo kernel_threads \$(kthreads | wc -l)
		echo guest_slab_kb \$(awk '/^SUnreclaim/ { print \$2 }' /proc/meminfo)
		echo guest_free_kb \$(awk '/^MemFree/ { print \$2 }' /proc/meminfo)"
	echo "grant_frames $(grant_frames "$1")"
}

# Numbers that must be equal, and how far the rest may differ: Xen keeps a few
# pages per domain id it has seen, dom0 has buffers of its own.
leaks_allowed() {
	local more=1
	# It keeps a record of each object, and looks for leaks by itself.
	! debug_kernel || more=4
	case "$1" in
	xen_free_mb) echo 2 ;;
	slab_kb) echo $((more * 4096)) ;;
	free_kb) echo $((more * 16384)) ;;
	guest_slab_kb) echo $((more * 2048)) ;;
	guest_free_kb) echo $((more * 4096)) ;;
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
