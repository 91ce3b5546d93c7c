# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # what other files set, or use
# Windows: traffic or known work between markers, while QEMU's plugin counts.
# Sourced behind compare/measure.sh and, under Xen, compare/guests.sh.

# The windows' numbers, which the markers carry.
number=0

# What the host needs to name the code that was counted: the modules of each
# domain by its number, 0 for dom0, and a kernel's own functions where the
# host has not got them yet. Sent at once: where every access to memory is
# looked at, 600 kB take minutes.
symbols_save() {
	local index=0 name folder=/run/lab/symbols
	mkdir -p "$folder"
	symbols_of_modules() { awk '$2 ~ /[tTwW]/ && NF == 4' /proc/kallsyms; }
	symbols_of_core() { awk '$2 ~ /[tTwW]/ && NF == 3' /proc/kallsyms; }
	symbols_of_modules >"$folder/symbols-0"
	core_wanted "$LAB_KERNEL" &&
		symbols_of_core >"$folder/symbols-core-$LAB_KERNEL"
	for name in "$@"; do
		index=$((index + 1))
		guest_ask "$name" "awk '\$2 ~ /[tTwW]/ && NF == 4' \
			/proc/kallsyms" >"$folder/symbols-$index"
	done
	if [ "$LAB_KERNEL" != "$LAB_GUEST_KERNEL" ] && [ $# -gt 0 ] &&
		core_wanted "$LAB_GUEST_KERNEL"; then
		guest_ask "$1" "awk '\$2 ~ /[tTwW]/ && NF == 3' \
			/proc/kallsyms" \
			>"$folder/symbols-core-$LAB_GUEST_KERNEL"
	fi
	send_files "$folder"
}

core_wanted() {
	case ",$LAB_CORE_SYMBOLS," in
	*",$1,"*) ;;
	*) return 1 ;;
	esac
}

# window_data LABEL PLACEMENT PAIR PATH DIRECTION KIND SIZE OFFLOADS CACHE
#	MODES "NAME=VALUE..."
window_data() {
	echo "data window $number $*" >&8
}

# windows_run: the host's list, a line after the other. prepare and traffic
# are the job's; they get a line's words. traffic prints what the traffic
# program said.
windows_run() {
	local words output
	while read -r -a words <&7; do
		prepare "${words[@]}" || fail "preparing ${words[*]}"
		number=$((number + 1))
		if ! output=$(traffic "${words[@]}" 2>&1) ||
			! [[ "$output" =~ (packets=[1-9].*)$ ]]; then
			remark "$output"
			fail "window ${words[*]}"
		fi
		window_data "${words[@]:0:10}" "${BASH_REMATCH[1]}"
		ok "window $number: ${words[*]:0:10} ${BASH_REMATCH[1]}"
	done 7</lab/windows
}

# gso_limit BYTES DEVICE...
gso_limit() {
	local bytes=$1 device
	shift
	for device in "$@"; do
		/usr/bin/ip link set dev "$device" gso_max_size "$bytes" ||
			return 1
	done
}
