#!/usr/bin/env bats
# vrrp-elect in a pipe: departure, last will, readers that die or hang,
# confirmation by the kernel, -- PROG, readiness, privileges.

load elect

# The pid of what an elector started.
child_of() {
	pgrep -P "$(<"$T/$1.pid")"
}

# A pair, a being Master.
pair() {
	wire_start
	elector a -p 200 -t 100ms "$@"
	elector b -p 100 -t 100ms
	wait_for 2 is a MASTER
}

# The first advert of b after the first priority 0 of a.
successor() {
	local t

	t=$(adverts b 100 | after "$(first_advert a 0)")
	[ -n "$t" ] && echo "$t"
}

# The Backup took over on account of a priority 0: within its skew.  (It may have
# been Master before, where the first to start came late.)
took_over_at_once() {
	wait_for 2 adverts a 0
	wait_for 1 successor
	in_time "$(ms "$(first_advert a 0)" "$(successor)")" \
		"$(calc "$(skew_ms 100 100) - 2")" \
		"$(calc "$(skew_ms 100 100) + 50")"
	wait_for 1 said b '^MASTER .* why=released '
}

# ---- departure ------------------------------------------------------------

@test "TERM, overlap: priority 0, the successor's advert, then INIT" {
	pair -- bash -c "$STAMP"
	wait_for 1 said a ' MASTER '
	vip add a
	send a TERM
	ends a 0
	took_over_at_once
	in_time "$(ms "$(successor)" "$(stamp a ' INIT ')")" 5 120
	said a ' INIT .* was=MASTER why=stop '
	[ "$(adverts a 0 | wc -l)" = 1 ]
	[ -z "$(adverts a 200 | after "$(first_advert a 0)")" ]
}

@test "TERM, overlap, nobody there: INIT after the last possible skew" {
	wire_start
	elector a -t 100ms -- bash -c "$STAMP"
	wait_for 2 said a ' MASTER '
	send a TERM
	ends a 0
	in_time "$(ms "$(first_advert a 0)" "$(stamp a ' INIT ')")" 100 250
}

@test "TERM, break: INIT first, priority 0 when the address is gone" {
	local t

	vip add a
	pair --handover break -- bash -c "$STAMP"
	wait_for 1 said a ' MASTER '
	send a TERM
	wait_for 1 said a ' INIT '
	never 0.15 adverts a 0
	is b BACKUP
	t=$(now)
	vip del a
	ends a 0
	took_over_at_once
	in_time "$(ms "$t" "$(first_advert a 0)")" 0 100
	in_time "$(ms "$(stamp a ' INIT ')" "$(first_advert a 0)")" 150 500
}

@test "TERM, break, the address stays: no priority 0, exit 111" {
	vip add a
	pair --handover break --confirm 200ms
	send a TERM
	ends a 111 2
	refute adverts a 0
}

@test "a Backup that is stopped says INIT and sends nothing" {
	pair
	send b TERM
	ends b 0
	has b was BACKUP
	sleep 0.1
	refute adverts b '.*'
	is a MASTER
}

@test "resign by hand: the Backup takes over within its skew" {
	local n

	wire_start
	elector a -p 200 -t 100ms
	wait_for 2 is a MASTER
	elector b -p 250 -t 100ms --nopreempt
	# the Master goes on: between two of its adverts
	n=$(adverts a | wc -l)
	wait_for 1 more_adverts "$n"
	in_node a "$ELECT" resign -i eth0 -r 51 -t 100ms "$VIP/24"
	wait_for 1 adverts b 250
	in_time "$(ms "$(first_advert a 0)" "$(first_advert b 250)")" \
		"$(calc "$(skew_ms 250 100) - 2")" \
		"$(calc "$(skew_ms 250 100) + 50")"
	wait_for 1 has b why released
	wait_for 1 has a why better-master
}

# More than N adverts of a.
more_adverts() {
	(($(adverts a | wc -l) > $1))
}

@test "resign: version 2 with its password, IPv6, unicast" {
	echo secret >"$T/auth"
	wire_start b -x
	in_node a "$ELECT" resign -i eth0 -r 51 --vrrp 2 \
		--auth "pass:$T/auth" "$VIP"
	in_node a "$ELECT" resign -i eth0 -r 52 fe80::fe
	in_node a "$ELECT" resign -i eth0 -r 53 --peer 10.77.0.2 "$VIP"
	wait_for 1 wire '10.77.0.1 v2 vrid=51 prio=0 .*hex=.*7365637265740000$'
	wait_for 1 wire 'fe80::77:ff:fe00:1 v3 vrid=52 prio=0 .*dst=ff02::12 '
	wait_for 1 wire '10.77.0.1 v3 vrid=53 prio=0 .*dst=10.77.0.2 '
	run in_node a "$ELECT" resign -i none0 -r 51 "$VIP"
	[ "$status" = 111 ]
	[ "$output" = "vrrp-elect: vrrp.51@none0: cannot resign: no such \
interface, or no address to send from" ]
}

# ---- the last will --------------------------------------------------------

# will LINE...: what resign --follow in node a does after these lines and the
# end of its input.
will() {
	printf '%s\n' "$@" |
		in_node a "$ELECT" resign --follow >"$T/will.out" \
			2>"$T/will.err"
}

LINE="vrrp.51@eth0 if=eth0 vrid=51 family=inet addrs=$VIP/24 version=3 \
interval=100ms"

@test "resign --follow: the writer is killed, priority 0 is sent" {
	pair -- "$ELECT" resign --follow
	wait_for 1 said a ^MASTER # passed on
	send a KILL
	took_over_at_once
	[ "$(words a)" = "BACKUP MASTER" ]
	wait_for 1 warned a 'vrrp.51@eth0: resigned for an elector'
}

@test "resign --follow: a stop in order needs no will" {
	pair -- "$ELECT" resign --follow
	send a TERM
	ends a 0
	took_over_at_once
	[ "$(adverts a 0 | wc -l)" = 1 ]
	[ "$(words a)" = "BACKUP MASTER INIT" ]
	[ ! -s "$T/a.err" ]
}

@test "resign --follow: silent while the address is in this kernel" {
	local t

	wire_start
	vip add a
	background f bash -c "echo MASTER $LINE | exec ip netns exec $LAB-a \
		$ELECT resign --follow"
	never 0.4 adverts c 0
	refute adverts a 0
	t=$(now)
	vip del a
	ends f 0
	wait_for 1 adverts a 0
	in_time "$(ms "$t" "$(first_advert a 0)")" 0 100
	vip add a
	run will "MASTER $LINE"
	[ "$status" = 111 ]
	grep -q 'cannot resign: the addresses are still in this kernel' \
		"$T/will.err"
	[ "$(adverts a 0 | wc -l)" = 1 ]
}

@test "resign --follow: only when the last line said MASTER" {
	wire_start
	will "MASTER $LINE" "BACKUP $LINE"
	will "MASTER $LINE" "FAULT $LINE"
	will "MASTER $LINE" "INIT $LINE"
	will "UP $LINE" "NONSENSE $LINE" "" "MASTER"
	sleep 0.1
	refute adverts a 0
	# two subjects, the words of one mean nothing to the other
	will "MASTER $LINE" "MASTER x if=eth0 vrid=9 addrs=fe80::fe" \
		"BACKUP y" "UP vrrp.51@eth0"
	[ "$(wc -l <"$T/will.out")" = 4 ]
	wait_for 1 adverts a 0
	wait_for 1 adverts fe80::77:ff:fe00:1 0 9
	run will "MASTER vrrp.51@eth0 vrid=51"
	[ "$status" = 111 ]
	grep -q 'does not say all that is needed' "$T/will.err"
}

@test "resign --follow passes lines on to PROG, and its exit code" {
	run in_node a bash -c "printf '%s\n' 'UP a' 'DOWN b' |
		$ELECT resign --follow -- sh -c 'cat; exit 3'"
	[ "$output" = "UP a
DOWN b" ]
	[ "$status" = 3 ]
}

# ---- one of us ------------------------------------------------------------

@test "a second elector for the same router waits, then exits 111" {
	local t

	elector a -p 200 -t 100ms
	AS=other elector a -r 52 -t 100ms # another VRID is another router
	AS=six ADDRS=fe80::fe elector a -t 100ms
	elector b -t 100ms # another namespace another machine
	t=$(now)
	AS=a2 raw_elector a -i eth0 -r 51 -t 100ms "$VIP/24"
	AS=a3 raw_elector a -i eth0 -r 51 -t 100ms "$VIP/24"
	sleep 0.3
	send a3 TERM # one that waits can be stopped
	ends a3 0 1
	ends a2 111 5
	in_time "$(ms "$t" "$(now)")" 2500 4500
	[ "$(cat "$T/a2.err")" = "vrrp-elect: vrrp.51@eth0: another \
vrrp-elect runs for eth0, vrid 51" ]
	[ ! -s "$T/a2.out" ]
	is a MASTER
}

@test "a second elector takes the place of one that goes" {
	elector a -p 200 -t 100ms
	AS=a2 raw_elector a -i eth0 -r 51 -t 100ms "$VIP/24"
	sleep 0.3
	[ ! -s "$T/a2.out" ]
	send a KILL
	wait_for 2 is a2 MASTER
}

# ---- readers --------------------------------------------------------------

@test "dead reader: priority 0, exit 111" {
	pair -- cat
	kill -KILL "$(child_of a)"
	took_over_at_once
	ends a 111
	warned a 'stdout: reader-gone: resigning'
}

@test "dead reader: goes on advertising while the address is held" {
	local t

	vip add a
	pair -- cat
	kill -KILL "$(child_of a)"
	wait_for 1 warned a 'reader-gone'
	t=$(now)
	only_sender a 0.4
	vip del a
	took_over_at_once
	ends a 111
	[ "$(adverts a 200 | awk -v t="$t" '$1 > t' | wc -l)" -ge 4 ]
}

@test "dead reader, the address stays: bounded by --confirm" {
	vip add a
	pair --confirm 300ms -- cat
	kill -KILL "$(child_of a)"
	took_over_at_once
	ends a 111
}

@test "dead reader of a Backup: exit 111, and nothing on the wire" {
	pair
	AS=b2 elector b -r 52 -t 10s -- cat
	kill -KILL "$(child_of b2)"
	ends b2 111 1
	sleep 0.1
	refute adverts b '.*' 52
}

@test "stuck reader: resigns, and exits 111 when the reader ends" {
	local child

	# the reader must run for the first lines, or they would be stuck too
	pair --heartbeat 50ms --stuck 300ms -- bash -c "$STAMP"
	wait_for 1 said a ' MASTER '
	child=$(child_of a)
	kill -STOP "$child"
	took_over_at_once
	in_time "$(ms "$(stamp a ' MASTER ')" "$(first_advert a 0)")" 250 2000
	wait_for 1 warned a 'stdout: reader-stuck: resigning'
	kill -CONT "$child"
	ends a 111
	said a ' INIT .* why=reader-stuck '
}

@test "--stuck follows from --heartbeat; without either nobody asks" {
	# 4 heartbeats, at least 0.5 s
	pair --heartbeat 50ms -- bash -c "$STAMP"
	wait_for 1 said a ' MASTER '
	kill -STOP "$(child_of a)"
	wait_for 2 warned a 'reader-stuck'
	kill -CONT "$(child_of a)"
	ends a 111
	AS=a2 elector a -p 200 -t 100ms -- bash -c "$STAMP"
	wait_for 2 said a2 ' MASTER '
	kill -STOP "$(child_of a2)"
	send a2 USR1
	never 1 warned a2 stuck
	kill -CONT "$(child_of a2)"
}

@test "our own stall is not the reader's" {
	pair --heartbeat 50ms --stuck 300ms -- bash -c "$STAMP"
	wait_for 1 said a ' MASTER '
	kill -STOP "$(child_of a)"
	sleep 0.12 # for a line that lies unread
	send a STOP
	sleep 1
	send a CONT
	sleep 0.1
	kill -CONT "$(child_of a)"
	never 0.5 warned a reader-stuck
	kill -0 "$(<"$T/a.pid")"
}

# ---- --confirm ------------------------------------------------------------

@test "--confirm: never bound means FAULT, priority 0 and a hold-down" {
	local t

	pair --confirm 300ms -- bash -c "$STAMP"
	wait_for 2 said a ' FAULT .* was=MASTER why=not-bound '
	took_over_at_once
	in_time "$(ms "$(stamp a ' MASTER ')" "$(stamp a ' FAULT ')")" 295 400
	never 1.5 said a 'why=hold-down-over'
	is b MASTER
	wait_for 10 said a ' BACKUP .* was=FAULT why=hold-down-over '
	in_time "$(ms "$(stamp a ' FAULT ')" "$(stamp a hold-down-over)")" \
		9900 10300
}

@test "--confirm: bound in time is well, lost later is not" {
	pair --confirm 300ms
	vip add a
	never 0.6 is a FAULT
	vip del a
	wait_for 1 is a FAULT
	has a why not-bound
	took_over_at_once
}

# ---- -- PROG --------------------------------------------------------------

@test "-- PROG gets the lines; TERM ends both" {
	local child

	elector a -t 100ms -- sh -c 'cat; echo end'
	wait_for 2 is a MASTER
	child=$(child_of a)
	send a TERM
	ends a 0
	gone "$child"
	[ "$(words a)" = "BACKUP MASTER INIT end" ]
}

@test "-- PROG: the worse exit code wins" {
	AS=e1 elector a -r 1 -p 255 -t 10ms -- sh -c 'cat; exit 7'
	AS=e2 elector a -r 2 -p 255 -t 10ms -- sh -c 'cat; exit 100'
	AS=e3 elector a -r 3 -p 255 -t 10ms -- sh -c 'cat; exit 0'
	AS=e4 raw_elector a -i eth0 -r 4 -p 255 "$VIP" -- sh -c 'exit 100'
	AS=e5 raw_elector a -i eth0 -r 5 -p 255 "$VIP" -- sh -c 'exit 1'
	ends e4 100
	ends e5 111
	send e1 TERM
	send e2 TERM
	send e3 TERM
	ends e1 7
	ends e2 100
	ends e3 0
}

@test "-- PROG that cannot be executed: its line, exit 111" {
	wire_start
	raw_elector a -i eth0 -r 51 -p 255 "$VIP" -- "$T/none" arg
	ends a 111
	[ "$(warned a 'none: cannot be executed: No such file' | wc -l)" = 1 ]
	AS=d raw_elector a -i eth0 -r 51 -p 255 "$VIP" -- /tmp
	ends d 111
	[ "$(warned d '/tmp: cannot be executed: Permission' | wc -l)" = 1 ]
}

@test "-- PROG has our signals as they were, and no descriptor of ours" {
	background plain sh -c 'grep ^SigIgn /proc/self/status >&2
		ls /proc/self/fd'
	ends plain 0
	elector a -p 255 -- sh -c 'grep ^Sig /proc/self/status >&2
		ls /proc/self/fd; exec cat'
	wait_for 1 said a ^MASTER
	said a '^[0-9]+$' | diff "$T/plain.out" -
	warned a '^SigBlk:.0000000000000000$'
	warned a '^SigIgn' | diff "$T/plain.err" - # what bash and make left
}

# ---- readiness and privileges ---------------------------------------------

@test "--ready-fd: a newline once it listens, and it is closed" {
	mkfifo "$T/ready"
	background r bash -c "exec 5>$T/ready
		exec ip netns exec $LAB-a $ELECT -i eth0 -r 51 --ready-fd 5 $VIP"
	[ "$(timeout 5 cat "$T/ready" | od -An -c)" = '  \n' ]
	kill -0 "$(<"$T/r.pid")"
	[ "$(words r)" = BACKUP ]
}

# On a path and on a name in the abstract space.
notified() {
	# shellcheck disable=SC2016
	background n perl -MSocket -e '
		my $path = $ARGV[0];
		$path =~ s/^@/\0/;
		socket(S, AF_UNIX, SOCK_DGRAM, 0) or die;
		bind(S, pack_sockaddr_un($path)) or die "$!";
		print STDERR "ready\n";
		alarm 5;
		recv(S, $m, 100, 0);
		print "$m\n";' "$1"
	wait_for 5 warned n ready
	background s env NOTIFY_SOCKET="$1" "$ELECT" -i "none$$" -r 51 "$VIP"
	ends n 0
	[ "$(<"$T/n.out")" = READY=1 ]
	end s
}

@test "NOTIFY_SOCKET: READY=1" {
	notified "$T/notify"
	# of this network namespace, as the socket is
	notified "@vrrp-tools-test-$$"
}

@test "without CAP_NET_RAW: one line that names it, exit 111" {
	local args

	for args in "" resign; do
		# shellcheck disable=SC2086
		run setpriv --bounding-set=-net_raw --inh-caps=-net_raw \
			ip netns exec "$LAB-a" \
			"$ELECT" $args -i eth0 -r 51 "$VIP"
		echo "$output"
		[ "$status" = 111 ]
		[ "$output" = "vrrp-elect: VRRP socket: Operation not \
permitted (needs CAP_NET_RAW)" ]
	done
	run setpriv --bounding-set=-net_raw --inh-caps=-net_raw \
		"$ELECT" resign --follow
	[ "$status" = 111 ]
	[[ $output == *"(needs CAP_NET_RAW)" ]]
	# and that is all it needs
	background n ip netns exec "$LAB-a" setpriv --reuid=65534 \
		--regid=65534 --clear-groups --inh-caps=-all,+net_raw \
		--bounding-set=-all,+net_raw --ambient-caps=-all,+net_raw \
		"$ELECT" -i eth0 -r 51 -t 100ms "$VIP"
	wait_for 2 is n MASTER
}
