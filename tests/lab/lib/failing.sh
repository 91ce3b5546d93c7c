# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Faults injected into our modules of the build FAILING=y. An end is "back",
# the module in dom0, or "front", the one in the guest g1.
#
#   failing_points END         the calls reached so far, a line each: the POINT,
#                              how often it was reached, how often it failed
#   failing_set END POINT[+N]  have it fail once, after N times; "" is none. Says
#                              how often it failed so far
#   failing_count END POINT    how often it failed
#   failing_said END           what our modules logged behind the last one

end_run() {
	case "$1" in
	back) near_run "$2" ;;
	front) guest_run g1 "$2" ;;
	esac
}

failing_file() { echo "/sys/module/net$1/parameters/failing"; }

failing_points() { end_run "$1" "cat $(failing_file "$1")" 2>/dev/null; }

count_command() { echo "awk '\$1 == \"${2%+*}\" { print \$3 }' $(failing_file "$1")"; }

failing_set() {
	end_run "$1" "$(count_command "$1" "$2")
		echo '$2' >$(failing_file "$1")"
}

failing_count() { end_run "$1" "$(count_command "$1" "$2")"; }

failing_said() {
	end_run "$1" "dmesg | awk '
		/fails, as it was told/ { said = \"\"; next }
		/br0: |promiscuous mode|ADDRCONF/ { next }
		/vif|eth0|netback|netfront|splitnet/ { said = said \$0 \"\n\" }
		END { printf \"%s\", said }'"
}
