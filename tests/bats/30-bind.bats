#!/usr/bin/env bats
# vip-bind: add, del, show; follow holds what the lines say, and nothing else.

load ../lab/helpers

BIND=$B/vip-bind
GARP=$B/garp
MAC=02:77:00:00:00:01

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
setup() { lab_setup; }
teardown() { lab_teardown; }

bind() {
	in_node a "$BIND" "$@"
}

# follow ARGS...: in a, with lines by say, until it passes the first one on;
# quit is the end of its input (which a watcher that was started later holds
# open, too).
follow() {
	mkfifo "$T/in"
	background bind sh -c 'in=$1; shift; exec "$@" <"$in"' - \
		"$T/in" ip netns exec "$LAB-a" "$BIND" follow "$@"
	exec {FEED}>"$T/in"
	say FIRST line
	wait_for 5 passed '^FIRST line$'
}

say() {
	echo "$*" >&"$FEED"
}

quit() {
	exec {FEED}>&-
}

passed() {
	grep -qE -- "$1" "$T/bind.out"
}

said() {
	grep -qE -- "$1" "$T/bind.err"
}

# master EPOCH [SUBJECT], backup [SUBJECT]: of $ADDRS, default both VIPs.
master() {
	say "MASTER ${2:-s} if=eth0 addrs=${ADDRS:-$VIP/24,$VIP6} epoch=$1"
}

backup() {
	say "BACKUP ${1:-s} if=eth0 addrs=${ADDRS:-$VIP/24,$VIP6}"
}

lost() {
	refute holds a "${1:-$VIP}"
}

# ends CODE: it ends by itself, with this exit code.
ends() {
	local c=0 pid

	pid=$(<"$T/bind.pid")
	wait_for 5 gone "$pid"
	wait "$pid" || c=$?
	rm "$T/bind.pid"
	((c == $1)) || {
		echo "exit code $c" >&2
		return 1
	}
}

count() {
	(($(grep -cE -- "$1" "$T/wire.out") == $2))
}

addr() {
	ip -n "$LAB-a" -o -d addr show to "${1:-$VIP}"
}

# ---- add, del, show

@test "add, show, del: exit codes, lines, announcement" {
	wire_start cl
	run bind show -i eth0 $VIP
	((status == 1))
	[[ $output == "DOWN $VIP if=eth0" ]]
	bind add -i eth0 $VIP/24 $VIP6
	holds a $VIP
	holds a $VIP6
	wait_for 1 count "garp $VIP $MAC op=1" 5
	wait_for 1 count "na $VIP6 $MAC flags=O" 5
	bind add -i eth0 $VIP/24 $VIP6 # ours already
	run bind show -i eth0 $VIP $VIP6/128
	((status == 0))
	[[ ${lines[0]} == "UP $VIP/24 if=eth0 owner=ours scope=global valid_lft=forever" ]]
	[[ ${lines[1]} == "UP $VIP6/128 if=eth0 owner=ours scope=global valid_lft=forever" ]]
	run bind show --json -i eth0 $VIP
	[[ $(jq -r .owner <<<"$output") == ours ]]
	[[ $(addr $VIP6) == *deprecated* && $(addr $VIP6) == *nodad* ]]
	bind del -i eth0 $VIP/24 $VIP6
	lost
	lost $VIP6
	run bind del -i eth0 $VIP/24 $VIP6
	((status == 1))
	[[ -z $output ]]
}

@test "add: another host answers: 1 and by whom; --force" {
	vip add b
	run bind add -i eth0 $VIP 10.77.0.200
	((status == 1))
	[[ $output == "vip-bind: eth0: $VIP: is used by 02:77:00:00:00:02" ]]
	lost
	lost 10.77.0.200
	vip add b $VIP6
	run bind add -i eth0 $VIP6
	((status == 1))
	lost $VIP6
	bind add --force -i eth0 $VIP
	holds a
}

@test "add, del: what is not ours is not touched; one refusal undoes all" {
	vip add a
	run bind add -i eth0 $VIP/32
	((status == 1))
	[[ $output == *'is there and not ours' ]]
	run bind del -i eth0 $VIP/32
	((status == 1))
	[[ $output == *'not ours: left alone (--force)' ]]
	holds a
	bind del --force -i eth0 $VIP/32
	lost
	# the kernel takes the first, then not the second
	in_node a sh -c 'echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6'
	run bind add --force -i eth0 $VIP $VIP6
	((status == 111))
	lost
}

@test "label, scope, noprefixroute" {
	bind add --force -i eth0 --label eth0:vip --scope link \
		--noprefixroute 192.0.2.10/24
	[[ $(addr 192.0.2.10) == *'192.0.2.10/24 scope link '*noprefixroute*eth0:vip* ]]
	[[ -z $(ip -n "$LAB-a" route show 192.0.2.0/24) ]]
	bind del -i eth0 192.0.2.10/24
	follow --label eth0:f --scope 123 -i eth0 192.0.2.11/24
	say UP web
	wait_for 1 holds a 192.0.2.11
	[[ $(addr 192.0.2.11) == *'scope 123 '*eth0:f* ]]
	[[ $(ip -n "$LAB-a" route show 192.0.2.0/24) ]]
}

# ---- follow

@test "follow: bound, announced and passed on; BACKUP removes; EOF ends" {
	wire_start cl
	follow
	backup
	master 1
	wait_for 1 passed '^MASTER'
	holds a
	holds a $VIP6
	wait_for 1 count "garp $VIP $MAC op=1" 5
	wait_for 1 count "na $VIP6 $MAC flags=O" 5
	say 'STRANGE line  with=things %zz'
	say lonely
	backup
	wait_for 1 lost
	wait_for 1 lost $VIP6
	master 2
	wait_for 1 holds a
	quit
	ends 0
	lost
	lost $VIP6
	diff "$T/bind.out" - <<-EOF
	FIRST line
	BACKUP s if=eth0 addrs=$VIP/24,$VIP6
	MASTER s if=eth0 addrs=$VIP/24,$VIP6 epoch=1
	STRANGE line  with=things %zz
	lonely
	BACKUP s if=eth0 addrs=$VIP/24,$VIP6
	MASTER s if=eth0 addrs=$VIP/24,$VIP6 epoch=2
	EOF
	[[ ! -s $T/bind.err ]]
}

@test "follow: TERM and INT let go; HUP does not; USR1 says what is held" {
	local sig

	for sig in TERM INT; do
		follow
		master 1
		wait_for 1 passed ^MASTER
		kill -HUP "$(<"$T/bind.pid")"
		kill -USR1 "$(<"$T/bind.pid")"
		wait_for 1 passed "^HELD $VIP/24 if=eth0 users=1$"
		(($(grep -c ^MASTER "$T/bind.out") == 2))
		holds a
		kill -$sig "$(<"$T/bind.pid")"
		ends 0
		lost
		quit
		rm "$T/in"
	done
}

@test "follow: 5 and again 5; a new epoch announces, the same does not" {
	follow --garp-again 300ms -i eth0 $VIP
	wire_start cl
	say MASTER s epoch=1
	wait_for 1 count garp 5
	wait_for 1 count garp 10
	wire garp | awk 'NR == 1 { t = $1 } { print ($1 - t) * 1000 }' >"$T/t"
	in_time "$(sed -n 4p "$T/t")" 0 50
	in_time "$(sed -n 5p "$T/t")" 60 125  # the last word
	in_time "$(sed -n 6p "$T/t")" 240 350 # from the line on
	say MASTER s epoch=1
	sleep 0.5
	count garp 10
	say MASTER s epoch=2
	wait_for 1 count garp 15
	wait_for 1 count garp 20
}

# The frames that wire saw: two 50 ms apart, then one each 200 ms.
paced() {
	wire garp | awk 'NR == 1 { t = $1 } { print ($1 - t) * 1000 }' >"$T/t"
	in_time "$(sed -n 2p "$T/t")" 48 75 &&
		in_time "$(sed -n 3p "$T/t")" 245 285 &&
		within "$(wc -l <"$T/t")" 4 5
}

@test "follow: --garp-count, -interval, -refresh" {
	follow --garp-count 2 --garp-interval 50ms --garp-again 0 \
		--garp-refresh 200ms -i eth0 $VIP
	for _ in 1 2 3; do # a frame may be late on its way to the client
		wire_start cl
		say MASTER s
		sleep 0.75
		wire_stop
		say BACKUP s
		! paced || return 0
	done
	paced
}

@test "follow: put back at once when another removes it, then slower" {
	local i
	follow
	wire_start cl
	master 1
	wait_for 1 count "garp $VIP" 5
	for i in 1 2 3 4 5; do
		vip_gone
		wait_for 0.1 holds a
		wait_for 0.1 count "garp $VIP" $((i * 5 + 5))
	done
	said 'was removed by somebody else: put back'
	vip_gone
	never 0.5 holds a
	wait_for 1 holds a
	ip -n "$LAB-a" addr del $VIP6/128 dev eth0
	wait_for 0.1 holds a $VIP6
}

vip_gone() {
	ip -n "$LAB-a" addr del $VIP/24 dev eth0
}

@test "follow: an operator's address is reported and left alone" {
	ip -n "$LAB-a" addr add $VIP/24 dev eth0
	ip -n "$LAB-a" addr add $VIP6/64 dev eth0 nodad
	follow --lease 1s
	backup
	master 1
	wait_for 1 passed ^MASTER
	(($(grep -c 'not ours: left alone' "$T/bind.err") == 2))
	[[ $(addr) == *'valid_lft forever'* ]]
	[[ $(addr $VIP6) == *'valid_lft forever'* ]]
	master 1
	backup
	wait_for 1 eval '(($(grep -c ^BACKUP "$T/bind.out") == 2))'
	holds a
	holds a $VIP6
	(($(grep -c . "$T/bind.err") == 2))
	quit
	ends 0
	holds a
	holds a $VIP6
}

@test "follow: what a predecessor left goes with the first BACKUP" {
	bind add --force -i eth0 $VIP/24 $VIP6
	vip add a 10.77.0.200
	follow
	sleep 0.1
	holds a
	ADDRS=$VIP/24,$VIP6,10.77.0.200/32 backup
	wait_for 1 passed ^BACKUP
	lost
	lost $VIP6
	holds a 10.77.0.200
}

@test "follow: MASTER takes over what is ours, and makes it a lease" {
	bind add --force -i eth0 $VIP/24 $VIP6
	follow --lease 2s
	wire_start cl
	master 1
	wait_for 1 passed ^MASTER
	[[ $(addr) == *'valid_lft 2sec'* && $(addr $VIP6) == *'valid_lft 2sec'* ]]
	[[ ! -s $T/bind.err ]]
	wait_for 1 count "garp $VIP" 5
}

@test "follow --lease: starved of lines it lets go; the next line anew" {
	follow --lease 600ms
	wire_start cl
	master 1
	wait_for 1 passed ^MASTER
	[[ $(addr) == *'valid_lft 1sec'* ]]
	sleep 0.4
	master 1
	sleep 0.4
	holds a
	wait_for 0.3 lost
	wait_for 0.1 lost $VIP6
	said 's: no line for 600ms: lets go'
	count "garp $VIP" 5
	master 1
	wait_for 1 holds a
	wait_for 1 count "garp $VIP" 10
}

# Until the test ends, whatever its shell waits for.
lines() {
	while master 1; do sleep 0.2; done
}

lost_any() {
	lost || lost $VIP6
}

@test "follow --lease: renewed by each line, and nothing else done" {
	follow --lease 1s
	wire_start cl
	background lines lines
	wait_for 1 holds a
	wait_for 1 holds a $VIP6
	POLL=0.1 never 2.4 lost_any
	(($(grep -c ^MASTER "$T/bind.out") >= 9))
	count "garp $VIP" 5
	[[ ! -s $T/bind.err ]]
}

@test "follow --lease: the kernel removes it when we are stopped or killed" {
	local t
	follow --lease 2s
	master 1
	wait_for 1 passed ^MASTER
	t=$(now)
	kill -STOP "$(<"$T/bind.pid")"
	wait_for 4 lost
	in_time "$(ms "$t" "$(now)")" 1900 2950
	# queued while it was stopped: not news when it wakes
	master 1
	master 1
	kill -CONT "$(<"$T/bind.pid")"
	wait_for 1 said 'no line for 2s: lets go'
	never 0.3 holds a
	(($(grep -c ^MASTER "$T/bind.out") == 1))
	master 1
	wait_for 1 holds a
	t=$(now)
	kill -KILL "$(<"$T/bind.pid")"
	sleep 0.3
	holds a
	wait_for 4 lost
	in_time "$(ms "$t" "$(now)")" 1900 2950
}

@test "follow --lease: a Backup that slept does not believe old lines" {
	follow --lease 500ms
	backup
	wait_for 1 passed ^BACKUP
	kill -STOP "$(<"$T/bind.pid")"
	master 1
	sleep 0.8
	kill -CONT "$(<"$T/bind.pid")"
	never 0.3 holds a
	master 1
	wait_for 1 holds a
}

@test "follow: of queued lines the newest counts, all are passed on" {
	wire_start cl
	follow
	kill -STOP "$(<"$T/bind.pid")"
	master 1
	backup
	kill -CONT "$(<"$T/bind.pid")"
	wait_for 1 passed ^BACKUP
	passed ^MASTER
	lost
	refute wire "garp $VIP"
	# the last line before the end of input is nobody's any more
	kill -STOP "$(<"$T/bind.pid")"
	master 1
	quit
	kill -CONT "$(<"$T/bind.pid")"
	ends 0
	refute wire "garp $VIP"
	(($(grep -c ^MASTER "$T/bind.out") == 2))
}

@test "follow: down and up again while we slept is no change" {
	follow
	wire_start cl
	master 1
	wait_for 1 count "garp $VIP" 5
	kill -STOP "$(<"$T/bind.pid")"
	backup
	master 1
	kill -CONT "$(<"$T/bind.pid")"
	wait_for 1 eval '(($(grep -c ^MASTER "$T/bind.out") == 2))'
	holds a
	never 0.3 count "garp $VIP" 10
}

@test "follow: 200 addresses in one batch" {
	follow -i eth0 $(printf '10.78.0.%d/24 ' {1..200})
	wire_start cl
	background tr ip netns exec "$LAB-a" strace -f -e trace=sendmsg -o "$T/strace" \
		-p "$(<"$T/bind.pid")"
	wait_for 5 grep -q attached "$T/tr.err"
	say MASTER s
	wait_for 5 passed ^MASTER
	(($(ip -n "$LAB-a" -o addr show | grep -c 10.78.0) == 200))
	wait_for 1 count 'garp 10.78.0' 1000
	end tr
	(($(grep -c sendmsg "$T/strace") == 1))
	# RTM_NEWADDR; NLM_F_CREATE, EXCL, ACK, REQUEST: no race with an operator
	grep -qF '\24\0\5\6' "$T/strace"
	[[ $(wire garp | awk 'NR <= 200 { print $3 }' | sort -u | wc -l) == 200 ]]
	say BACKUP s
	wait_for 5 passed ^BACKUP
	(($(ip -n "$LAB-a" -o addr show | grep -c 10.78.0) == 0))
}

@test "follow: several subjects; an address two name stays for the other" {
	follow
	ADDRS=$VIP/24,10.77.0.201/24 master 1 one
	ADDRS=$VIP/24,10.77.0.202/24 master 1 two
	ADDRS=10.77.0.203 backup three
	wait_for 1 passed three
	holds a
	holds a 10.77.0.201
	holds a 10.77.0.202
	lost 10.77.0.203
	say BACKUP one
	wait_for 1 lost 10.77.0.201
	holds a
	# the list of two changes while it is up
	ADDRS=10.77.0.202/24,10.77.0.204/24 master 1 two
	wait_for 1 lost
	wait_for 1 holds a 10.77.0.204
	holds a 10.77.0.202
	say FAULT two
	wait_for 1 lost 10.77.0.202
	[[ ! -s $T/bind.err ]]
}

# Where stderr is slow, the neighbours must not wait for it.
@test "follow -v: says so when the addresses are announced" {
	follow -v
	background trace strace -s 99 -e trace=write,sendmsg,sendmmsg \
		-o "$T/trace" -p "$(pgrep -f -n "^$BIND follow -v")"
	wait_for 5 grep -q attached "$T/trace.err"
	master 1
	wait_for 2 said 's: holds 2 addresses'
	backup
	wait_for 2 said 's: lets go of 2 addresses'
	end trace INT
	[[ $(grep -oE 'sendmsg|sendmmsg|holds|lets go' "$T/trace" | uniq |
		paste -s -d ,) == sendmsg,sendmmsg,holds,*"sendmsg,lets go" ]]
}

@test "follow: 1100 subjects, 3300 addresses: told once, the rest works" {
	local i j
	follow
	wire_start cl
	for i in {1..1100}; do
		printf -v ADDRS "10.8$((i / 250)).$((i % 250)).%d," {1..3}
		ADDRS=${ADDRS%,} backup "s$i"
	done
	say LAST line
	wait_for 5 passed LAST
	(($(grep -c ^BACKUP "$T/bind.out") == 1100))
	(($(grep -c 'more subjects' "$T/bind.err") == 1))
	(($(grep -c 'more addresses' "$T/bind.err") == 1))
	ADDRS=10.80.1.1 master 1 s1
	wait_for 2 holds a 10.80.1.1
}

@test "follow: lines without facts are told of once and passed on" {
	follow
	say UP web1 url=http://x/
	say UP web1 url=http://x/
	say MASTER s if=eth0
	say MASTER s if=eth0 addrs=10.0.0.x,224.0.0.1
	wait_for 1 said 'no address that could be held'
	say BACKUP s if=eth0 addrs=
	say LAST line
	wait_for 1 passed LAST
	(($(grep -c 'without if= or addrs=' "$T/bind.err") == 1))
	(($(grep -c 'no address that could be held' "$T/bind.err") == 1))
	(($(wc -l <"$T/bind.out") == 7))
}

@test "follow: a dead reader: lets go and exits 111" {
	mkfifo "$T/in" "$T/out"
	background bind sh -c 'exec "$@" <"$0/in" >"$0/out"' "$T" \
		ip netns exec "$LAB-a" "$BIND" follow
	exec {FEED}>"$T/in" {OUT}<"$T/out"
	master 1
	wait_for 1 holds a
	exec {OUT}<&-
	wait_for 0.2 lost
	ends 111
	said 'the reader is gone'
}

@test "follow: a reader that reads nothing costs the newest line of none" {
	local i
	mkfifo "$T/in" "$T/out"
	background bind sh -c 'exec "$@" <"$0/in" >"$0/out"' "$T" \
		ip netns exec "$LAB-a" "$BIND" follow
	exec {FEED}>"$T/in" {OUT}<"$T/out"
	for i in {1..1500}; do
		echo "MASTER one if=eth0 addrs=$VIP epoch=1 n=$i"
		echo "BACKUP two if=eth0 addrs=$VIP6 n=$i"
	done >&"$FEED"
	say BACKUP one n=last
	wait_for 2 lost
	quit
	cat <&"$OUT" >"$T/all"
	ends 0
	[[ $(grep ' one ' "$T/all" | tail -1) == 'BACKUP one n=last' ]]
	[[ $(grep ' two ' "$T/all" | tail -1) == *n=1500 ]]
	(($(wc -l <"$T/all") < 3001))
}

@test "follow: the interface goes, comes again, goes down and up" {
	follow --lease 5s
	ip -n "$LAB-a" link add m0 link eth0 type macvlan mode bridge
	ip -n "$LAB-a" link set m0 up
	ADDRS=192.0.2.9/24,fd78::9
	say "MASTER s if=m0 addrs=$ADDRS"
	wait_for 1 holds a 192.0.2.9
	ip -n "$LAB-a" link del m0
	wait_for 1 said 'm0: .*: waiting for it'
	ip -n "$LAB-a" link add m0 link eth0 address 02:00:00:00:00:77 \
		type macvlan mode bridge
	wire_start cl
	ip -n "$LAB-a" link set m0 up
	wait_for 0.2 holds a 192.0.2.9
	wait_for 0.2 holds a fd78::9
	said 'm0: is back'
	wait_for 1 wire 'garp 192.0.2.9 02:00:00:00:00:77'
	wait_for 1 wire 'na fd78::9 02:00:00:00:00:77'
	wire_stop
	AS=w wire_start cl
	ip -n "$LAB-a" link set m0 down
	ip -n "$LAB-a" link set m0 up
	wait_for 0.2 holds a fd78::9
	wait_for 1 grep -q 'garp 192.0.2.9' "$T/w.out"
	wait_for 1 grep -q 'na fd78::9' "$T/w.out"
	refute said 'removed by somebody'
}

@test "follow: an interface that goes down for a moment: nobody is blamed" {
	local i

	follow --garp-count 0
	ip -n "$LAB-a" link add m0 link eth0 type macvlan mode bridge
	ip -n "$LAB-a" link set m0 up
	say "MASTER s if=m0 addrs=fd78::9"
	wait_for 1 holds a fd78::9
	for i in {1..100}; do
		printf 'link set m0 %s\n' down up >"$T/flap"
		in_node a ip -batch "$T/flap"
		wait_for 1 holds a fd78::9
	done
	refute said 'removed by somebody'
}

@test "follow: carrier lost and back: announced again" {
	follow
	master 1
	wait_for 1 holds a
	lab cut a link
	wait_for 1 eval '[[ $(ip -n "$LAB-a" link show eth0) == *NO-CARRIER* ]]'
	holds a
	wire_start cl
	lab heal a
	wait_for 2 count "garp $VIP" 5
	holds a
}

@test "follow: MASTER before the interface is there" {
	follow
	say MASTER s if=m0 addrs=192.0.2.9
	wait_for 1 said 'm0: no such interface: waiting for it'
	passed ^MASTER
	ip -n "$LAB-a" link add m0 link eth0 type macvlan mode bridge
	ip -n "$LAB-a" link set m0 up
	wait_for 0.5 holds a 192.0.2.9
}

@test "follow: removed in a flood of news that overflowed: seen all the same" {
	local i
	follow
	master 1
	wait_for 1 passed ^MASTER
	kill -STOP "$(<"$T/bind.pid")"
	for i in {1..8000}; do
		echo "addr add 10.79.0.1/32 dev eth0"
		echo "addr del 10.79.0.1/32 dev eth0"
	done >"$T/flood"
	ip -n "$LAB-a" -batch "$T/flood"
	vip_gone
	# Drops of the sockets in there
	run in_node a awk '$9 > 0 { n++ } END { print n + 0 }' /proc/net/netlink
	((output > 0))
	kill -CONT "$(<"$T/bind.pid")"
	wait_for 1 holds a
	said 'put back'
	wait_for 1 eval '[[ $(addr) == *"$VIP/24"* ]]'
	backup
	wait_for 1 lost
}

route() {
	ip -n "$LAB-a" route show "$1" | grep -q "${2:-.}"
}

@test "follow --route: after the addresses, out before them, put in again" {
	follow -i eth0 --route "198.51.100.0/24 via 10.77.0.100 src $VIP" \
		--route 'default via 10.77.0.2 metric 77' \
		--route 'fd99::/64 via fd77::64' $VIP/24 $VIP6
	ip -n "$LAB-a" route add 198.51.100.0/25 dev eth0
	say MASTER s
	wait_for 1 passed ^MASTER
	route 198.51.100.0/24 "src $VIP"
	route default 'via 10.77.0.2 .*metric 77'
	[[ $(ip -n "$LAB-a" -6 route show fd99::/64) == *fd77::64* ]]
	vip_gone
	wait_for 0.2 route 198.51.100.0/24 "src $VIP"
	say BACKUP s
	wait_for 1 passed ^BACKUP
	refute route 198.51.100.0/24
	refute route default
	[[ -z $(ip -n "$LAB-a" -6 route show fd99::/64) ]]
	route 198.51.100.0/25
}

@test "follow --route: another's is left alone, a predecessor's goes" {
	ip -n "$LAB-a" route add 198.51.100.0/24 dev eth0
	ip -n "$LAB-a" route add 203.0.113.0/24 dev eth0 proto 112
	follow -i eth0 --route 198.51.100.0/24 --route 203.0.113.0/24 $VIP
	say BACKUP s
	wait_for 1 passed ^BACKUP
	route 198.51.100.0/24
	refute route 203.0.113.0/24
	say MASTER s
	wait_for 1 passed ^MASTER
	said '198.51.100.0/24: is there and not ours'
	route 203.0.113.0/24
	quit
	ends 0
	route 198.51.100.0/24
	refute route 203.0.113.0/24
}

@test "follow -- PROG: its reader; ends after it with the worse code" {
	printf '%s\n' "MASTER s if=eth0 addrs=$VIP" >"$T/lines"
	run in_node a "$BIND" follow -- sh -c 'cat >"$0"; exit 7' "$T/got" \
		<"$T/lines"
	((status == 7))
	grep -q ^MASTER "$T/got"
	mkfifo "$T/in"
	background bind sh -c 'exec "$@" <"$0/in"' "$T" ip netns exec \
		"$LAB-a" "$BIND" follow -- sh -c 'read -r a; echo "$a"; sleep 0.3'
	exec {FEED}>"$T/in"
	master 1
	wait_for 1 passed ^MASTER
	holds a
	ends 111
	lost
}

@test "follow: --ready-fd; the packet socket receives nothing" {
	mkfifo "$T/in"
	background bind sh -c 'exec "$@" <"$0/in" 7>"$0/ready"' "$T" \
		ip netns exec "$LAB-a" "$BIND" follow --ready-fd 7
	exec {FEED}>"$T/in"
	wait_for 2 test -s "$T/ready"
	# Proto, Iface of every packet socket in there
	run in_node a awk 'NR > 1 { print $4, $5 }' /proc/net/packet
	[[ $output == '0000 0' ]]
}

# ---- saying no

# says CODE TEXT ARGS...: one line on stderr with TEXT, nothing on stdout.
says() {
	local code=0

	in_node a "${@:3}" >"$T/says.out" 2>"$T/says.err" </dev/null ||
		code=$?
	if ((code != $1)) || [[ -s $T/says.out ]] ||
		[[ $(wc -l <"$T/says.err") != 1 ]] ||
		! grep -qF -- "$2" "$T/says.err"; then
		echo "${*:3}: exit $code: $(<"$T/says.err")"
		return 1
	fi
}

@test "without a capability: which one, 111, nothing half done" {
	local raw=(setpriv --inh-caps=-net_raw --bounding-set=-net_raw)
	local all=(setpriv --reuid 65534 --clear-groups --inh-caps=-all
		--bounding-set=-all)

	says 111 'needs CAP_NET_ADMIN' "${all[@]}" "$BIND" add -i eth0 $VIP
	says 111 'needs CAP_NET_ADMIN' "${all[@]}" "$BIND" del -i eth0 $VIP
	says 111 'needs CAP_NET_ADMIN' "${all[@]}" "$BIND" follow
	says 111 'needs CAP_NET_RAW' "${raw[@]}" "$BIND" add -i eth0 $VIP
	says 111 'needs CAP_NET_RAW' "${raw[@]}" "$BIND" add --force -i eth0 $VIP
	says 111 'needs CAP_NET_RAW' "${raw[@]}" "$BIND" follow
	lost
	in_node a "${raw[@]}" "$BIND" add --force --garp-count 0 -i eth0 $VIP
	holds a
	run in_node a "${all[@]}" "$BIND" show -i eth0 $VIP
	((status == 0))
	says 111 'eth9: No such device' "$BIND" add -i eth9 $VIP
	says 111 'eth9: No such device' "$BIND" show -i eth9 $VIP
	lab cut a link
	wait_for 2 says 111 'eth0: no carrier: cannot ask' "$BIND" add \
		-i eth0 10.77.0.200
}

@test "misuse: one line on stderr, exit 100, nothing changed" {
	local bad n=0
	while read -r bad; do
		eval "says 100 'vip-bind: ' '$BIND' $bad"
		n=$((n + 1))
	done <<-'EOF'

		remove -i eth0 10.77.0.254
		-i eth0
		add
		add -i eth0
		add 10.77.0.254
		del -i eth0
		show -i eth0
		add -i '' 10.77.0.254
		add -i a/b 10.77.0.254
		add -i eth0eth0eth0eth0 10.77.0.254
		add --force -i eth0 10.77.0.254 10.77.0
		add --force -i eth0 10.77.0.254 10.77.0.1/33
		add --force -i eth0 10.77.0.254 10.77.0.1/0
		add --force -i eth0 10.77.0.254 fd77::1/129
		add --force -i eth0 10.77.0.254 224.0.0.18
		add --force -i eth0 10.77.0.254 0.0.0.0
		add --force -i eth0 10.77.0.254 ff02::1
		add --force -i eth0 --lease 2s 10.77.0.254
		add --force -i eth0 --label '' 10.77.0.254
		add --force -i eth0 --label 0123456789abcdef 10.77.0.254
		add --force -i eth0 --scope planet 10.77.0.254
		add --force -i eth0 --scope 256 10.77.0.254
		add --force -i eth0 --garp-count 1001 10.77.0.254
		add --force -i eth0 --ready-fd 1 10.77.0.254
		add --force -i eth0 --json 10.77.0.254
		add --force -i eth0 10.77.0.254 -- cat
		show --force -i eth0 10.77.0.254
		show -z -i eth0 10.77.0.254
		show --nonsense -i eth0 10.77.0.254
		show --json=1 -i eth0 10.77.0.254
		show 10.77.0.254 -i
		follow --lease 0
		follow --lease 2d
		follow --lease soon
		follow --garp-again -1s
		follow --garp-interval x
		follow --garp-refresh 1y
		follow --garp-count x
		follow --ready-fd 99
		follow --ready-fd 0
		follow --force
		follow --
		follow --route default
		follow -i eth0 --route ''
		follow -i eth0 --route '10.0.0.1/24'
		follow -i eth0 --route 'default via'
		follow -i eth0 --route 'default via 10.0.0.x'
		follow -i eth0 --route 'default via 10.0.0.1 src fd77::1'
		follow -i eth0 --route '10.0.0.0/8 via fd77::1'
		follow -i eth0 --route 'default onlink'
		follow -i eth0 --route '10.0.0.0/8 metric x'
		follow -i eth0 --route '10.0.0.0/8 dev eth0'
		follow -i eth0 10.0.0.1 10.0.0.x
	EOF
	((n >= 20))
	lost
}

@test "--help and --version on stdout" {
	run bash -c "'$BIND' --help 2>/dev/null"
	((status == 0))
	[[ $output == usage:* ]]
	run "$BIND" -V
	((status == 0))
	[[ $output =~ ^vip-bind\ [0-9.]+$ ]]
}
