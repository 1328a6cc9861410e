#!/usr/bin/env bats
# hcheck over time and as a program: verdicts, FILE and HUP, -- PROG, commands,
# names, one-shot forms, misuse, privileges.

load ../lab/helpers
load hcheck

setup_file() {
	hc_setup_file
	[[ -n ${HC_NS-} ]] || return 0
	nginx_start nginx 8080 "
	server { listen 8080 backlog=4096; root $HC_DIR; location / { return 200 ok; }
	    location = /switch { if (!-f $HC_DIR/up) { return 503; } return 200 ok; }
	    location = /503 { return 503; } location /file/ { alias $HC_DIR/; } }"
	rogue mute=hold counted='read|send:HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n|close' \
		slow='wait:500|send:220 hi\r\n|read|wait:100|send:250 x\r\n|read|send:221 x\r\n|close'
}

teardown_file() { hc_teardown_file; }

setup() {
	hc_setup
	rm -f "$HC_DIR/up"
}

teardown() { lab_teardown; }

hc_pid() { cat "$T/hc.pid"; }
hc_ready() { wait_for 10 test -s "$T/ready"; }
lines() { [[ $(wc -l <"$T/hc.out") -ge $1 ]]; }

hc_end() {
	kill -TERM "$(hc_pid)"
	wait_for 10 gone "$(hc_pid)"
	wait "$(hc_pid)" || return
	rm "$T/hc.pid"
}

U=http://127.0.0.1:8080

@test "verdicts: silence, UP, DOWN with its reason, UP again; TERM exits 0" {
	hc --every 200ms --fast 100ms --rise 2 --fall 3 "web=$U/switch"
	wait_for 10 said web DOWN
	: >"$HC_DIR/up"
	wait_for 10 said web UP
	rm "$HC_DIR/up"
	wait_for 10 said web DOWN
	hc_end
	(($(wc -l <"$T/hc.out") == 3))
	grep -qE '^DOWN web url=http://127.0.0.1:8080/switch addr=127.0.0.1:8080 rtt=0\.[0-9]{6} why=status-503 status=503$' "$T/hc.out"
	grep -qE '^UP web url=http://127.0.0.1:8080/switch addr=127.0.0.1:8080 rtt=[0-9.]+ status=200$' "$T/hc.out"
	[[ ! -s $T/hc.err ]]
}

@test "nothing is said before the first verdict" {
	hc --every 100ms --fast 100ms --fall 1000 "x=tcp://127.0.0.1:1"
	sleep 1.5
	[[ ! -s $T/hc.out ]]
	kill -USR1 "$(hc_pid)"
	wait_for 5 grep -qE 'targets=1 up=0 probes=[1-9][0-9]* failed=[1-9]' "$T/hc.err"
	[[ ! -s $T/hc.out ]]
	hc_end
}

@test "--heartbeat and USR1 repeat lines; --json" {
	hc --every 1h --fast 50ms --heartbeat 100ms "a=$U/" "b=$U/"
	wait_for 10 lines 10
	hc_end
	(($(cut -d ' ' -f 1,2 "$T/hc.out" | sort -u | wc -l) == 2))
	hc --every 1h --fast 50ms --json "a=$U/"
	wait_for 10 lines 1
	kill -USR1 "$(hc_pid)"
	wait_for 10 lines 2
	hc_end
	jq -es 'length == 2 and all(.state == "UP" and .subject == "a" and
		.status == 200 and .rtt < 9 and .addr == "127.0.0.1:8080")' \
		"$T/hc.out"
}

@test "--forgive catches what fails every other time; without, it is up" {
	local flip="exec:sh -c 'if rm $T/flip; then exit 1; fi; : >$T/flip'"
	chmod 777 "$T"
	hc --every 60ms --fast 60ms --rise 1 --fall 3 --forgive 2 "x=$flip"
	wait_for 20 said x DOWN
	hc_end
	hc --every 60ms --fast 60ms --rise 1 --fall 3 "x=$flip"
	wait_for 20 said x UP
	sleep 1
	hc_end
	refute grep -q ^DOWN "$T/hc.out"
}

@test "FILE: HUP keeps what stays, adds, removes; a bad file changes nothing" {
	cat >"$T/f" <<-F
	# a comment
	a $U/ fall=1
	  b '$U/503' rise=1 fast=100ms   # another
	c tcp://127.0.0.1:8080
	F
	hc --every 300ms --fast 100ms -v -f "$T/f" "arg=$U/"
	for i in a c arg; do
		wait_for 10 said $i UP
	done
	wait_for 10 said b DOWN
	echo "d $U/ nokey=value" >>"$T/f"
	kill -HUP "$(hc_pid)"
	wait_for 5 grep -q 'f line 5: nokey=value: no such key; nothing has changed' \
		"$T/hc.err"
	cat >"$T/f" <<-F
	a $U/ fall=1
	b $U/503 rise=1 fast=100ms fall=1000
	d $U/
	F
	kill -HUP "$(hc_pid)"
	wait_for 10 said d UP
	wait_for 5 said c DOWN
	grep -q '^DOWN c .*why=removed' "$T/hc.out"
	# a, arg and b have said nothing anew
	(($(grep -c ' a ' "$T/hc.out") == 1))
	(($(grep -c ' arg ' "$T/hc.out") == 1))
	(($(grep -c ' b ' "$T/hc.out") == 1))
	# b, now probed in another way, is still known to be down
	kill -USR1 "$(hc_pid)"
	wait_for 5 grep -q 'targets=4 up=3' "$T/hc.err"
	wait_for 5 twice_b
	# many more than there were
	seq 500 | sed "s,.*,n& file:$T/none&," >>"$T/f"
	kill -HUP "$(hc_pid)"
	wait_for 10 said n500 UP
	wait_for 10 said n1 UP
	hc_end
	chmod 600 "$T/f"
	hc --every 1s -f "$T/f"
	wait_for 5 grep -q 'f: Permission denied for nobody; HUP will not be able' \
		"$T/hc.err"
	hc_end
}

twice_b() { (($(grep -c ' b ' "$T/hc.out") == 2)); }

@test "FILE: each fault names its line" {
	local text
	while read -r text; do
		printf 'ok %s/\n%s\n' "$U" "$text" >"$T/f"
		run ns "$HC" --every 1s -f "$T/f"
		echo "$text: $status $output"
		((status == 100))
		[[ $output == "hcheck: $T/f line 2: "* ]]
	done <<-'F'
	x
	x nothing
	x http://h:0/
	x http://h/ fall=0
	x http://h/ fall
	x http://h/ verify=1
	x http://h/ nokey=1
	x http://h/ body=(
	x http://h/ 'body=a
	x http://h/ expect=x
	x/y http://h/
	x exec:
	x dns://h/
	x dns://h/a?type=Q
	x https://h/ ca=/nonexistent
	x https://h/ key=/nonexistent
	x tcp://192.0.2.1:1 source=::1
	x tcp://[fe80::1%nosuch]:1
	F
	printf 'x %s/\nx %s/a\n' "$U" "$U" >"$T/f"
	run ns "$HC" --every 1s -f "$T/f"
	((status == 100))
	[[ $output == "hcheck: lines 1 and 2: two targets x" ]]
	run ns "$HC" --every 1s -f /nonexistent
	((status == 100))
}

@test "the same probe for several names is made once" {
	local p
	p=$(port counted)
	for i in 1 2 3 4 5; do
		echo "n$i http://127.0.0.1:$p/"
	done >"$T/f"
	hc --every 1h --fast 100ms --rise 2 -f "$T/f"
	wait_for 10 lines 5
	hc_end
	[[ $(cut -d ' ' -f 1,2 "$T/hc.out" | sort | tr '\n' ' ') == \
		"UP n1 UP n2 UP n3 UP n4 UP n5 " ]]
	[[ $(cut -d ' ' -f 5 "$T/hc.out" | sort -u | wc -l) == 1 ]] # one rtt
}

@test "-- PROG: lines go into it, TERM ends both, its death ends us" {
	# shellcheck disable=SC2016
	hc --every 200ms --fast 100ms "a=$U/" -- \
		sh -c 'while read -r l; do echo "got $l"; done; echo end; exit 7'
	wait_for 10 grep -q '^got UP a ' "$T/hc.out"
	kill -TERM "$(hc_pid)"
	wait_for 10 gone "$(hc_pid)"
	run wait "$(hc_pid)"
	((status == 7))
	grep -q ^end "$T/hc.out"
	hc --every 200ms --fast 100ms "a=$U/" -- sleep 0.5
	wait_for 10 gone "$(hc_pid)"
	run wait "$(hc_pid)"
	((status == 111))
	grep -q 'its reader is gone' "$T/hc.err"
}

@test "a reader that is slow gets the last word on each, later" {
	mkfifo "$T/fifo"
	for i in $(seq 2000); do
		echo "n$i http://127.0.0.1:8080/?$i"
	done >"$T/f"
	ns_exec "$HC" --every 1s --fast 200ms -f "$T/f" >"$T/fifo" 2>"$T/hc.err" 3>&- &
	echo $! >"$T/hc.pid"
	exec 8<"$T/fifo"
	sleep 4 # the pipe is full
	cat <&8 >"$T/hc.out" &
	exec 8<&-
	wait_for 20 lines 2000
	hc_end
	(($(cut -d ' ' -f 2 "$T/hc.out" | sort -u | wc -l) == 2000))
}

no_zombie() {
	! ps -eo stat=,comm= | grep -q "^Z.*hcc$$"
}

@test "exec: environment, say=, stdin, weight, and what is left is killed" {
	export PPID_OF_TEST=$$
	cat >"$T/hcc$$" <<-'S'
	#!/bin/sh
	echo "$HC_NAME $HC_URL $HC_ADDR $HC_PORT $(wc -c)"
	echo more
	sleep 1000.$PPID_OF_TEST &
	exit 12
	S
	chmod 755 "$T/hcc$$"
	run ns "$HC" --dynamic --at 192.0.2.7:80 "n=exec:$T/hcc$$ a"
	((status == 0))
	[[ $output == *" weight=10 say=n%20exec:$T/hcc$$%20a%20192.0.2.7%2080%200" ]]
	[[ $output == *" addr=192.0.2.7:80 "* ]]
	wait_for 5 refute pgrep -f "^sleep 1000.$$"
	no_zombie
	# the exit code on the line changes: said again
	echo 'exit 5' >"$T/code"
	hc --every 100ms --dynamic "n=exec:sh $T/code"
	wait_for 10 grep -q 'weight=3' "$T/hc.out"
	echo 'exit 9' >"$T/code"
	wait_for 10 grep -q 'weight=7' "$T/hc.out"
	hc_end
}

@test "exec: at the deadline the whole group goes; never two at once" {
	chmod 777 "$T"
	cat >"$T/hcc$$" <<-S
	#!/bin/bash
	trap '' TERM
	mkdir $T/lock || echo overlap >>$T/overlaps
	(trap '' TERM; exec -a hc-grandchild-$$ sleep 1000) &
	sleep 1000
	S
	chmod 755 "$T/hcc$$"
	hc --every 100ms --fast 100ms -t 300ms --fall 2 "n=exec:bash -c 'rmdir $T/lock; exec $T/hcc$$'"
	wait_for 20 said n DOWN
	grep -q why=timeout-exec "$T/hc.out"
	no_zombie
	hc_end
	wait_for 5 refute pgrep -f "hc-grandchild-$$ "
	[[ ! -e $T/overlaps ]]
	no_zombie
}

@test "exec: killed with us, even by KILL" {
	hc --every 1s -t 900s "n=exec:sh -c 'exec sleep 1234.$$'"
	wait_for 10 pgrep -f "^sleep 1234.$$"
	kill -KILL "$(hc_pid)"
	wait_for 10 refute pgrep -f "^sleep 1234.$$"
}

@test "exec: no more at once than --exec-max" {
	chmod 777 "$T"
	mkdir -m 777 "$T/now"
	cat >"$T/count" <<-S
	: >$T/now/\$HC_NAME
	ls $T/now | wc -l >>$T/most
	sleep 0.1
	rm $T/now/\$HC_NAME
	S
	: >"$T/most"
	chmod 666 "$T/most"
	for i in $(seq 20); do
		echo "n$i exec:'sh $T/count $i'"
	done >"$T/f"
	ns "$HC" -t 20s --exec-max 3 -f "$T/f" >"$T/out"
	(($(grep -c ^UP "$T/out") == 20))
	(($(sort -n "$T/most" | tail -n 1) <= 3))
}

@test "names: re-resolved when down for --resolve-after, and on HUP" {
	# a name that moves: the hosts file is read anew each time
	echo '127.0.0.77 moving.test' >>"$HC_DIR/hosts"
	ns ip addr add 127.0.0.77/32 dev lo 2>/dev/null || :
	hc --every 200ms --fast 100ms --resolve-after 300ms \
		"m=tcp://moving.test:8082" "k=tcp://localhost:8080"
	wait_for 10 said m DOWN
	grep -q 'm .*addr=127.0.0.77:8082 .*why=refused' "$T/hc.out"
	sed 's/127.0.0.77 moving.test/127.0.0.1 moving.test/' "$HC_DIR/hosts" \
		>"$T/hosts"
	cat "$T/hosts" >"$HC_DIR/hosts"
	nginx_start late 8082 "server { listen 127.0.0.1:8082; }"
	wait_for 20 said m UP
	grep -q 'UP m .*addr=127.0.0.1:8082' "$T/hc.out"
	wait_for 10 said k UP
	hc_end
	# with HUP, while it is up
	hc --every 200ms --fast 100ms --rise 1 "m=tcp://moving.test:8080"
	wait_for 10 said m UP
	sed 's/127.0.0.1 moving.test/127.0.0.77 moving.test/' "$HC_DIR/hosts" \
		>"$T/hosts"
	cat "$T/hosts" >"$HC_DIR/hosts"
	kill -HUP "$(hc_pid)"
	wait_for 10 again_at 127.0.0.77
	hc_end
}

# again_at ADDR: USR1 makes it say where m is.
again_at() {
	kill -USR1 "$(hc_pid)"
	sleep 0.1
	[[ $(tail -n 1 "$T/hc.out") == *" addr=$1:"* ]]
}

@test "a resolver that does not answer delays nobody else" {
	echo 'nameserver 127.0.0.99' >"$HC_DIR/resolv.conf" # drops it all
	ns nft 'table inet d { chain i { type filter hook input priority 0;
		ip daddr 127.0.0.99 drop; }; }'
	hc --every 200ms --fast 100ms -t 500ms --fall 2 --rise 1 \
		s{1,2,3,4,5,6,7,8,9}.slow.example=tcp://s.slow.example:80 \
		"x=$U/"
	wait_for 10 said x UP
	wait_for 20 said s9.slow.example DOWN
	grep -q 'why=timeout-resolve' "$T/hc.out"
	hc_end
	ns nft flush ruleset
	echo 'nameserver 127.0.0.53' >"$HC_DIR/resolv.conf"
}

@test "a name that is not there ends a probe where another kept its bytes" {
	head -c 7000 /dev/zero | tr '\0' A >"$HC_DIR/long"
	cat >"$T/f" <<-F
	t tcp://127.0.0.1:8080 'send=GET /file/long HTTP/1.0\r\n\r\n' expect=never
	h http://nosuch.test/ fall=30
	F
	hc --every 100ms --fast 50ms -t 300ms --fall 2 -f "$T/f"
	wait_for 10 said t DOWN
	wait_for 20 said h DOWN
	hc_end
}

@test "stopped for a while, hcheck blames nobody" {
	hc --every 100ms --fast 100ms -t 1s --fall 1 --rise 1 \
		a=$U/?1 b=$U/?2 "c=smtp://127.0.0.1:$(port slow)" \
		"d=dns://127.0.0.1:1/x"
	wait_for 10 said d DOWN
	wait_for 10 said a UP
	wait_for 10 said c UP # of which a probe is nearly always under way
	for _ in 1 2 3; do
		kill -STOP "$(hc_pid)"
		sleep 1.4
		kill -CONT "$(hc_pid)"
		sleep 0.4
	done
	hc_end
	refute grep -qE '^DOWN [abc] ' "$T/hc.out"
}

@test "one-shot: exit codes, --at-least, --for, -q" {
	run ns "$HC" a=$U/ b=tcp://127.0.0.1:8080
	((status == 0 && ${#lines[@]} == 2))
	run ns "$HC" a=$U/ b=$U/503
	((status == 1 && ${#lines[@]} == 2))
	run ns "$HC" --at-least 1 a=$U/ b=$U/503
	((status == 0))
	run ns "$HC" -q a=$U/503
	((status == 1))
	[[ -z $output ]]
	run ns "$HC" --for 1s --fast 100ms a=$U/switch
	((status == 99))
	[[ $output == "DOWN a "*why=status-503* ]]
	(sleep 0.7; : >"$HC_DIR/up") 3>&- &
	run ns "$HC" --for 20s --fast 100ms a=$U/switch
	((status == 0))
	[[ $output == "UP a "* ]]
	run ns "$HC" --for 20s --fast 100ms --at-least 1 a=$U/503 b=$U/
	((status == 0))
	run ns "$HC" --for 600ms -t 30s "a=tcp://127.0.0.1:$(port mute)" --expect x
	((status == 99))
	run ns "$HC" --source 192.0.2.99 a=$U/
	((status == 111))
	[[ $output == *"cannot be probed: local-no-address"* ]]
	run ns "$HC" --bind-if nosuch0 a=$U/
	((status == 111))
}

@test "one-shot: --json, --nagios" {
	ns "$HC" --json a=$U/ b=$U/503 >"$T/out" || :
	jq -es 'sort_by(.subject) | length == 2 and .[0].state == "UP" and
		.[1].state == "DOWN" and .[1].why == "status-503" and
		.[1].status == 503 and (.[1].rtt | type) == "number"' "$T/out"
	run ns "$HC" --nagios a=$U/ b=$U/
	((status == 0))
	[[ $output =~ ^"HCHECK OK: 2 of 2 up | 'a'="0\.[0-9]{6}"s;;;0 'b'="0\.[0-9]{6}"s;;;0"$ ]]
	run ns "$HC" --nagios a=$U/ b=$U/503
	((status == 2))
	[[ $output == "HCHECK CRITICAL: 1 of 2 up, b status-503 |"* ]]
	run ns "$HC" --nagios --source 192.0.2.99 a=$U/
	((status == 3))
	[[ $output == *"HCHECK UNKNOWN: 0 of 1 up"* ]]
}

@test "misuse: one line on stderr, exit 100, nothing on stdout" {
	local args
	while read -r args; do
		# shellcheck disable=SC2086 # words on purpose
		run ns sh -c '"$@" 2>&1 >&9 9>&- | cat' - "$HC" $args 9>/dev/null
		# shellcheck disable=SC2086
		run ns "$HC" $args
		echo "$args: $status $output"
		((status == 100 && ${#lines[@]} == 1))
		[[ $output == hcheck:* ]]
	done <<-F
	--nosuch
	--json
	--every 0 $U
	--every x $U
	--fall 0 $U
	--timeout
	--heartbeat 1s $U
	--ready-fd 3 $U
	--every 1s --for 3s $U
	--every 1s --nagios $U
	--nagios --json $U
	--at-least 2 $U
	--status 99 $U
	--status 200-100 $U
	--body ( $U
	--digest sha1 $U
	--digest md5:00 $U
	--send re:x tcp://127.0.0.1:1
	--send hex:?0 tcp://127.0.0.1:1
	--send \\q tcp://127.0.0.1:1
	--header x $U
	--header Host:x $U
	--auth /nonexistent $U
	--method get $U
	--tls-min 1.4 https://127.0.0.1/
	--key /x https://127.0.0.1/
	--starttls tls://127.0.0.1:1
	--starttls udp://127.0.0.1:1
	--send x $U
	--proxy-protocol 3 $U
	--source 1.2.3 $U
	--source ::1 -4 $U
	--udp maybe udp://127.0.0.1:1
	--rcode maybe dns://127.0.0.1/x
	--exec-max 0 $U
	--user
	$U/1 $U/1
	x=$U x=$U/1
	=$U
	a/b=$U
	nonsense
	file:relative
	$U -- cat
	--every 1s $U --
	F
}

@test "confined: nobody, no capability, seccomp; commands keep working" {
	hc --every 1h --fast 50ms -v "a=$U/" "e=exec:/bin/true" "i=icmp://127.0.0.1"
	wait_for 10 lines 3
	(($(grep -c ^UP "$T/hc.out") == 3))
	[[ $(awk '/^Uid/ { print $2 }' "/proc/$(hc_pid)/status") == "$(id -u nobody)" ]]
	grep -q '^NoNewPrivs:.1' "/proc/$(hc_pid)/status"
	# raw ICMP needs that one, no ping socket being allowed
	[[ $(awk '/^CapEff/ { print $2 }' "/proc/$(hc_pid)/status") == 0000000000002000 ]]
	[[ -n ${SANITIZED-} || $B == *-asan* ]] ||
		grep -q '^Seccomp:.2' "/proc/$(hc_pid)/status"
	hc_end
	hc --every 1h --fast 50ms "a=$U/"
	wait_for 10 lines 1
	[[ $(awk '/^CapPrm/ { print $2 }' "/proc/$(hc_pid)/status") == 0000000000000000 ]]
	hc_end
	hc --every 1h --fast 50ms --no-sandbox "a=$U/"
	wait_for 10 lines 1
	grep -q 'no-sandbox: runs on with all its privileges' "$T/hc.err"
	[[ $(awk '/^Uid/ { print $2 }' "/proc/$(hc_pid)/status") == 0 ]]
	hc_end
	run ns "$HC" --user nosuchuser "a=$U/"
	((status == 100))
}

@test "few descriptors: it says so, and all are probed all the same" {
	for i in $(seq 600); do
		echo "n$i $U/?$i"
	done >"$T/f"
	run ns sh -c 'ulimit -n 256; exec "$@"' - "$HC" -f "$T/f" -t 10s
	((status == 0))
	[[ ${lines[0]} == *"hcheck: 600 targets, and descriptors for 192 probes at once"* ||
		$output == *"600 targets, and descriptors for 192"* ]]
	(($(grep -c ^UP <<<"$output") == 600))
}

@test "--ready-fd and NOTIFY_SOCKET tell that it has begun" {
	ns_exec sh -c 'exec "$@" 5>"$0"' "$T/ready" "$HC" --every 1s --ready-fd 5 \
		"a=$U/" >"$T/hc.out" 2>"$T/hc.err" 3>&- &
	echo $! >"$T/hc.pid"
	hc_ready
	hc_end
}
