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
		mode_came "$@" && return
	# There the guest may need longer than the writer waits for it.
	debug_kernel && wait_until 20 mode_came "$@"
}

mode_came() { [ "$(mode_of "$1" "$2")" = "$3" ]; }

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

# Every page that was given to the guest is one that it took.
flips_agree() {
	[ $(($(vif_count "$1" rx_flips_staged) +
		$(vif_count "$1" rx_flips_direct))) = \
		"$(port_count "$1" rx_flips_taken)" ]
}

# Every page that the guest lent was given back.
maps_agree() { [ "$(vif_count "$1" tx_maps)" = "$(vif_count "$1" tx_unmaps)" ]; }

vif_counted() { [ "$(vif_count "$1" "$2")" -gt "${3:-0}" ]; }

# What Xen says to some debug keys: xen_says KEY...
xen_says() {
	local key
	xl dmesg -c >>/run/lab/xen-dmesg
	for key in "$@"; do
		xl debug-keys "$key"
	done
	xl dmesg -c | tee -a /run/lab/xen-dmesg
}

# Kilobytes that Xen has free.
heap_kb() {
	xen_says m | awk '/Dom heap/ { gsub(/[^0-9 ]/, ""); print $NF }'
}

# What Xen counts, exactly: "name pages" lines of dom0 and of each guest named,
# and Xen's heap in kilobytes.
pages_snapshot() {
	local names="0=dom0" name
	for name in "$@"; do
		names="$names $(guest_domid "$name")=$(tr - _ <<<"$name")"
	done
	xen_says q m | awk -v names="$names" '
		BEGIN {
			split(names, pairs)
			for (i in pairs) {
				split(pairs[i], pair, "=")
				name[pair[1]] = pair[2]
			}
		}
		/General information for domain/ { of = $NF + 0 }
		(of in name) && sub(/.*nr_pages=/, "") {
			print name[of] "_pages", $1 + 0
		}
		/Dom heap/ { gsub(/[^0-9 ]/, ""); print "xen_heap_kb", $NF }'
}

# Whether all counts are what a pages_snapshot before, in a file, found:
# pages_same FILE GUEST... There may be other guests by these names by now.
pages_same() {
	local file=$1
	shift
	pages_snapshot "$@" | diff "$file" -
}

# The same, but Xen may have so many kilobytes less: pages_near FILE KB GUEST...
pages_near() {
	local file=$1 slack=$2
	shift 2
	pages_snapshot "$@" | tee /run/lab/pages-now | awk -v slack="$slack" '
		NR == FNR { was[$1] = $2; next }
		$1 == "xen_heap_kb" { bad += was[$1] - $2 > slack; next }
		{ bad += was[$1] != $2 }
		END { exit bad > 0 }' "$file" - && return
	diff "$file" /run/lab/pages-now
	return 1
}

# The same, with time to get there. Vifs hold pages of dom0's only while they
# flip, so both are to be taken while they copy. Where dom0 maps other domains'
# pages in the place of its own, as on the debug kernel, it gets those back late.
pages_settle() {
	wait_until $((20 * $(debug_slower 4))) pages_same "$@" || pages_same "$@"
}
