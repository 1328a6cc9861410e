#!/usr/bin/env bats
# examples/monitor: the filter beside the lines, and VRRPv3-MIB by snmpd.

bats_require_minimum_version 1.5.0
load ../lab/helpers

MONITOR=$ROOT/examples/monitor/monitor
OID=.1.3.6.1.2.1.207.1

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
setup() { lab_setup; }
teardown() { lab_teardown; }

# monitor ARG...: reads what is written to fd 8; files $T/m.{prom,json,out}.
monitor() {
	mkfifo "$T/in"
	"$MONITOR" -p "$T/m.prom" -j "$T/m.json" "$@" <"$T/in" >"$T/m.out" \
		2>"$T/m.err" 3>&- 4>&- &
	echo $! >"$T/m.pid"
	exec 8>"$T/in"
}

# ended: its exit code, when its input has.
ended() {
	local code=0

	wait_for 10 gone "$(<"$T/m.pid")"
	wait "$(<"$T/m.pid")" || code=$?
	rm "$T/m.pid"
	((code == $1))
}

# metric FILE NAME [LABEL=VALUE...]: its value.
metric() {
	awk -v name="$2" -v labels="${*:3}" '
		BEGIN { n = split(labels, l, " ") }
		index($0, name "{") == 1 || index($0, name " ") == 1 {
			for (i = 1; i <= n; i++) {
				k = v = l[i]
				sub(/=.*/, "", k)
				sub(/[^=]*=/, "", v)
				if (!index($0, k "=\"" v "\"")) next
			}
			print $NF + 0
		}' "$1"
}

# parsed FILE: NAME LABELS VALUE of each, as a parser of Prometheus reads it.
parsed() {
	/usr/bin/python3 - "$1" <<-'PY'
	import sys
	from prometheus_client.parser import text_string_to_metric_families as parse
	for family in parse(open(sys.argv[1]).read()):
	    for s in family.samples:
	        print(s.name, *("%s=%s" % l for l in sorted(s.labels.items())), s.value)
	PY
}

# shows VALUE FILE NAME [LABEL=VALUE...]
shows() {
	[[ $(metric "${@:2}") == "$1" ]]
}

state() {
	jq -r "$1" "$T/m.json"
}

# is VALUE FILTER
is() {
	[[ $(state "$2") == "$1" ]]
}

same() {
	cmp -s "$T/sent" "$T/m.out"
}

@test "bytes go through as they are, and at once" {
	monitor
	printf 'UP half url=' >&8
	wait_for 5 grep -q 'UP half url=$' "$T/m.out"
	{
		printf 'UP half url='
		printf 'x\n\n \nno word\n'
		head -c 50000 /dev/urandom
		printf '\nUP %01500d long=1\n' 0
		seq -f 'DOWN s%.0f why=timeout addr=192.0.2.1:80' 5000
		printf 'BACKUP tail if=eth0'
	} >"$T/sent"
	tail -c +13 "$T/sent" >&8
	wait_for 10 same
	wait_for 5 is 1024 '.subjects | length'
	(($(state .ignored) >= 5000 - 1024))
	exec 8>&-
	ended 0
	same
	is false .running
}

@test "what the lines say is in the files" {
	local e='if=eth0 vrid=51 family=inet addrs=192.0.2.1/24 version=3'

	monitor -w 0.1 -n 3
	echo "BACKUP v $e priority=100 epoch=0 interval=1s was=INIT" >&8
	echo 'UP web url=http://h/"\%20 rtt=0.0125 status=200' >&8
	echo 'DOWN d"\b why=refused' >&8
	echo 'UP fourth url=x' >&8
	wait_for 5 shows 1 "$T/m.prom" vrrp_state subject=v interface=eth0 \
		vrid=51 family=inet
	shows 100 "$T/m.prom" vrrp_priority subject=v
	shows 1 "$T/m.prom" hcheck_up target=web
	parsed "$T/m.prom" >"$T/parsed"
	grep -qxF 'hcheck_up target=d"\b 0.0' "$T/parsed"
	grep -qxF 'hcheck_up target=web 1.0' "$T/parsed"
	grep -qx 'vrrp_state family=inet interface=eth0 subject=v vrid=51 1.0' \
		"$T/parsed"
	(($(grep -vc '^#' "$T/m.prom") == $(wc -l <"$T/parsed")))
	shows 0.0125 "$T/m.prom" hcheck_probe_duration_seconds
	shows '' "$T/m.prom" hcheck_up target=fourth
	shows 1 "$T/m.prom" vrrp_monitor_ignored_lines_total
	shows 3 "$T/m.prom" vrrp_monitor_subjects
	is 1 'input_line_number'
	is 'http://h/"\%20' '.subjects[] | select(.subject == "web").facts.url'
	is 'number string' '.subjects[] | select(.subject == "v").facts |
		"\(.vrid | type) \(.interval | type)"'
	echo "MASTER v $e priority=90 epoch=7 interval=1s was=BACKUP" >&8
	echo "MASTER v $e priority=90 epoch=7 interval=1s was=BACKUP" >&8
	wait_for 5 shows 2 "$T/m.prom" vrrp_state
	shows 7 "$T/m.prom" vrrp_epoch
	shows 90 "$T/m.prom" vrrp_priority
	shows 1 "$T/m.prom" vrrp_transitions_total
	# no last word: killed
	exec 8>&-
	ended 0
	shows 0 "$T/m.prom" vrrp_state
	shows '' "$T/m.prom" hcheck_up
	shows 0 "$T/m.prom" vrrp_monitor_running
	[[ -z $(find "$T" -name '*.new') ]]
}

@test "a reader never meets half a file" {
	local i

	monitor -w 0
	seq -f 'UP s%.0f why=x' 300 >&8
	wait_for 5 shows 300 "$T/m.prom" vrrp_monitor_subjects
	for i in {1..30}; do
		echo "DOWN s$i" >&8
		[[ $(tail -n 1 "$T/m.prom") == vrrp_monitor_last_line_* ]]
		jq -e '.subjects | length == 300' "$T/m.json" >/dev/null
	done
	wait_for 5 is 30 '[.subjects[] | select(.state == "DOWN")] | length'
	exec 8>&-
	ended 0
}

@test "a disk that hangs delays no line, nor the end" {
	mkfifo "$T/m.prom.new" # to open it takes a reader
	monitor -w 0 -- cat
	for i in {1..50}; do
		echo "UP s$i" >&8
		wait_for 1 grep -qx "UP s$i" "$T/m.out"
	done
	[[ ! -e $T/m.prom ]]
	# it is back
	cat "$T/m.prom.new" >/dev/null
	wait_for 5 test -e "$T/m.prom"
	echo 'DOWN s1' >&8
	wait_for 5 test -f "$T/m.prom"
	wait_for 5 shows 0 "$T/m.prom" hcheck_up target=s1
	mkfifo "$T/m.prom.new"
	echo 'DOWN s2' >&8
	wait_for 5 grep -qx "DOWN s2" "$T/m.out"
	exec 8>&-
	ended 0
	grep -q 'files are not written' "$T/m.err"
	cat "$T/m.prom.new" >/dev/null # and that ends the child
}

@test "a file that cannot be written is told once; the other one is" {
	mkdir "$T/m.prom"
	monitor -w 0
	for i in 1 2 3; do
		echo "UP s$i" >&8
		wait_for 5 is "s$i" '.subjects[-1].subject'
	done
	exec 8>&-
	ended 0
	[[ $(grep -c 'm.prom: ' "$T/m.err") == 1 ]]
}

@test "no reader: exit 111, told at once" {
	mkfifo "$T/in" "$T/down"
	"$MONITOR" -j "$T/m.json" <"$T/in" >"$T/down" 2>"$T/m.err" 3>&- &
	echo $! >"$T/m.pid"
	exec 8>"$T/in" 7<"$T/down"
	echo 'UP a' >&8
	read -r line <&7
	[[ $line == 'UP a' ]]
	exec 7<&-
	ended 111
	exec 8>&-
}

@test "misuse: exit 100; PROG's worse code is ours" {
	run -100 "$MONITOR" </dev/null
	run -100 "$MONITOR" -j "$T/j" -n 0 </dev/null
	run -100 "$MONITOR" -j "$T/j" -z </dev/null
	run -100 "$MONITOR" -j "$T/j" -n x </dev/null
	((${#lines[@]} == 1))
	[[ $output == 'monitor: value "x" invalid for option n'* ]]
	run -0 "$MONITOR" -j "$T/j" -- cat </dev/null
	run -3 "$MONITOR" -j "$T/j" -- sh -c 'cat; exit 3' </dev/null
}

# router NODE PRIORITY: the pipeline of README with the monitor in it.
router() {
	background "r-$1" ip netns exec "$LAB-$1" "$B/vrrp-elect" -v -i eth0 \
		-r 51 -p "$2" -t 100ms --heartbeat 50ms --confirm 500ms \
		--stuck 1s "$VIP/24" -- "$B/vip-bind" follow --lease 250ms -- \
		"$MONITOR" -w 0.1 -p "$T/$1.prom" -j "$T/$1.json" -- \
		"$B/vrrp-elect" resign --follow
	wait_for 10 test -s "$T/$1.prom"
}

# walk NODE OID: "OID value" of each instance, as a real manager asks.
walk() {
	in_node "$1" snmpwalk -v 2c -c public -t 5 -r 2 -On -Oq -Ox \
		127.0.0.1:1161 "$OID$2"
}

agent() {
	cat >"$T/snmpd.conf" <<-CONF
	agentaddress udp:127.0.0.1:1161
	rocommunity public 127.0.0.1
	pass_persist $OID $ROOT/examples/monitor/vrrpv3-mib $T/$1.json
	CONF
	background "snmpd-$1" ip netns exec "$LAB-$1" env \
		SNMP_PERSISTENT_DIR="$T/snmp" MIBS='' \
		snmpd -f -Lo -C -c "$T/snmpd.conf" -p "$T/snmpd.p" -I -smux
	wait_for 10 walk "$1" ''
}

@test "a pair of routers: metrics and VRRPv3-MIB follow the election" {
	local at

	router a 200
	wait_for 10 shows 2 "$T/a.prom" vrrp_state
	router b 150
	wait_for 10 shows 1 "$T/b.prom" vrrp_state
	wait_for 10 jq -e '.subjects[0].facts.master' "$T/b.json"
	agent b
	at=$(ip -n "$LAB-b" -j link show eth0 | jq '.[].ifindex').51.1
	walk b '' >"$T/walk"
	cat "$T/walk"
	# status, master, primary, MAC, priority, addresses, interval, row
	[[ $(walk b ".1.1.1.6.$at") == "$OID.1.1.1.6.$at 2" ]]
	grep -qF ".1.1.1.3.$at \"0A 4D 00 01" "$T/walk"
	grep -qF ".1.1.1.4.$at \"0A 4D 00 02" "$T/walk"
	grep -qF ".1.1.1.5.$at \"00 00 5E 00 01 33" "$T/walk"
	grep -qx ".*.1.1.1.7.$at 150" "$T/walk"
	grep -qx ".*.1.1.1.8.$at 1" "$T/walk"
	grep -qx ".*.1.1.1.9.$at 10" "$T/walk"
	grep -qE ".1.1.1.12.$at 0:0:[0-9:.]+$" "$T/walk"
	grep -qx ".*.1.1.1.13.$at 1" "$T/walk"
	grep -qx ".*.1.2.1.2.$at.4.10.77.0.254 1" "$T/walk"
	grep -qx ".*.2.5.1.1.$at 0" "$T/walk"
	[[ $(in_node b snmpget -v 2c -c public -t 5 -On -Oq 127.0.0.1:1161 \
		"$OID.1.1.1.6.$at") == "$OID.1.1.1.6.$at 2" ]]
	# in order, each once, and not writable
	[[ $(cut -d ' ' -f 1 "$T/walk") == \
		"$(cut -d ' ' -f 1 "$T/walk" | sort -uV)" ]]
	run in_node b snmpset -v 2c -c public -t 5 127.0.0.1:1161 \
		"$OID.1.1.1.7.$at" u 10
	((status != 0))
	end r-a KILL
	wait_for 10 shows 2 "$T/b.prom" vrrp_state
	wait_for 5 holds b
	[[ $(walk b ".1.1.1.6.$at") == *" 3" ]]
	[[ $(walk b ".1.1.1.3.$at") == *'"0A 4D 00 02'* ]]
	[[ $(walk b ".2.5.1.1.$at") == *" 1" ]]
	[[ $(walk b ".2.5.1.2.$at") == *" 1" ]] # priority 0 came
	# no monitor, no rows
	end r-b
	shows 0 "$T/b.prom" vrrp_state
	[[ $(walk b '') != *"$OID.1.1"* ]]
}

@test "a reader behind it that is stuck is a fault of the election" {
	background r-a ip netns exec "$LAB-a" "$B/vrrp-elect" -v -i eth0 \
		-r 51 -t 100ms --heartbeat 50ms --stuck 1s "$VIP/24" -- \
		"$MONITOR" -j "$T/a.json" -- sleep 1000
	wait_for 10 grep -q 'stdout: .*: resigning' "$T/r-a.err"
}
