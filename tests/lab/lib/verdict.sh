# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Verdicts, and waiting.
#
#   check 'text' command...   one verdict; goes on either way
#   need 'text' command...    the same, ends the scenario when it fails
#   ok/not_ok 'text'          skip 'text' 'why'          remark 'text'
#   fail 'why'                wait_until SECONDS command...
#   thin FULL THIN            send_files FOLDER, to the job's logs on the host
#   finish (the last line of every scenario)

# The count lies in a file, because checks also run in subshells.
verdict() {
	local count
	count=$(($(cat /run/lab/count 2>/dev/null || echo 0) + 1))
	echo "$count" >/run/lab/count
	echo "$1 $count - $2" | tee /dev/ttyS1
}

ok() { verdict ok "$1"; }
skip() { verdict ok "$1 # SKIP $2"; }
remark() { sed 's/^/# /' <<<"$*" | tee /dev/ttyS1; }

not_ok() {
	touch /run/lab/failed
	verdict 'not ok' "$1"
}

fail() {
	not_ok "$1"
	exit 1
}

# Bash's, which it calls for a command that the image lacks: what a check made of
# its silence is worth nothing.
command_not_found_handle() {
	not_ok "there is the command $1" >&2
	return 127
}

# What the command said follows when it fails.
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

need() { check "$@" || exit 1; }

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

send_files() {
	{
		echo "LAB files $LAB_JOB"
		tar -C "$1" -cz . | base64
		echo "LAB eof"
	} >/dev/ttyS1
}

# By how much was asked for.
thin() {
	if [ "${LAB_FULL:-0}" = 1 ]; then echo "$1"; else echo "$2"; fi
}
