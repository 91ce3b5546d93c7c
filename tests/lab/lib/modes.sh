# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Transfer modes: asked for, read back, counted. On the near end.

# mode_of GUEST rx|tx
mode_of() {
	near_run "cat /sys/class/net/$(vif_of "$1")/splitnet/$2_mode"
}

# mode_set GUEST rx|tx MODE: true when the mode is in use then.
mode_set() {
	near_run "echo $3 >/sys/class/net/$(vif_of "$1")/splitnet/$2_mode" &&
		[ "$(mode_of "$1" "$2")" = "$3" ]
}

# Whether this run's Rx can be a flip at all: a PV guest, and ours on both ends.
flips_work() {
	[ "$LAB_TYPE" = pv ] && [ "$LAB_BACK" = ours ] && [ "$LAB_FRONT" = ours ]
}

# The sum over a vif's queues of a counter of ethtool -S: vif_count GUEST NAME
vif_count() {
	near_run "ethtool -S $(vif_of "$1")" | awk -v name="$2:" '
		$1 ~ "^queue_[0-9]+_" name "$" { sum += $2 }
		END { print sum + 0 }'
}

# The same of the guest's own interface.
port_count() {
	guest_run "$1" "ethtool -S eth0" | awk -v name="$2:" '
		$1 ~ "^queue_[0-9]+_" name "$" { sum += $2 }
		END { print sum + 0 }'
}

vif_counted() { [ "$(vif_count "$1" "$2")" -gt "${3:-0}" ]; }

# What Xen counts, exactly: pages of a domain, and kilobytes of its heap.
domain_pages() {
	grant_tables >/dev/null
	xl debug-keys q
	xl dmesg -c | tee -a /run/lab/xen-dmesg | awk -v domain="$1" '
		/General information for domain/ { of = $NF + 0 }
		of == domain && sub(/.*nr_pages=/, "") { print $1 + 0; exit }'
}

heap_kb() {
	xl dmesg -c >>/run/lab/xen-dmesg
	xl debug-keys m
	xl dmesg -c | tee -a /run/lab/xen-dmesg | awk '
		/Dom heap/ { gsub(/[^0-9 ]/, ""); print $NF }'
}

# "name pages" lines: dom0, each guest named, and Xen's heap in kilobytes.
pages_snapshot() {
	local name
	echo "dom0_pages $(domain_pages 0)"
	for name in "$@"; do
		echo "$(tr - _ <<<"$name")_pages $(domain_pages "$(guest_domid "$name")")"
	done
	echo "xen_heap_kb $(heap_kb)"
}
