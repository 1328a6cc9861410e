#!/usr/bin/env bats
# What each process of the pipeline holds once it runs: no root, no capability
# it does not need, no new privileges, a filter that kills.  (A build with
# sanitizers has no filter: their runtime calls what it likes.)

load elect

BIND=$TOOLS/vip-bind
EXECVE=59 GETPID=39 # x86-64

status_of() { # PID KEY
	awk -v k="$2:" '$1 == k { print $2 }' "/proc/$1/status"
}

pid_of() { # REGEX: of a command line in node a
	lab pids a | while read -r p; do
		! tr '\0' ' ' <"/proc/$p/cmdline" | grep -qE -- "$1" || echo "$p"
	done
}

confined() { # PID CAPS
	[[ $(status_of "$1" Uid) == 65534 && $(status_of "$1" Gid) == 65534 ]]
	[[ -z $(status_of "$1" Groups) ]]
	[[ $(status_of "$1" NoNewPrivs) == 1 ]]
	[[ $(status_of "$1" CapEff) == "$2" && $(status_of "$1" CapPrm) == "$2" ]]
	[[ $(status_of "$1" CapAmb) == 0000000000000000 ]]
	[[ $(status_of "$1" CapInh) == 0000000000000000 ]]
	[[ $(status_of "$1" CapBnd) == 0000000000000000 ]]
	[[ -n ${SANITIZED-} || $(status_of "$1" Seccomp) == 2 ]]
}

# bites PID: what the loop does not use kills it, what it uses does not.
bites() {
	[[ -z ${SANITIZED-} ]] || { kill -KILL "$1"; return 0; }
	"$LAB_BIN/lab-force" "$1" $GETPID
	run "$LAB_BIN/lab-force" "$1" $EXECVE
	((status == 1))
}

pipeline() {
	elector a -p 255 -t 100ms --heartbeat 50ms "$@" -- "$BIND" follow \
		--lease 2s -- "$ELECT" resign --follow
	wait_for 5 holds a
}

# part N: the pid of the Nth process of the pipeline, from 0.
part() {
	local p

	p=$(<"$T/a.pid")
	for ((i = 0; i < $1; i++)); do
		p=$(pgrep -P "$p")
	done
	echo "$p"
}

@test "the pipeline: elector and last will hold nothing, vip-bind NET_ADMIN" {
	local n caps=(0000000000000000 0000000000001000 0000000000000000)

	for n in 0 1 2; do
		pipeline
		confined "$(part $n)" "${caps[n]}"
		bites "$(part $n)"
		wait_for 9 gone "$(<"$T/a.pid")"
	done
}

@test "confined, it still meets an interface that is made again" {
	elector a -p 255 -t 100ms --confirm 2s -- "$BIND" follow
	wait_for 5 holds a
	ip -n "$LAB-a" link set eth0 down
	wait_for 2 is a FAULT
	ip -n "$LAB-a" link set eth0 up
	wait_for 5 is a MASTER
	wait_for 2 holds a
}

@test "started without root, with ambient capabilities" {
	in_node a setpriv --reuid=1 --regid=1 --clear-groups \
		--inh-caps=-all,+net_raw --ambient-caps=-all,+net_raw \
		"$ELECT" -i eth0 -r 51 -p 255 -t 100ms "$VIP" >"$T/u.out" \
		2>"$T/u.err" 4>&- &
	echo $! >"$T/u.pid"
	wait_for 5 grep -q ^MASTER "$T/u.out"
	[[ $(status_of "$(pid_of 'vrrp-elect -i')" Uid) == 1 ]]
	[[ $(status_of "$(pid_of 'vrrp-elect -i')" CapPrm) == 0000000000000000 ]]
	in_node b setpriv --reuid=1 --regid=1 --clear-groups \
		--inh-caps=-all,+net_admin,+net_raw \
		--ambient-caps=-all,+net_admin,+net_raw \
		"$BIND" add --force -i eth0 10.77.0.99
	holds b 10.77.0.99
}

@test "where there may be no child, it makes its filter itself" {
	local pid

	in_node a setpriv --reuid=1 --regid=1 --clear-groups \
		--inh-caps=-all,+net_raw --ambient-caps=-all,+net_raw \
		prlimit --nproc=0 "$ELECT" -i eth0 -r 51 -p 255 -t 100ms \
		"$VIP" >"$T/u.out" 2>"$T/u.err" 4>&- &
	echo $! >"$T/u.pid"
	wait_for 5 grep -q ^MASTER "$T/u.out"
	pid=$(pid_of 'vrrp-elect -i')
	[[ $(awk '/^Max processes/ { print $3 }' "/proc/$pid/limits") == 0 ]]
	[[ -n ${SANITIZED-} || $(status_of "$pid" Seccomp) == 2 ]]
	bites "$pid"
}

@test "--user: another one, and none of that name is misuse" {
	elector a --user daemon
	[[ $(status_of "$(pid_of 'vrrp-elect -i')" Uid) == 1 ]]
	AS=ids elector a -r 53 --user 12:34
	[[ $(status_of "$(pid_of 'vrrp-elect .*12:34')" Uid) == 12 ]]
	[[ $(status_of "$(pid_of 'vrrp-elect .*12:34')" Gid) == 34 ]]
	for user in no-such 12: :34 12:4294967295 12:34:56 4294967295:1 -1:1; do
		run in_node a "$ELECT" -i eth0 -r 52 --user "$user" "$VIP"
		((status == 100))
		[[ $output == *"no such user: $user"* ]]
	done
	run in_node a "$ELECT" -i eth0 -r 52 --user no-such "$VIP"
	((status == 100))
	[[ $output == *"no such user: no-such"* ]]
	run in_node a "$BIND" add -i eth0 --user no-such "$VIP"
	((status == 100))
	refute holds a
}

# as USER: uid, gid and groups of a command under hcheck --user USER that was
# started with other groups; $T/passwd is the list of users.
as() {
	# shellcheck disable=SC2016 # for the inner shells
	in_node a setpriv --groups 4,5 unshare -m \
		sh -c 'mount --bind "$0" /etc/passwd && exec "$@"' "$T/passwd" \
		"$TOOLS/hcheck" --user "$1" \
		'x=exec:sh -c "echo $(id -u):$(id -g):$(id -G)"' |
		sed -n 's/^UP x .* say=//p'
}

@test "--user: the ids of /etc/passwd, of the very name" {
	cat >"$T/passwd" <<-'P'
	root:x:0:0:root:/root:/bin/sh
	who:
	xwho:x:1:1::/:/bin/sh
	whox:x:2:2::/:/bin/sh
	whoxx:2:2:2::/:/bin/sh
	#who:x:3:3::/:/bin/sh
	other:x:4:4:who:x:5:5:/:/bin/sh
	who:x:1234:2345:who:/:/bin/sh
	who:x:6:6::/:/bin/sh
	bare::77:88::/:
	P
	printf '  apart:x:91:92::/:/bin/sh\n' >>"$T/passwd" # for getpwnam(3)
	[[ $(as who) == 1234:2345:2345 ]]
	[[ $(as bare) == 77:88:88 ]]
	[[ $(as apart) == 91:92:92 ]]
	run as nowho
	[[ $output == "hcheck: --user nowho: not a user" ]]
}

@test "--user: a last line without its newline counts, without libc too" {
	printf 'root:x:0:0::/:\nlast:x:12:34::/:' >"$T/passwd"
	# shellcheck disable=SC2016 # for the inner shell
	run in_node a unshare -m \
		sh -c 'mount --bind "$0" /etc/passwd && exec "$@"' "$T/passwd" \
		"$ELECT" resign -i none0 -r 5 --user last 10.77.0.9
	[[ $output == *"no such interface"* && $output != *"no such user"* ]]
}

@test "--realtime: FIFO, memory locked, and a guard; else why not" {
	[[ -n ${SANITIZED-} ]] || { # whose shadow cannot be locked
		elector a --realtime
		chrt -p "$(pid_of 'vrrp-elect -i')" | grep -q SCHED_FIFO
		(($(status_of "$(pid_of 'vrrp-elect -i')" VmLck) > 0))
		grep -q '^Max realtime timeout *200000 ' \
			"/proc/$(pid_of 'vrrp-elect -i')/limits"
	}
	run in_node a setpriv --reuid=1 --regid=1 --clear-groups \
		--inh-caps=-all,+net_raw --ambient-caps=-all,+net_raw \
		--bounding-set=-all,+net_raw \
		"$ELECT" -i eth0 -r 52 --realtime "$VIP"
	((status == 111))
	[[ $output == "vrrp-elect: --realtime: SCHED_FIFO: "*"CAP_SYS_NICE"* ]]
}

@test "--no-sandbox says so, and is" {
	pipeline --no-sandbox
	warned a 'no-sandbox: runs on with all its privileges'
	[[ $(status_of "$(pid_of 'vrrp-elect -i')" Uid) == 0 ]]
	[[ $(status_of "$(pid_of 'vrrp-elect -i')" Seccomp) == 0 ]]
}

@test "stdout is /dev/null or a file: nothing is killed" {
	local out

	for out in /dev/null "$T/out"; do
		in_node a "$TOOLS/hcheck" exec:true >"$out"
		in_node a "$TOOLS/hcheck" --nagios exec:true >"$out"
		in_node a "$TOOLS/vrrp-dump" -r "$ROOT/tests/golden/announce.pcap" \
			--garp >"$out"
		in_node a "$TOOLS/vrrp-dump" -r "$ROOT/tests/golden/announce.pcap" \
			--garp --summary >"$out"
		in_node a "$TOOLS/garp" -v -c 1 -i eth0 10.77.0.1 >"$out"
		in_node a "$BIND" add -v -i eth0 "$VIP/24" >"$out"
		in_node a "$BIND" show -i eth0 "$VIP/24" >"$out"
		in_node a "$BIND" del -v -i eth0 "$VIP/24" >"$out"
	done
}
