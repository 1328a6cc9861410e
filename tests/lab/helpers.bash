# shellcheck shell=bash
# helpers.bash - what bats files that use the lab load.
#
#	load ../lab/helpers
#	setup_file()    { lab_setup_file; }
#	teardown_file() { lab_teardown_file; }
#	setup()         { lab_setup; }    a fresh lab for each test (0.15 s)
#	teardown()      { lab_teardown; } ends what these helpers started
#
# Watchers (probe, holders, wire) and keepalived are instances with a name, by
# default their kind; AS=name before a call gives another.  Their files are
# $T/NAME.out, .err, .json and .pid, $T being the test's own directory.  Start
# them in the test's shell, not by `run` or in $( ).

LC_ALL=C
LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$LAB_DIR/../.." && pwd)
B=${B:-build}
[[ $B == /* ]] || B=$ROOT/$B
TOOLS=${TOOLS:-$B}
LAB_BIN=${LAB_BIN:-$B/lab}
export LAB_BIN
export VIP=10.77.0.254 VIP6=fd77::fe PORT=7777 TOOLS ROOT B
T=${BATS_TEST_TMPDIR:-${BATS_FILE_TMPDIR:-/tmp}}

require_root() {
	((EUID == 0)) || skip "needs root"
}

# ---- the lab --------------------------------------------------------------

# lab VERB ARGS...: the lab script, on this file's lab.
lab() {
	"$LAB_DIR/lab" "$@" 3>&-
}

# A prefix of this file's own, owned by the process that runs the file.
# (Of bats 1.8 only a test can skip, not setup_file.)
lab_setup_file() {
	((EUID == 0)) || return 0
	export LAB=t$$ LAB_OWNER=$$
	lab up --owner "$LAB_OWNER"
}

lab_teardown_file() {
	[[ -z ${LAB_OWNER-} ]] || lab down
}

lab_setup() {
	require_root
	lab up --owner "$LAB_OWNER"
	background noise "$LAB_BIN/lab-noise" "$T/noise"
}

# After a failure, what the processes said last, and what tests/check reads.
lab_teardown() {
	local f pid

	[[ -n ${BATS_TEST_COMPLETED-} ]] || {
		tail -v -n 12 "$T"/*.err "$T"/*.out 2>/dev/null || :
		echo "the machine was late by $(noise) ms, and stood still for $(still) ms"
	}
	for f in "$T"/*.pid; do
		[[ -e $f ]] || continue
		pid=$(<"$f")
		{ kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || :
	done
}

# in_node NODE CMD...: run in the foreground of a node (also with &).
in_node() {
	ip netns exec "$LAB-$1" "${@:2}" 3>&-
}

# vip add|del NODE [ADDR]: by hand.
vip() {
	local addr=${3:-$VIP} len=32

	[[ $addr != *:* ]] || len=128
	ip -n "$LAB-$2" addr "$1" "$addr/$len" dev eth0
}

# holds NODE [ADDR]: is the address on an interface of the node?
holds() {
	[[ $(ip -n "$LAB-$1" -o addr show to "${2:-$VIP}" 2>/dev/null) ]]
}

# reaches NODE [FROM]: does the node's responder hear one datagram?
reaches() {
	local n=$1

	[[ $n != a ]] || n=1
	[[ $n != b ]] || n=2
	[[ $n != c ]] || n=3
	[[ $(in_node "${2:-cl}" "$LAB_BIN/lab-probe" -d 1 -w 100 "10.77.0.$n" \
		$PORT) == *'"lost":0,'* ]]
}

# ---- time and numbers -----------------------------------------------------

# now: seconds, as in every lab tool's output.
now() {
	echo "$EPOCHREALTIME"
}

# ms A B: milliseconds from A to B.
ms() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f\n", (b - a) * 1000 }'
}

# calc EXPRESSION: of awk.
calc() {
	awk "BEGIN { OFMT = \"%.6f\"; print ($*) }"
}

# within VALUE LOW HIGH
within() {
	awk -v v="$1" -v lo="$2" -v hi="$3" \
		'BEGIN { exit !(v != "" && v + 0 >= lo && v + 0 <= hi) }' ||
		{
			echo "within: $1 is not from $2 to $3" >&2
			return 1
		}
}

# noise: how late this machine woke a process since the test began, at worst.
noise() {
	local ms=0

	[[ ! -e $T/noise ]] || read -r ms _ <"$T/noise" || :
	echo "${ms:-0}"
}

# still: how long it took to start a process or to change the network, at worst.
still() {
	local ms=0

	[[ ! -e $T/noise ]] || read -r _ ms <"$T/noise" || :
	echo "${ms:-0}"
}

# in_time MS LOW HIGH: as within, but for what the machine itself was late: once
# for each of the two processes that a time is taken between.
in_time() {
	within "$1" "$(calc "$2 - 2 * $(noise)")" "$(calc "$3 + 2 * $(noise)")"
}

# wait_for SECONDS CMD...: until CMD succeeds, tried every $POLL (10 ms); it is
# longer by what the machine was late, and CMD is tried once more after it.
wait_for() {
	local secs=$1 end over=0

	shift
	end=$(awk -v s="$secs" -v t="$EPOCHREALTIME" \
		'BEGIN { printf "%.0f\n", (t + s) * 1e6 }')
	until "$@" >/dev/null 2>&1; do
		if ((over)); then
			echo "wait_for: not within $secs s: $*" >&2
			return 1
		fi
		if ((${EPOCHREALTIME/./} > end)); then
			((over = ${EPOCHREALTIME/./} > end + 2000 * $(noise), 1))
		fi
		sleep "${POLL:-0.01}"
	done
}

# never SECONDS CMD...: CMD, tried as often, fails all that time.
never() {
	refute wait_for "$@"
}

# refute CMD...: CMD fails.  (A bare ! does not fail a bats test.)
refute() {
	if "$@"; then
		echo "refute: $*" >&2
		return 1
	fi
}

# gone PID: no such process, or a zombie.  (No $(<...): bash may reap a child of
# its own before that reads, and what fails in a subshell fails a bats test.)
gone() {
	local stat=

	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ $stat == *') Z '* ]]
}

# ---- background processes -------------------------------------------------

# background NAME CMD...: pid in $T/NAME.pid.
background() {
	local name=$1

	shift
	"$@" </dev/null >"$T/$name.out" 2>"$T/$name.err" 3>&- 4>&- &
	echo $! >"$T/$name.pid"
}

watcher_start() {
	background "$@"
	wait_for 5 grep -q '^ready' "$T/$1.err" || {
		cat "$T/$1.err" >&2
		return 1
	}
}

# end NAME [SIGNAL]: TERM it and wait until it is gone.
end() {
	local pid

	pid=$(<"$T/$1.pid")
	kill "-${2:-TERM}" "$pid" || return 1
	wait_for 5 gone "$pid"
	wait "$pid" 2>/dev/null || :
	rm "$T/$1.pid"
}

# watcher_end NAME: the same; the JSON it printed last goes to $T/NAME.json.
watcher_end() {
	end "$1"
	tail -n 1 "$T/$1.out" >"$T/$1.json"
	jq -e . "$T/$1.json" >/dev/null
}

# json NAME FILTER: jq -r on the result of a watcher that was stopped.
json() {
	jq -r "$2" "$T/$1.json"
}

# ---- watchers -------------------------------------------------------------

# probe_start ADDR [OPTION...]: from the client, every ms; see lab-probe.
probe_start() {
	local addr=$1

	shift
	watcher_start "${AS:-probe}" ip netns exec "$LAB-cl" \
		"$LAB_BIN/lab-probe" -v "$@" "$addr" $PORT
}

probe_stop() {
	watcher_end "${AS:-probe}"
}

# probe_sees NODE: is it that node which answered last? (while it runs)
probe_sees() {
	[[ $(tail -n 1 "$T/${AS:-probe}.err") == "+$1" ]]
}

# probe_get FILTER: of the stopped probe's JSON, e.g. .longest_gap_ms
probe_get() {
	json "${AS:-probe}" "$1"
}

# holders_start [ADDR [NODE...]]: default the VIP in a, b and c.
holders_start() {
	local n args=()

	for n in "${@:2}"; do
		args+=("$n=$LAB-$n")
	done
	((${#args[@]})) || args=("a=$LAB-a" "b=$LAB-b" "c=$LAB-c")
	watcher_start "${AS:-holders}" "$LAB_BIN/lab-holders" "${1:-$VIP}" \
		"${args[@]}"
}

holders_stop() {
	watcher_end "${AS:-holders}"
}

holders_get() {
	json "${AS:-holders}" "$1"
}

# wire_start [NODE [OPTION...]]: default the client; lines in $T/wire.out.
wire_start() {
	watcher_start "${AS:-wire}" ip netns exec "$LAB-${1:-cl}" \
		"$LAB_BIN/lab-wire" "${@:2}"
}

wire_stop() {
	end "${AS:-wire}"
}

# wire REGEX: the lines seen so far that match; fails if there are none.
wire() {
	grep -E -- "$1" "$T/${AS:-wire}.out"
}

# spit NODE ARGS...: lab-spit on the node's eth0.
spit() {
	in_node "$1" "$LAB_BIN/lab-spit" -i eth0 "${@:2}"
}

# ---- keepalived -----------------------------------------------------------

# _block NAME LINE...: nothing if there are no lines.
_block() {
	(($# < 2)) || printf '%s\n' "$1 {" "${@:2}" "}"
}

# keepalived_conf KEY=VALUE...: one instance.  Keys and defaults:
#	name=vi version=3 state=BACKUP vrid=51 priority=100 interval=1 if=eth0
#	family=inet|inet6 vips="..." src= peers="..." (unicast) auth= (PASS)
#	nopreempt= (1) extra= (lines for the instance) global= (for global_defs)
keepalived_conf() {
	local kv vip vips peers
	local -A c=([name]=vi [version]=3 [state]=BACKUP [vrid]=51
		[priority]=100 [interval]=1 [if]=eth0 [family]=inet)

	for kv in "$@"; do
		c[${kv%%=*}]=${kv#*=}
	done
	vip="$VIP/24"
	[[ ${c[family]} == inet ]] || vip="$VIP6/64"
	read -ra peers <<<"${c[peers]-}"
	read -ra vips <<<"${c[vips]:-$vip}"
	cat <<-CONF
	global_defs {
	    router_id lab
	    ${c[global]-}
	}
	vrrp_instance ${c[name]} {
	    version ${c[version]}
	    state ${c[state]}
	    interface ${c[if]}
	    virtual_router_id ${c[vrid]}
	    priority ${c[priority]}
	    advert_int ${c[interval]}
	    ${c[nopreempt]:+nopreempt}
	    ${c[src]:+unicast_src_ip ${c[src]}}
	    $(_block unicast_peer "${peers[@]}")
	    $(_block authentication ${c[auth]:+"auth_type PASS"} \
		${c[auth]:+"auth_pass ${c[auth]}"})
	    $(_block virtual_ipaddress "${vips[@]}")
	    ${c[extra]-}
	}
	CONF
}

# keepalived_start NODE CONF_TEXT [OPTION...]: until its instances are up; the
# log is $T/keepalived-NODE.err.
keepalived_start() {
	local name=${AS:-keepalived-$1}

	printf '%s\n' "$2" >"$T/$name.conf"
	background "$name" ip netns exec "$LAB-$1" keepalived \
		--dont-fork --log-console --log-detail --no-syslog --vrrp \
		-f "$T/$name.conf" -p "$T/$name.p" -r "$T/$name.r" \
		-c "$T/$name.c" "${@:3}"
	wait_for 5 keepalived_log "$1" 'Entering .* STATE' || {
		cat "$T/$name.out" "$T/$name.err" >&2
		return 1
	}
}

keepalived_stop() {
	end "${AS:-keepalived-$1}"
}

# keepalived_log NODE REGEX
keepalived_log() {
	grep -E -- "$2" "$T/${AS:-keepalived-$1}.err"
}
