#!/usr/bin/env bats
# vrrp-elect -f FILE: many routers in one process.

load elect
bats_require_minimum_version 1.5.0

# routers N PRIO [FIRST]: so many lines for a file.
routers() {
	local i from=${3:-1}

	for ((i = from; i < from + $1; i++)); do
		echo "r$i -r $i -p $2 10.78.0.$i/32"
	done
}

# many NODE FILE OPTION...: until its first line; all of the file on eth0.
many() {
	raw_elector "$1" -f "$2" -i eth0 "${@:3}"
	wait_for 10 test -s "$T/${AS:-$1}.out" || {
		cat "$T/${AS:-$1}.err" >&2
		return 1
	}
}

# state NAME SUBJECT: the last word on it.
state() {
	awk -v s="$2" '$2 == s { w = $1 } END { print w }' "$T/$1.out"
}

in_state() {
	[[ $(state "$1" "$2") == "$3" ]]
}

# count NAME WORD: of how many subjects that is the last word.
count() {
	awk -v w="$2" '{ last[$2] = $1 } END {
		for (s in last) n += last[s] == w; print n + 0 }' "$T/$1.out"
}

all_are() {
	(($(count "$1" "$2") == $3))
}

# said_of NAME SUBJECT: all words on it.
said_of() {
	awk -v s="$2" '$2 == s { print $1 }' "$T/$1.out" | paste -sd ' '
}

# ---- one file ---------------------------------------------------------------

@test "a line a router: lines by NAME, what stands beside -f holds for all" {
	cat >"$T/f" <<-'FILE'
	# two of them, of both families
	web  -r 7 -p 120 -t 200ms 10.78.0.7/24 "10.78.0.8"   # quoted

	  db.6 -r 7 --handover break fe80::78
	FILE
	raw_elector a -f "$T/f" -i eth0 -t 100ms --ready-fd 8 8>"$T/ready"
	wait_for 5 in_state a web MASTER
	wait_for 5 in_state a db.6 MASTER
	[ -s "$T/ready" ]
	said a '^BACKUP web if=eth0 vrid=7 family=inet priority=120 addrs=10.78.0.7/24,10.78.0.8 was=INIT why=start epoch=0 version=3 interval=200ms$'
	said a '^MASTER db.6 if=eth0 vrid=7 family=inet6 priority=100 addrs=fe80::78 .* interval=100ms$'
	send a USR1
	wait_for 2 warned a '^vrrp-elect: web: MASTER why=timeout '
	wait_for 2 warned a '^vrrp-elect: db.6: MASTER why=timeout '
	send a TERM
	ends a 0
	[ "$(said_of a web)" = "BACKUP MASTER MASTER INIT" ]
	[ "$(said_of a db.6)" = "BACKUP MASTER MASTER INIT" ]
}

# The line that is wrong|what is said of it.
wrong_lines() {
	cat <<-'ROWS'
	w|no address|w -r 9
	w|-r VRID is missing|w 10.0.0.1
	w|--vrid: 256: not a number|w -r 256 10.0.0.1
	w|--interval: 1x: not a duration|w -r 9 -t 1x 10.0.0.1
	w|unknown option: --bogus|w -r 9 --bogus 10.0.0.1
	w|option needs an argument: -p|w -r 9 10.0.0.1 -p
	w|--json: not of a router|w -r 9 --json 10.0.0.1
	w|--stuck: not of a router|w -r 9 --stuck 3s 10.0.0.1
	w|--name: not of a router|w -r 9 --name x 10.0.0.1
	w|--file: not of a router|w -r 9 -f x 10.0.0.1
	w|--help: not of a router|w -r 9 --help
	w|a quote stays open|w -r 9 '10.0.0.1
	w|without /|w/9 -r 9 10.0.0.1
	w|empty or longer than 15|w -r 9 -i a-name-far-too-long 10.0.0.1
	w|not an address: w|resign w -r 9 10.0.0.1
	w|No such file|w -r 9 --vrrp 2 --auth pass:/no/such 10.0.0.1
	w|addresses of one family|w -r 9 10.0.0.1 fd00::1
	same|the same name|ok1 -r 9 10.0.0.1
	same|the same interface, family and VRID|w -r 1 10.0.0.1
	ROWS
}

@test "a wrong line: exit 100, which line and why; nothing on stdout" {
	local kind want line code n=0

	while IFS='|' read -r kind want line; do
		printf '%s\n' "ok1 -r 1 10.0.0.7" "ok2 -r 2 10.0.0.8" \
			"$line" >"$T/f"
		code=0
		in_node a timeout 5 "$ELECT" -i eth0 -f "$T/f" >"$T/out" \
			2>"$T/err" </dev/null || code=$?
		cat "$T/err"
		[ "$code" = 100 ]
		[ ! -s "$T/out" ]
		[ "$(wc -l <"$T/err")" = 1 ]
		[[ $kind != w ]] || grep -qF "$T/f: line 3: " "$T/err"
		[[ $kind != same ]] || grep -qF "$T/f: lines 1 and 3: " "$T/err"
		grep -qF -- "$want" "$T/err"
		n=$((n + 1))
	done < <(wrong_lines)
	[ "$n" = 19 ]
	: >"$T/f"
	run -100 in_node a "$ELECT" -i eth0 -f "$T/f"
	[[ $output == *"no router in it" ]]
	run -100 in_node a "$ELECT" -f "$T/none"
	[[ $output == *"No such file"* ]]
	run -100 in_node a "$ELECT" -f "$T/f" -i eth0 10.0.0.1
	run -100 in_node a "$ELECT" resign -f "$T/f"
}

@test "it holds nothing, as the one does" {
	local pid

	routers 3 100 >"$T/f"
	many a "$T/f"
	pid=$(<"$T/a.pid")
	[ "$(awk '$1 == "Uid:" { print $2 }' "/proc/$pid/status")" = 65534 ]
	[ "$(awk '$1 == "CapPrm:" { print $2 }' "/proc/$pid/status")" = \
		0000000000000000 ]
	[ "$(awk '$1 == "NoNewPrivs:" { print $2 }' "/proc/$pid/status")" = 1 ]
}

# ---- the group ----------------------------------------------------------------

@test "two nodes with a file each: both are Masters; one takes over all" {
	local t0

	wire_start
	{ routers 20 200; routers 20 100 21; } >"$T/fa"
	{ routers 20 100; routers 20 200 21; } >"$T/fb"
	many a "$T/fa" -t 200ms
	many b "$T/fb" -t 200ms
	wait_for 5 all_are a MASTER 20
	wait_for 5 all_are b MASTER 20
	wait_for 5 all_are a BACKUP 20
	in_state a r1 MASTER
	in_state b r21 MASTER
	t0=$(now)
	end a KILL
	wait_for 5 all_are b MASTER 40
	in_time "$(ms "$t0" "$(now)")" 0 "$(calc "$(down_ms 100 200) + 400")"
	end b
	# all are let go of, by a priority 0 each
	[ "$(wire 'vrrp 10.77.0.2 .* prio=0 ' | grep -oE 'vrid=[0-9]+' |
		sort -u | wc -l)" = 40 ]
}

@test "200 routers: no advert late by a tenth of its interval" {
	routers 200 100 >"$T/f"
	wire_start
	many a "$T/f" -t 500ms
	wait_for 10 all_are a MASTER 200
	sleep 3
	send a TERM
	ends a 0
	wire_stop
	# the first gap of each is shortened, so that they do not all go at once
	awk -v slack="$(calc "0.05 + 0.002 * $(noise)")" '
		$2 == "vrrp" && / prio=100 / {
			match($0, /vrid=[0-9]+/)
			v = substr($0, RSTART + 5, RLENGTH - 5)
			if (n[v]++ >= 2) {
				gaps++
				late = $1 - t[v] - 0.5
				if (late > worst) worst = late
				if (late > slack || late < -slack) bad++
			}
			t[v] = $1
		}
		END {
			print gaps, "gaps, late by", worst, "s at most"
			exit bad > 0 || gaps < 800
		}' "$T/wire.out"
}

@test "a stream of many: bound, and resigned for when the elector is killed" {
	local n

	routers 30 100 >"$T/f"
	wire_start
	# shellcheck disable=SC2016
	background a ip netns exec "$LAB-a" sh -c \
		'"$1" -f "$2" -i eth0 -t 100ms | "$3" follow |
			"$1" resign --follow' - \
		"$ELECT" "$T/f" "$TOOLS/vip-bind"
	wait_for 5 all_are a MASTER 30
	wait_for 5 holds a 10.78.0.30
	for n in $(lab pids a); do
		! tr '\0' ' ' <"/proc/$n/cmdline" | grep -q -- 'elect -f' ||
			kill -KILL "$n"
	done
	ends a 0 10
	refute holds a 10.78.0.30
	[ "$(wire 'vrrp 10.77.0.1 .* prio=0 ' | grep -oE 'vrid=[0-9]+' |
		sort -u | wc -l)" = 30 ]
}

@test "tracks: a line on stdin concerns those that name it" {
	printf '%s\n' "r1 -r 1 --track web=-50 10.78.0.1" \
		"r2 -r 2 --track web 10.78.0.2" "r3 -r 3 10.78.0.3" >"$T/f"
	mkfifo "$T/in"
	# shellcheck disable=SC2016
	background a sh -c 'in=$1; shift; exec "$@" <"$in"' - "$T/in" \
		ip netns exec "$LAB-a" "$ELECT" -f "$T/f" -i eth0 -t 100ms
	# shellcheck disable=SC2034 # feed
	exec {FEED}>"$T/in"
	wait_for 5 in_state a r3 MASTER
	in_state a r2 FAULT
	feed "UP web"
	wait_for 5 in_state a r2 MASTER
	feed "DOWN web"
	wait_for 5 in_state a r2 FAULT
	wait_for 5 said a '^MASTER r1 .* priority=50 '
	in_state a r3 MASTER
	feed_end
	ends a 0
}

# ---- HUP ----------------------------------------------------------------------

@test "HUP: only routers whose line changed are touched" {
	local before

	wire_start
	routers 5 100 >"$T/f"
	many a "$T/f" -t 200ms -v
	wait_for 5 all_are a MASTER 5
	before=$(said_of a r1)
	# r2 goes, r3 gets another priority, r4 another interval, r9 is new
	cat >"$T/f" <<-'FILE'
	r1 -r 1 -p 100 10.78.0.1/32
	r3 -r 3 -p 130 10.78.0.3/32
	r4 -r 4 -p 100 -t 100ms 10.78.0.4/32
	r5 -r 5 -p 100 10.78.0.5/32
	r9 -r 9 -p 100 10.78.0.9/32
	FILE
	send a HUP
	wait_for 2 warned a "f: 1 added, 2 changed, 1 gone"
	wait_for 5 in_state a r9 MASTER
	wait_for 5 in_state a r2 INIT
	wait_for 5 said a '^MASTER r4 .* interval=100ms'
	wait_for 5 said a '^MASTER r3 .* priority=130 '
	[ "$(said_of a r1)" = "$before" ]
	[ "$(said_of a r5)" = "$before" ]
	[[ $(said_of a r3) != *INIT* ]]  # without an election
	[[ $(said_of a r4) == *"MASTER INIT BACKUP MASTER" ]]
	wire 'vrrp 10.77.0.1 .* vrid=2 prio=0 '
	refute wire 'vrrp 10.77.0.1 .* vrid=[135] prio=0 '
	send a TERM
	ends a 0
}

@test "HUP: a bad file changes nothing, and the next good one does" {
	local before

	routers 3 100 >"$T/f"
	many a "$T/f" -t 200ms
	wait_for 5 all_are a MASTER 3
	before=$(<"$T/a.out")
	{ routers 2 150; echo "r3 -r 300 10.78.0.3"; } >"$T/f"
	send a HUP
	wait_for 2 warned a "f: line 3: --vrid: 300: .*: nothing was changed"
	{ routers 3 100; echo "r4 -r 4 --track x 10.78.0.4"; } >"$T/f"
	send a HUP
	wait_for 2 warned a "f: line 4: --track.*: nothing was changed"
	: >"$T/f"
	send a HUP
	wait_for 2 warned a "f: no router in it: nothing was changed"
	never 0.5 refute test "$before" = "$(<"$T/a.out")"
	routers 4 100 >"$T/f"
	send a HUP
	wait_for 5 all_are a MASTER 4
}

@test "HUP: new interfaces, as far as there are sockets; another name" {
	local i

	for i in 1 2 3 4 5; do
		ip -n "$LAB-a" link add "d$i" type veth peer name "p$i"
		ip -n "$LAB-a" addr add "10.79.$i.1/24" dev "d$i"
		ip -n "$LAB-a" link set "p$i" up
		ip -n "$LAB-a" link set "d$i" up
	done
	routers 1 100 >"$T/f"
	many a "$T/f" -t 100ms
	wait_for 5 all_are a MASTER 1
	for i in 1 2 3 4 5; do
		echo "d$i -i d$i -r 1 10.79.$i.9"
	done >>"$T/f"
	send a HUP
	wait_for 2 warned a 'line 6: d5: no socket is left for it'
	sed '$d' "$T/f" >"$T/g"
	cat "$T/g" >"$T/f"
	send a HUP
	wait_for 5 all_are a MASTER 5
	# the socket of one that goes is for one that comes
	sed '$d' "$T/g" >"$T/f"
	send a HUP
	wait_for 5 in_state a d4 INIT
	sed '$d; s/^r1/x1/' "$T/g" >"$T/f"
	echo "d5 -i d5 -r 1 10.79.5.9" >>"$T/f"
	send a HUP
	wait_for 5 in_state a d5 MASTER
	wait_for 5 in_state a x1 MASTER # after r1 let go of its VRID
	in_state a r1 INIT
}

@test "one of us: a VRID that another process has is waited for" {
	routers 2 100 >"$T/f"
	many a "$T/f" -t 100ms
	wait_for 5 all_are a MASTER 2
	AS=one elector a -r 3 -t 100ms
	routers 3 100 >"$T/f"
	send a HUP
	wait_for 6 warned a 'r3: waits: another vrrp-elect runs'
	in_state a r1 MASTER
	end one
	wait_for 5 in_state a r3 MASTER
	AS=two raw_elector a -i eth0 -r 3 10.78.0.3
	ends two 111 8
}

# ---- a process each -----------------------------------------------------------

# private PID: kB that no other process shares.
private() {
	awk '/^Private_/ { n += $2 } END { print n + 0 }' "/proc/$1/smaps_rollup"
}

# each_within KB: of eight electors, in pairs, each has at most that.
each_within() {
	local i kb

	for i in 1 2 3 4; do
		AS=a$i elector a -r "$i" -t 100ms
		AS=b$i elector b -r "$i" -t 100ms -p 50
	done
	for i in 1 2 3 4; do
		wait_for 5 is "a$i" MASTER
		wait_for 5 is "b$i" BACKUP
	done
	sleep 1
	for i in a1 a2 a3 a4 b1 b2 b3 b4; do
		kb=$(private "$(<"$T/$i.pid")")
		echo "$i: $kb kB"
		((kb > 0 && kb <= $1))
	done
}

@test "a process each: 80 kB of memory that no other shares" {
	local most=80

	[[ -z ${SANITIZED-} ]] || most=100000 # its own
	each_within "$most"
}

@test "a process each without PIE: 64 kB" {
	[[ -z ${SANITIZED-} ]] || return 0 # it is not linked statically then
	ELECT=$B/fixed/vrrp-elect each_within 64
}

# anonymous PID: kB that come from no file.
anonymous() {
	awk '/^Anonymous/ { n += $2 } END { print n + 0 }' "/proc/$1/smaps_rollup"
}

@test "a Backup has what it needs to take over: not a page more" {
	local before

	[[ -z ${SANITIZED-} ]] || return 0 # it keeps books of its own
	elector a
	is a BACKUP
	before=$(anonymous "$(<"$T/a.pid")")
	wait_for 6 is a MASTER
	sleep 1.5
	echo "$before kB, then $(anonymous "$(<"$T/a.pid")") kB"
	[[ $(anonymous "$(<"$T/a.pid")") == "$before" ]]
}
