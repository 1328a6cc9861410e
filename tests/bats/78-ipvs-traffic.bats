#!/usr/bin/env bats
# ipvsadm-lite with real traffic: a client, directors and real servers on one
# wire, in a kernel with IPVS.
#
#	cl 10.0.0.2/24      da 10.0.0.3/24 10.1.0.3/24      rs1..3 10.1.0.11..13
#	VIP 10.0.0.10       db 10.0.0.4/24 10.1.0.4/24
#
# Answers of a NAT service come back by the director (10.1.0.1, which is da);
# for direct routing the servers hold the VIP too, and answer by themselves.

load ../lab/helpers
load ../lab/ipvs

VIP=10.0.0.10
HCHECK=${HCHECK:-$B/hcheck}
TCP=$LAB_BIN/lab-tcp

# plug NODE ADDR...: its eth0 on the wire, with these addresses.
plug() {
	local addr

	node "$1"
	ip -n sw link add "$1" type veth peer name eth0 netns "$1"
	ip -n sw link set "$1" master br0 up
	for addr in "${@:2}"; do
		ip -n "$1" addr add "$addr" dev eth0
	done
	ip -n "$1" link set eth0 up
}

setup() {
	require_ipvs
	node sw
	ip -n sw link add name br0 type bridge stp_state 0 mcast_snooping 0
	ip -n sw link set br0 up
	plug cl 10.0.0.2/24
	ip -n cl route add 10.1.0.0/24 dev eth0
	plug da 10.0.0.3/24 10.1.0.3/24 10.1.0.1/24
	for n in 1 2 3; do
		plug rs$n 10.1.0.1$n/24
		at rs$n sysctl -qw net.ipv4.conf.all.arp_ignore=1 \
			net.ipv4.conf.all.arp_announce=2 \
			net.ipv4.conf.all.rp_filter=0 \
			net.ipv4.conf.eth0.rp_filter=0
	done
	director da
}

director() {
	at "$1" sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv4.conf.all.send_redirects=0 \
		net.ipv4.conf.eth0.send_redirects=0 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
}

teardown() {
	lab_teardown
	nodes_down
}

# nat: servers answer by the director; dr: they hold the VIP themselves.
nat() {
	local n

	METHOD=-m
	for n in 1 2 3; do
		ip -n rs$n route add default via 10.1.0.1
	done
	ip -n da addr add $VIP/32 dev eth0
}

dr() {
	local n

	METHOD=-g
	for n in 1 2 3; do
		ip -n rs$n addr add $VIP/32 dev lo
		ip -n rs$n route add 10.0.0.0/24 dev eth0
	done
	[[ ${1-} == unbound ]] || ip -n da addr add $VIP/32 dev eth0
}

server_start() {
	watcher_start "rs$1" ip netns exec "rs$1" "$TCP" serve "rs$1" 80 \
		"10.1.0.1$1" $VIP
}

# client_start, fails, names: the loop of connections, and what it saw.
client_start() {
	watcher_start client ip netns exec cl "$TCP" loop $VIP 80
}

fails() {
	grep -c ' ! ' "$T/client.out" || :
}

# served_by NAME SINCE: a connection begun after that moment.
served_by() {
	awk -v n="$1" -v t="$2" '$3 == n && $1 > t { found = 1 }
		END { exit !found }' "$T/client.out"
}

# served_by_only NAMES SINCE: that many more connections, by these alone.
settled_on() {
	awk -v n=" $1 " -v t="$2" '$1 > t { seen++; if (!index(n, " " $3 " "))
		other = 1 } END { exit other || seen < 8 }' "$T/client.out"
}

# hold_start N [SERVER]: a connection that is held, to that server; it takes
# some tries to get there.
hold_start() {
	local i

	for i in {1..20}; do
		background "hold$1" ip netns exec cl "$TCP" hold $VIP 80
		wait_for 10 test -s "$T/hold$1.out"
		[[ $(sed -n '1s/.* //p' "$T/hold$1.out") != "${2-rs}"* ]] ||
			return 0
		end "hold$1"
	done
	return 1
}

# holds_on N: it has had an answer after this moment.
holds_on() {
	local now=$EPOCHREALTIME

	wait_for 25 awk -v t="$now" '$1 == "." && $2 > t { found = 1 }
		END { exit !found }' "$T/hold$1.out"
}

# health: lines of the servers 1 and 2, by hcheck or in its stead.
health() {
	if [[ -x $HCHECK ]]; then
		exec ip netns exec da "$HCHECK" --every 300ms --fast 300ms \
			--fall 2 --rise 1 -t 2s \
			rs1=tcp://10.1.0.11:80 rs2=tcp://10.1.0.12:80
	fi
	export -f probe_server probe_all
	exec ip netns exec da bash -c 'while probe_all; do sleep 0.3; done'
}

probe_server() {
	if timeout 5 bash -c ": </dev/tcp/10.1.0.1$1/80" 2>/dev/null; then
		echo "UP rs$1 addr=10.1.0.1$1:80"
	else
		echo "DOWN rs$1 addr=10.1.0.1$1:80 why=connect"
	fi
}

probe_all() {
	probe_server 1 && probe_server 2
}

follow_start() {
	mkfifo "$T/lines"
	background follow sh -c 'in=$1; shift; exec "$@" <"$in"' - "$T/lines" \
		ip netns exec da "$IPVS" follow -v --sorry 10.1.0.13:80 \
		--resync 1s "$@"
	(health) </dev/null >"$T/lines" 2>"$T/health.err" 3>&- 4>&- &
	echo $! >"$T/health.pid"
	wait_for 20 grep -q "^UP rs1" "$T/follow.out"
	wait_for 20 grep -q "^UP rs2" "$T/follow.out"
}

# told LINE-REGEX N: is it there for the Nth time?
told() {
	(($(grep -cE "$1" "$T/follow.out") >= $2))
}

weight() {
	[[ $(at da "$IPVS" -S) == *"-r 10.1.0.1$1:80 $METHOD -w $2"* ]]
}

# A failed connection must have begun before that moment.
no_fail_since() {
	awk -v t="$1" '/ ! / && $1 > t { print "failed after " t ": " $0
		bad = 1 } END { exit bad }' "$T/client.out" >&2
}

table() {
	printf -- '-A -t %s:80 -s rr\n' $VIP
	for n; do
		printf -- '-a -t %s:80 -r 10.1.0.1%s:80 %s -w %s\n' $VIP \
			"${n%=*}" "$METHOD" "${n#*=}"
	done
}

everything() {
	local t code

	server_start 1
	server_start 2
	server_start 3
	table 1=1 2=1 | at da "$IPVS" apply
	client_start
	wait_for 10 served_by rs1 0
	wait_for 10 served_by rs2 0
	hold_start 1 rs1
	hold_start 2 rs2

	# a changed table
	table 1=3 2=1 3=2 | at da "$IPVS" apply
	wait_for 10 served_by rs3 0
	table 1=2 2=2 | at da "$IPVS" apply
	t=$EPOCHREALTIME
	wait_for 20 settled_on "rs1 rs2" "$t"
	holds_on 1
	holds_on 2
	diff <(echo 0) <(fails)

	# health: a server is killed
	follow_start
	end hold1
	end rs1 KILL
	wait_for 30 weight 1 0
	t=$EPOCHREALTIME
	wait_for 20 settled_on "rs2" "$t"
	no_fail_since "$t"
	holds_on 2

	# it returns
	server_start 1
	wait_for 30 weight 1 2
	wait_for 20 served_by rs1 "$EPOCHREALTIME"
	no_fail_since "$t"

	# a drain: held connections live until the time is over
	background drain ip netns exec da "$IPVS" drain -t $VIP:80 \
		-r 10.1.0.12:80 --max 4s --poll 200ms
	wait_for 10 weight 2 0
	t2=$EPOCHREALTIME
	wait_for 20 settled_on "rs1" "$t2"
	holds_on 2
	wait_for 20 gone "$(<"$T/drain.pid")"
	code=0
	wait "$(<"$T/drain.pid")" || code=$?
	((code == 99))
	refute weight 2 ''
	no_fail_since "$t"

	# nobody is left: the sorry server
	end rs1 KILL
	wait_for 30 weight 3 1
	weight 1 0
	t=$EPOCHREALTIME
	wait_for 20 settled_on "rs3" "$t"
	no_fail_since "$t"
	wait_for 10 told "^DOWN tcp:$VIP:80" 1
	server_start 1
	wait_for 30 weight 1 2
	refute weight 3 1
	wait_for 20 settled_on "rs1" "$EPOCHREALTIME"
	no_fail_since "$t"
	end client
	# counters as ipvsadm shows them
	alike
}

# Both read the same kernel, which sums its counters every 2 s.
alike() {
	local mode

	for mode in --stats --rate "--stats -X" --persistent-conn; do
		# shellcheck disable=SC2086 # words on purpose
		wait_for 20 same_listing $mode
	done
	[[ $(at da "$IPVS" -L --json |
		jq '.services[0].stats.conns') -gt 50 ]]
}

same_listing() {
	diff <(at da "$IPVS" -L -n "$@") <(at da ipvsadm -Ln "$@")
}

@test "NAT: apply, a server killed, its return, a drain, the sorry server" {
	nat
	everything
}

@test "direct routing: the same" {
	dr
	everything
}

@test "connections are listed as ipvsadm lists them" {
	nat
	printf -- '-A %s -s rr\n-a %s -r 10.1.0.11:53 -m\n' \
		"-u $VIP:53" "-u $VIP:53" | at da "$IPVS" -R
	at cl bash -c "for i in 1 2 3 4; do echo x >/dev/udp/$VIP/53; done"
	(($(at da "$IPVS" -L -c | grep -c "UDP .*$VIP:53 *10.1.0.11:53$") == 4))
	wait_for 20 same_listing -c
	wait_for 20 same_listing -c --persistent-conn
}

@test "drain ends when the last connection has: UDP" {
	nat
	table 1=1 2=1 | sed 's/^-\([Aa]\) -t/-\1 -u/' | at da "$IPVS" -R
	at da "$IPVS" --set 0 0 3
	at cl bash -c "for i in 1 2 3 4; do echo x >/dev/udp/$VIP/80; done"
	[[ $(at da "$IPVS" -L -c) == *"$VIP:80"* ]]
	at da "$IPVS" drain -u $VIP:80 -r 10.1.0.11:80 --poll 100ms
	[[ $(at da "$IPVS" -S) != *10.1.0.11* ]]
	[[ $(at da "$IPVS" -S) == *10.1.0.12* ]]
}

# ---- two directors

elect() {
	background "elect-$1" ip netns exec "$1" "$B/vrrp-elect" -i eth0 -r 51 \
		-p "$2" --heartbeat 500ms $VIP/32 -- \
		"$B/vip-bind" follow -- \
		"$IPVS" syncd -i eth0 --syncid 7 --resync 500ms
}

has_vip() {
	[[ $(ip -n "$1" addr show to $VIP) ]]
}

role() {
	[[ $(at "$1" "$IPVS" -L --daemon) == "$2 sync"* ]]
}

# The other director knows of the connection that is held.
synced() {
	at db "$IPVS" -L -c | grep -q "ESTABLISHED.*10.0.0.2:.*$VIP:80"
}

@test "two directors: established connections go on after a switch" {
	local d

	plug db 10.0.0.4/24 10.1.0.4/24
	director db
	dr unbound
	server_start 1
	server_start 2
	for d in da db; do
		at $d sysctl -qw net.ipv4.vs.sync_threshold="1 5"
		table 1=1 2=1 | at $d "$IPVS" apply
	done
	elect da 200
	wait_for 20 has_vip da
	wait_for 10 role da master
	elect db 100
	wait_for 20 role db backup
	hold_start 1
	wait_for 30 synced
	kill "$(<"$T/elect-da.pid")"
	wait_for 20 has_vip db
	wait_for 10 role db master
	holds_on 1
	# and back, by death
	wait_for 30 gone "$(<"$T/elect-da.pid")"
	elect da 50
	wait_for 20 role da backup
	kill -KILL "$(<"$T/elect-db.pid")"
	wait_for 20 has_vip da
	wait_for 10 role da master
	holds_on 1
	refute grep -q ' ! ' "$T/hold1.out"
}
