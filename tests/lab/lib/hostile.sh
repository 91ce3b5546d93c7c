# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Offences, and what is judged of each; the scenario sets vif, device and
# baseline. Rows that the program has no function for are functions here.

# Whether the kernels overwrite what is freed.
poison=$(($(debug_slower 2) - 1))
# How long those that last go on, each.
offence_s=$(thin 20 2)
# The random ones: from what, how many in each direction, and in what time each.
seed=${LAB_SEED:-1}
ops=${LAB_OPS:-$(thin 200000 20000)}
random_s=${LAB_RANDOM_S:-$(thin 60 15)}
# A frontend's are shared out among connections of three kinds.
ops_of() {
	case "$1" in
	random-backend) echo "$ops" ;;
	*) echo $(((ops + 2) / 3)) ;;
	esac
}

# Memory that dom0 may lend to one guest's queues meanwhile.
offence_mem_kb=16384

# Lines of log about the row before.
logged=0

# What dom0 gives up to a backend that flips, and where it is told to.
flips_kb=16384
dom0_target=/sys/devices/system/xen_memory/xen_memory0/target_kb

# rows_wanted NAME,...: rows gets them in the table's order, where those that end
# their guest stand last. Whose each is: the program's (front, back), or made
# here (lab).
declare -A row_end
rows_wanted() {
	local end name
	while read -r end name; do
		[[ ,$1, = *,$name,* ]] || continue
		rows+=("$name")
		row_end[$name]=$end
	done < <(hostile list)
}

is_row() { [ "${row_end[$2]}" = "$1" ]; }

any_row() {
	local end=$1 row
	shift
	for row in "$@"; do
		! is_row "$end" "$row" || return 0
	done
	return 1
}

# Both ways at once, at a pace that leaves time for the offences themselves; what
# was held up is not made up for later.
# shellcheck disable=SC2034 # lib/traffic.sh uses it
flood_rate=2000000
# The longest that nothing may come through, in milliseconds.
gap_ms=$((4000 * $(debug_slower 3)))

# These run while something is measured, so they fork nothing.
uptime_ms() {
	local up
	read -r up _ </proc/uptime
	up=${up/./}0
	printf -v "$1" %s "$up"
}

mem_free_kb() {
	local name kb
	while read -r name kb _; do
		[ "$name" != MemAvailable: ] || printf -v "$1" %s "$kb"
	done </proc/meminfo
}

neighbour_bytes() {
	local rx tx
	read -r rx <"$neighbour/rx_bytes"
	read -r tx <"$neighbour/tx_bytes"
	printf -v "$1" %s $((rx + tx))
}

# The neighbour's bytes per second over so many seconds.
rate_over() {
	local start end from till
	neighbour_bytes start
	uptime_ms from
	sleep "$1"
	neighbour_bytes end
	uptime_ms till
	echo $(((end - start) * 1000 / (till - from)))
}

# The victim's counters, its queues' together, a line each.
counters() {
	local sum='{ gsub(/queue_[0-9]+_|:/, "", $1); sum[$1] += $2 }
		END { for (name in sum) print name, sum[name] }'
	case "$1" in
	front) ethtool -S "$vif" | awk "$sum" ;;
	back) guest_run g2 'ethtool -S eth0' | awk "$sum" ;;
	esac
}

# What the victim's kernel has said about the interface. How many messages were
# left out, it says with the next one, whoever's that is; this does not count.
log_read() {
	case "$1" in
	front) dmesg | grep "$device" ;;
	back) guest_run g2 "dmesg | grep 'splitnet-netfront vif-0'" ;;
	esac >/run/lab/log
}

counter() { awk -v n="$1" '$1 == n { print $2 }' "$2"; }

# hostile_run END NAME...: their output, one file for each in /run/lab/said/.
# The programs run one after another in one call, which is what takes longest.
hostile_run() {
	local end=$1 name all='' bound=$((random_s + offence_s + 120))
	bound=$((bound * $(debug_slower 3)))
	shift
	rm -rf /run/lab/said
	mkdir /run/lab/said
	for name in "$@"; do
		all="$all echo '== $name'; SECONDS_EACH=$offence_s SEED=$seed \
			OPS=$(ops_of "$name") RANDOM_S=$random_s \
			POISON=$poison hostile $name"
		[ "$end" = front ] || all="$all $(guest_domid g2)"
		all="$all; echo status \$?; "
	done
	case "$end" in
	front) guest_run g2 "$all" "$bound" ;;
	back) near_run "$all" "$bound" ;;
	esac 2>&1 | awk '
		/^== / { name = $2; next }
		{ print > ("/run/lab/said/" name) }'
}

# Whoever looks at a vif, or at a port, while it comes and goes, and walks over
# its NAPI instances.
readers_start() {
	local loop='cd /sys/class/net/%s; while :; do
		ethtool -S %s; ip -s link show %s; cat splitnet/*
		echo 1 >threaded; sleep 0.05; echo 0 >threaded
		done >/dev/null 2>&1'
	case "$1" in
	front) near_start readers "${loop//%s/$vif}" ;;
	back) guest_start g2 readers "${loop//%s/eth0}" ;;
	esac
}

readers_end() {
	case "$1" in
	front) near_kill readers ;;
	back) guest_kill g2 readers ;;
	esac
}

# They may leave the guest's instance with a thread. It takes an interface that is
# connected to turn that off, and a new connection to have none.
readers_undo() {
	guest_run g2 'echo 0 >/sys/class/net/eth0/threaded' &&
		back_unbind && back_bind
}

# While process $1 runs, dom0's memory and the neighbour are watched: the least
# of it is in mem-least, the longest that nothing was carried in gap-most.
watch_while() {
	local pid=$1 least now bytes last='' at since most=0
	mem_free_kb least
	uptime_ms since
	while kill -0 "$pid" 2>/dev/null; do
		mem_free_kb now
		[ "$now" -ge "$least" ] || least=$now
		neighbour_bytes bytes
		uptime_ms at
		[ $((at - since)) -le "$most" ] || most=$((at - since))
		[ "$bytes" = "$last" ] || since=$at last=$bytes
		sleep 0.2
	done
	echo "$least" >/run/lab/mem-least
	echo "$most" >/run/lab/gap-most
}

hostile_watched() {
	hostile_run "$@" &
	watch_while $!
}

# Each counter that the program named has grown as it said.
counted() {
	local what name count grown status=0
	while read -r what name count; do
		grown=$(($(counter "$name" /run/lab/after) -
			$(counter "$name" /run/lab/before)))
		case "$what" in
		expect) [ "$grown" -eq "$count" ] ;;
		expect-some) [ "$grown" -gt 0 ] ;;
		*) true ;;
		esac || {
			echo "$name grew by $grown: $what $count"
			status=1
		}
	done < <(grep '^expect' "/run/lab/said/$1")
	return "$status"
}

# told NAME WORD: the number behind it
told() {
	local number
	number=$(awk -v word="$2" '$1 == word { print $2 }' "/run/lab/said/$1")
	echo "${number:-0}"
}

# Whether a fault was met for the first time.
first_met() {
	[ "$(counter "$1" /run/lab/before)" = 0 ] &&
		[ "$(counter "$1" /run/lab/after)" != 0 ]
}

# How many of those that cost a packet were.
firsts() {
	local name count=0
	while read -r name _; do
		! first_met "$name" || count=$((count + 1))
	done < <(hostile faults "$1")
	echo "$count"
}

# Of each of them the log has one line, however often it was met; at its first
# time, unless so much was said that lines were left out.
logged_by_name() {
	local left_out=$2 name text lines status=0
	while read -r name text; do
		lines=$(grep -cF ": $text; dropped" /run/lab/log)
		[ "$lines" = 1 ] || { [ "$lines" = 0 ] &&
			{ "$left_out" || ! first_met "$name"; }; } || {
			echo "$name: $lines lines of log"
			status=1
		}
	done < <(hostile faults "$1")
	return "$status"
}

# A line for what was cut or refused, and for each fault's first packet; however
# often that is, no more than ten in five seconds, which the row before may have
# had.
logged_once() {
	local end=$4 lines=$2 ms=$3 before=$logged cuts maybe most left_out=false
	cuts=$(($(told "$1" cuts) + $(firsts "$end")))
	maybe=$(told "$1" may-cut)
	most=$((10 * (ms / 5000 + 2)))
	[ $((before + lines)) -lt 10 ] || left_out=true
	echo "$lines lines of log in $ms ms, $cuts for what was cut or refused" \
		"or new, $maybe for what may have been cut, $most at most"
	[ "$lines" -le $((cuts + maybe)) ] && [ "$lines" -le "$most" ] &&
		{ [ "$lines" -gt 0 ] || [ "$cuts" = 0 ] || [ "$before" -ge 10 ]; } &&
		logged_by_name "$end" "$left_out"
}

neighbour_flows() {
	local gap
	gap=$(</run/lab/gap-most)
	echo "$1 B/s, was $baseline before; for $gap ms nothing"
	[ "$gap" -le "$gap_ms" ] && [ "$1" -gt 0 ]
}

# Noise of the machine is told from the offence's by a new baseline. The debug
# kernel is busy with its own checks of whatever the offence has it do: there
# the neighbour is only not to stop.
neighbour_kept() {
	local rate=$1 now
	neighbour_flows "$rate" || return 1
	! debug_kernel && [ "$((rate * 2))" -lt "$baseline" ] || return 0
	now=$(rate_over 2)
	echo "$now B/s after"
	[ "$now" -gt 0 ] && [ "$((rate * 2))" -ge "$now" ]
}

mem_kept() {
	local used=$(($1 - $(cat /run/lab/mem-least)))
	echo "$used kB"
	[ "$used" -le "$offence_mem_kb" ]
}

all_done() {
	[ "$(awk '/operations done/ { print $1 }' "/run/lab/said/$1")" -ge \
		"$(ops_of "$1")" ]
}

said_well() {
	tail -n 5 "/run/lab/said/$1"
	grep -qx 'status 0' "/run/lab/said/$1"
}

# Offences with pages that are given away: the backend offers flips to the
# next frontend, and in the end every page is where it was.
flip_offence() {
	local name=$1
	mode_for_next rx flip
	pages_snapshot g2 >/run/lab/pages-before
	offence front "$name"
	mode_for_next rx copy
	pages_kept "$name"
}

# The same by a backend, whose pages are what dom0 gives up for it.
back_flip_offence() {
	local name=$1 target
	target=$(<"$dom0_target")
	check "$name: dom0 has its memory" wait_until 40 dom0_has "$target"
	pages_snapshot g2 >/run/lab/pages-before
	echo $((target - flips_kb)) >"$dom0_target"
	check "$name: dom0 gives up memory" wait_until 20 dom0_has \
		$((target - flips_kb))
	offence back "$name"
	echo "$target" >"$dom0_target"
	pages_kept "$name"
}

# Whether dom0 has so many kilobytes of Xen's, give or take a few pages.
dom0_has() {
	local pages
	pages=$(pages_snapshot g2 | counter dom0_pages -)
	echo "$pages pages, not $(($1 / 4))"
	[ $((pages - $1 / 4)) -ge -64 ] && [ $((pages - $1 / 4)) -le 64 ]
}

pages_kept() {
	check "$1: no page went astray" pages_settle /run/lab/pages-before g2
}

# The transfer mode of the next connection: mode_for_next rx|tx MODE
mode_for_next() { xenstore-write "$(vif_path g2)/mode/$1" "$2"; }

# What offence() compares with: the end of the one before.
offence_start() {
	counters "$1" >/run/lab/after
	log_read "$1"
	lines=$(wc -l </run/lab/log)
}

# offence END NAME: commit it, and judge.
offence() {
	local end=$1 name=$2 mem from till start stop before=$lines
	mv /run/lab/after /run/lab/before
	mem_free_kb mem
	neighbour_bytes start
	uptime_ms from
	case "$name" in
	*reconnect-100) readers_start "$end" ;;
	esac
	hostile_watched "$end" "$name" "good-$end"
	case "$name" in
	*reconnect-100)
		check "$name: who looked on could, to the end" readers_end "$end"
		;;
	esac
	neighbour_bytes stop
	uptime_ms till
	offence_start "$end"
	case "$name" in
	random*)
		remark "$(grep -h operations "/run/lab/said/$name")"
		[ -z "$LAB_OPS" ] ||
			check "$name: as many as were asked for" all_done "$name"
		;;
	*racer | event-index-absurd)
		remark "$(grep -h '^races from seed' "/run/lab/said/$name")"
		;;
	*event-storm) remark "$(grep -h events "/run/lab/said/$name")" ;;
	esac
	check "$name: answered as it should be" said_well "$name"
	check "$name: counted by name" counted "$name"
	check "$name: logged once" logged_once "$name" $((lines - before)) \
		$((till - from)) "$end"
	logged=$((lines - before))
	check "$name: bounded memory" mem_kept "$mem"
	check "$name: the neighbour keeps half" neighbour_kept \
		$(((stop - start) * 1000 / (till - from)))
	check "$name: the next connection is whole" said_well "good-$end"
}

# The guest's kernel remembers the state that it saw last, its first one, and
# would not write it again.
front_load() {
	guest_run g2 'xenstore-write device/vif/0/state 1
		insmod /lab/ours/netfront.ko' && guest_address g2 &&
		wait_until 20 guest_reachable g2
}

back_unbind() {
	echo "$device" >/sys/bus/xen-backend/drivers/splitnet-netback/unbind &&
		wait_until 10 vif_gone "$vif"
}

back_bind() {
	echo "$device" >/sys/bus/xen-backend/drivers/splitnet-netback/bind &&
		vif_up g2 && wait_until 20 guest_reachable g2
}

# The same while the guest does not run: dom0 is the first to look at the other
# one's state.
back_bind_first() {
	xl pause g2 && echo "$device" \
		>/sys/bus/xen-backend/drivers/splitnet-netback/bind &&
		vif_up g2 && sleep 1 && xl unpause g2 &&
		wait_until 20 guest_reachable g2
}

# The rows that take more than one program; g2 has a driver again. Guests boot,
# and are saved, in some: that costs the machine, and so the neighbour, more than
# an offence does, so the neighbour is only not to stop.
lab_offence() {
	local name=$1 row watcher start from stop till rate
	sleep infinity &
	row=$!
	watch_while "$row" &
	watcher=$!
	neighbour_bytes start
	uptime_ms from
	"row_${name//-/_}"
	neighbour_bytes stop
	uptime_ms till
	kill "$row"
	wait "$watcher"
	rate=$(((stop - start) * 1000 / (till - from)))
	remark "$name: $((rate / 1000)) kB/s of the neighbour's"
	check "$name: the neighbour's traffic does not stop" neighbour_flows \
		"$rate"
}

# A backend that left without a word, its frontend in this or that state, and
# the driver that comes back, as after a reload of its module.
left_then_reload() {
	local name=$1 offence=$2
	back_unbind && hostile_run back "$offence"
	check "$name: the frontend noticed" said_well "$offence"
	check "$name: the next backend finds it waiting" back_bind_first
	check "$name: TCP into the guest" tcp_to g2 4194304
}

row_fault_then_reload() { left_then_reload fault-then-reload leave-faulty; }

row_refused_then_reload() {
	left_then_reload refused-then-reload leave-refused
}

# What a socket sent stays on the ring; the socket need not, once the interface
# goes down.
# shellcheck disable=SC2016 # for the guest
lets_go='ip neighbour replace 10.0.0.99 dev eth0 nud permanent \
		lladdr 02:00:00:00:00:99
	waits() { grep "6300000A:0009 01 0*[1-9A-F][0-9A-F]*:" /proc/net/udp; }
	exec 5>/dev/udp/10.0.0.99/9 && echo x >&5 && waits || exit 1
	ip link set eth0 down
	waits
	waited=$?
	ip link set eth0 up
	[ "$waited" = 1 ]'

# A removal waits for the backend, but not for long.
row_backend_silent() {
	back_unbind && hostile_run back leave-connected
	check "backend-silent: a connection that nobody serves" \
		said_well leave-connected
	check "backend-silent: who has sent is let go of by link down" \
		guest_run g2 "$lets_go"
	check "backend-silent: the frontend can be unloaded" guest_run g2 \
		'/lab/module-unload netfront' 30
	echo "$device" >/sys/bus/xen-backend/drivers/splitnet-netback/bind
	vif_up g2
	check "backend-silent: the next pair is whole" front_load
}

# What is on a ring when the interface goes down, is there when it comes up.
row_full_ring_reopened() {
	local name=full-ring-reopened file=/run/lab/reopened
	local limit=/sys/class/net/eth0/queues/tx-0/byte_queue_limits/limit_min
	rm -f "$file"
	back_unbind
	# Or the stack would stop long before the ring is full.
	guest_run g2 "echo 1000000 >$limit"
	near_start filler "hostile fill $(guest_domid g2) $file"
	check "$name: the ring is full" wait_until 30 \
		grep -qx full /run/lab/filler.out
	check "$name: the interface goes down and up" guest_run g2 \
		'for i in {100..125}; do
			ip link set eth0 down && ip link set eth0 up || exit 1
			ping -c 1 -W 1 "10.0.0.$i"
		done; true' $((120 * $(debug_slower 2)))
	touch "$file"
	check "$name: nothing is there twice, and the link goes on" \
		near_finish filler 60
	guest_run g2 "echo 0 >$limit"
	check "$name: a backend's driver takes over" back_bind
	check "$name: TCP out of the guest" tcp_from g2 4194304
}

vif_closed() { [ "$(xenstore-read "$(vif_path g2)/state")" = 6 ]; }

# A guest may remove its own directory, or write that its state is unknown;
# only its toolstack can help it then.
row_directory_removed() {
	local what
	for what in 'xenstore-rm device/vif/0' \
		'xenstore-write device/vif/0/state 0'; do
		guest_run g2 "$what"
		check "directory-removed: the vif closes after $what" \
			wait_until 20 vif_closed
		xl network-detach g2 0
		check "directory-removed: the toolstack takes it away" \
			wait_until 20 vif_gone "$vif"
		# shellcheck disable=SC2046 # words wanted
		xl network-attach g2 $(guest_vif g2 | tr , ' ')
		check "directory-removed: attached again" guest_link g2
		vif=$(vif_of g2)
	done
	check "directory-removed: the neighbour goes on" flood_flows g1
}

unbound_often() {
	for _ in {1..20}; do
		echo "$device" >/sys/bus/xen-backend/drivers/splitnet-netback/unbind &&
			wait_until 10 vif_gone "$vif" || return 1
		echo "$device" >/sys/bus/xen-backend/drivers/splitnet-netback/bind ||
			return 1
		vif=$(vif_of g2)
	done
}

# Whoever unbinds a device holds its lock, and what xenbus' one thread does then
# must not wait for that.
row_state_goes_in_unbind() {
	local name=state-goes-in-unbind
	guest_run g2 '[ ! -e /sys/module/netfront ] || /lab/module-unload netfront'
	guest_start g2 flicker 'while :; do
		xenstore-rm device/vif/0/state
		xenstore-write device/vif/0/state 1
		done'
	check "$name: unbound and bound, 20 times" unbound_often
	guest_kill g2 flicker
	check "$name: the neighbour's news are heard" mode_set g1 tx map
	check "$name: and again" mode_set g1 tx copy
	vif_up g2
	check "$name: the next pair is whole" front_load
	check "$name: TCP out of the guest" tcp_from g2 4194304
}

# A resumed guest whose backend never waits for it.
row_silent_after_resume() {
	local name=silent-after-resume image=/tmp/g2.saved
	xl save g2 "$image" && wait_until 20 guest_gone g2
	check "$name: restored, and not running yet" xl restore -p "$image"
	rm "$image"
	vif=$(vif_of g2)
	device=vif-$(guest_domid g2)-0
	back_unbind && xenstore-write "$(vif_path g2)/state" 1
	check "$name: the guest goes on" xl unpause g2
	check "$name: it answers" guest_run g2 true 60
	check "$name: it can send to nobody" guest_run g2 \
		'! ping -c 3 -W 1 10.0.0.1'
	check "$name: the frontend can be unloaded" guest_run g2 \
		'/lab/module-unload netfront' 30
	echo "$device" >/sys/bus/xen-backend/drivers/splitnet-netback/bind
	vif_up g2
	check "$name: the next pair is whole" front_load
}

# One that plays frontends, on a vif that it has no driver for.
offender_anew() {
	guest_domid g2 >/dev/null || guest_create g2 front=none || return 1
	guest_run g2 '[ ! -e /sys/module/netfront ] ||
		/lab/module-unload netfront
		modprobe xen-gntalloc && modprobe xen-evtchn'
}

# What the kernel counts of the events of the neighbour's vif; of a frontend's it
# counts nothing.
events_say() {
	cat "/sys/bus/xen-backend/devices/vif-$(guest_domid g1)-0/xenbus/$1"
}

# Events that come without work are taken for an attack, and delayed.
row_events_not_spurious() {
	local name=events-not-spurious events
	events=$(events_say events)
	check "$name: the neighbour's traffic flows" flood_flows g1
	rate_over 5 >/dev/null
	check "$name: events come" [ "$(events_say events)" -gt \
		"$events" ]
	check "$name: none was delayed, nor before" [ \
		"$(events_say jiffies_eoi_delayed)" = 0 ]
}

# The kernel's own messages go out with interrupts off.
messages='echo on >/proc/sys/kernel/printk_devkmsg
	for i in {1..400}; do echo "message $i"; done >/dev/kmsg'

# What an interface counts: link_count dom0|guest COUNTER
link_count() {
	case "$1" in
	dom0) cat "/sys/class/net/$vif/statistics/$2" ;;
	guest) guest_run g2 "cat /sys/class/net/eth0/statistics/$2" ;;
	esac
}

link_counted() { [ "$(link_count "$1" "$2")" -ge $(($3 + 100)) ]; }

# Those that the kernel started for vifs that came.
scripts_done() { ! grep -qas "/[v]if-\(lab\|up\)" /proc/[0-9]*/cmdline; }

# Messages to a guest that takes nothing, to one that is gone, and from one.
row_irqs_off() {
	local name=irqs-off before
	need "$name: no script has the vif any more" \
		wait_until 20 scripts_done
	ip link set "$vif" nomaster
	check "$name: dom0's messages go to the guest" modprobe netconsole \
		"netconsole=@$NEAR_IP/$vif,@$(guest_ip g2)/$(guest_mac g2)"
	before=$(link_count dom0 tx_packets)
	xl pause g2
	near_run "$messages"
	xl unpause g2
	check "$name: it takes them late" \
		wait_until 20 link_counted dom0 tx_packets "$before"
	check "$name: its driver goes" guest_run g2 '/lab/module-unload netfront'
	before=$(link_count dom0 tx_dropped)
	near_run "$messages"
	check "$name: what nobody takes is dropped" \
		wait_until 20 link_counted dom0 tx_dropped "$before"
	rmmod netconsole
	ip link set "$vif" master br0
	check "$name: its driver comes" front_load

	check "$name: the guest's messages go to dom0" guest_run g2 \
		"modprobe netconsole netconsole=@$(guest_ip g2)/eth0,@$NEAR_IP/$(</sys/class/net/br0/address)"
	before=$(link_count guest tx_packets)
	guest_run g2 "$messages"
	check "$name: they are sent" \
		wait_until 20 link_counted guest tx_packets "$before"
	back_unbind
	guest_run g2 "$messages"
	guest_run g2 'rmmod netconsole'
	check "$name: a backend's driver takes over" back_bind
	check "$name: it gets what waited" \
		wait_until 20 link_counted dom0 rx_packets 0
	check "$name: TCP out of the guest" tcp_from g2 4194304
}

# The guest has two vifs. What it sends by the first one waits at the second.
row_lent_away() {
	local name=lent-away mac=00:16:3e:00:01:31 before
	local drain=/sys/module/netback/parameters/rx_drain_timeout_msecs
	need "$name: a guest without driver" offender_anew
	xl network-attach g2 "mac=$mac" bridge=br0 script=vif-lab
	guest_start g2 taker "VIF=1 hostile hold 4"
	check "$name: a vif that takes no more than it must" \
		wait_until 20 front_state_is 1 4
	before=$(<"$drain")
	echo 10000 >"$drain"
	mode_for_next tx map
	check "$name: the sender can close, and come back" guest_run g2 \
		"hostile lend $mac"
	echo "$before" >"$drain"
	check "$name: the guest is destroyed" guest_destroy g2
	check "$name: nothing of it is left" wait_until 20 one_vif_left
	check "$name: the neighbour goes on" flood_flows g1
}

# The guest has two vifs; by the first one it floods the second. What waits in the
# queue before that is up to whoever administers it: not much here.
row_rx_hoarded() {
	local name=rx-hoarded mac=00:16:3e:00:01:32 taker mem now before
	local drain=/sys/module/netback/parameters/rx_drain_timeout_msecs
	before=$(<"$drain")
	echo 10000 >"$drain"
	need "$name: a guest without driver" offender_anew
	xl network-attach g2 "mac=$mac" bridge=br0 script=vif-lab
	guest_start g2 flood "hostile flood $mac"
	check "$name: the flood begins" wait_until 60 guest_said g2 flood
	guest_start g2 hoard "VIF=1 hostile hoard"
	check "$name: a vif that takes nothing any more" \
		wait_until 60 guest_said g2 hoard
	taker=vif$(guest_domid g2).1
	ip link set "$taker" txqueuelen 10
	mem_free_kb mem
	# Less than what drains the row, and then a few times that.
	rate_over 8 >/dev/null
	check "$name: no more than a packet and what is let in waits" [ \
		$((524288 + 65536)) -ge \
		"$(<"/sys/class/net/$taker/queues/tx-0/byte_queue_limits/inflight")" ]
	rate_over "$(thin 40 20)" >/dev/null
	check "$name: it goes on" guest_run g2 'kill -0 $(cat /tmp/flood.pid)'
	check "$name: no more than half a megabyte is let in" [ 524288 -ge \
		"$(<"/sys/class/net/$taker/queues/tx-0/byte_queue_limits/limit_max")" ]
	check "$name: packets expire" [ "$(ethtool -S "$taker" |
		awk '/_rx_expired:/ { sum += $2 } END { print sum + 0 }')" -gt 0 ]
	mem_free_kb now
	check "$name: bounded memory" [ $((mem - now)) -le "$offence_mem_kb" ]
	echo "$before" >"$drain"
	check "$name: the guest is destroyed" guest_destroy g2
	check "$name: nothing of it is left" wait_until 20 one_vif_left
	check "$name: the neighbour goes on" flood_flows g1
}

guest_said() { guest_run "$1" "grep -qx begun /tmp/$2.out"; }

front_state_is() {
	[ "$(guest_run g2 "xenstore-read device/vif/$1/state")" = "$2" ]
}

# A vif in each state, and the guest dies with them all.
row_guest_dies_in_states() {
	local name=guest-dies-in-states state number=0
	need "$name: a guest without driver" offender_anew
	for state in 1 3 4 5 6; do
		number=$((number + 1))
		xl network-attach g2 mac="00:16:3e:00:01:3$number" bridge=br0 \
			script=vif-lab
		guest_start g2 "hold$state" "VIF=$number hostile hold $state"
		check "$name: a vif in state $state" \
			wait_until 20 front_state_is "$number" "$state"
	done
	check "$name: the guest is destroyed" guest_destroy g2
	check "$name: nothing of it is left" wait_until 20 one_vif_left
	check "$name: the neighbour goes on" flood_flows g1
}

# In the midst of an offence.
row_guest_dies() {
	local name
	need "guest-dies: an offender" offender_anew
	for name in event-storm tx-racer map-racer reconnect-100; do
		[ "$name" != map-racer ] || mode_for_next tx map
		guest_start g2 dying "SECONDS_EACH=30 hostile $name"
		check "guest-dies: $name begins" wait_until 60 guest_run g2 \
			'grep -qx begun /tmp/dying.out && kill -0 $(cat /tmp/dying.pid)'
		check "guest-dies: in $name" guest_destroy g2
		vif=$(vif_of g2)
		check "guest-dies: nothing of it is left" wait_until 20 \
			one_vif_left
		[ "$name" != reconnect-100 ] || break
		need "guest-dies: another offender" offender_anew
	done
	check "guest-dies: the neighbour goes on" flood_flows g1
}

one_vif_left() { [ "$(find /sys/class/net -name 'vif*' | wc -l)" = 1 ]; }
