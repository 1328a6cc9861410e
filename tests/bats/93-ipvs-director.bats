#!/usr/bin/env bats
# examples/lvs-director for real: a pair of directors, node a under s6 and node
# b under runit, two real servers (direct routing) and a client, in a kernel with
# IPVS.  As 91-supervise, but that the client connects, each 50 ms, and that
# tables and connections are looked at.
#
#	a 10.77.0.1   b 10.77.0.2   cl 10.77.0.100   rs1, rs2 10.77.0.11, .12

load ../lab/helpers
load ../lab/ipvs
load super

export LAB=lvs
POLL=0.1 # a process costs more in there
common=(IF=eth0 PRIORITY=200 "ADDRS=$VIP/24" "SERVICE=$VIP:80")

# plug NODE ADDR
plug() {
	node "$LAB-$1"
	ip -n "$LAB-sw" link add "p-$1" type veth peer name eth0 netns "$LAB-$1"
	ip -n "$LAB-sw" link set "p-$1" master br0 up
	ip -n "$LAB-$1" addr add "$2/24" dev eth0
	ip -n "$LAB-$1" link set eth0 up
}

# real N: it holds the VIP too, but does not speak of it.
real() {
	plug "rs$1" "10.77.0.1$1"
	at "$LAB-rs$1" sysctl -qw net.ipv4.conf.all.arp_ignore=1 \
		net.ipv4.conf.all.arp_announce=2 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.eth0.rp_filter=0
	ip -n "$LAB-rs$1" addr add "$VIP/32" dev lo
	web "$1"
}

web() {
	background "rs$1" ip netns exec "$LAB-rs$1" "$LAB_BIN/lab-tcp" \
		serve "rs$1" 80 "10.77.0.1$1" "$VIP"
}

setup() {
	local n

	require_ipvs
	chmod 755 "$BATS_RUN_TMPDIR" "${T%/*}" "$T"
	background noise "$LAB_BIN/lab-noise" "$T/noise"
	node "$LAB-sw"
	ip -n "$LAB-sw" link add br0 type bridge stp_state 0 mcast_snooping 0
	ip -n "$LAB-sw" link set br0 up
	plug cl 10.77.0.100
	plug a 10.77.0.1
	plug b 10.77.0.2
	real 1
	real 2
	for n in a b; do
		service $n lvs-director "${common[@]}"
		# rr: by the weights alone one can tell whose turn it is;
		# tcp: what serves here says its name and no more
		sed -i "s/wlc/rr/; s#http://\([^/]*\)/#tcp://\1:80#; s/10\.0\.0\.\([12]\)/10.77.0.1\1/g; s/192\.0\.2\.10/$VIP/g" \
			"$T/sv-$n/lvs-director/servers" \
			"$T/sv-$n/lvs-director/table"
	done
}

teardown() {
	lab_teardown
	nodes_down
}

# ---- the client: what blow asks of it, here over TCP.

probe_start() {
	watcher_start client ip netns exec "$LAB-cl" "$LAB_BIN/lab-tcp" loop \
		"$VIP" 80 50 200
}

probe_stop() {
	end client
}

# probe_get .longest_gap_ms: between the starts of two that were served.
probe_get() {
	awk '!/ ! / {
		gap = was ? ($1 - was) * 1000 : 0
		if (gap > max) max = gap
		was = $1
		} END { printf "%.0f\n", max }' "$T/client.out"
}

# probe_sees NODE: it holds the address, and the client was just served.
probe_sees() {
	local t

	holds "$1" && t=$(grep -v ' ! ' "$T/client.out" | tail -n 1) &&
		in_time "$(ms "${t%% *}" "$(now)")" 0 500
}

serves() {
	holds "$1"
}

# served_by NAMES SINCE: all of these and nobody else.
served_by() {
	awk -v n="$1" -v t="$2" '$1 > t && !/ ! / { seen[$3]; k++ }
		END { for (s in seen) has = has (has ? " " : "") s
			if (k < 10 || length(seen) != split(n, want, " ")) exit 1
			for (i in want) if (!(want[i] in seen)) exit 1 }' \
		"$T/client.out"
}

# ---- the directors

weight() { # NODE SERVER WEIGHT
	[[ $(at "$LAB-$1" "$IPVS" -S) == *"-r 10.77.0.1$2:80 -g -w $3"* ]]
}

weights() { # SERVER WEIGHT: of both
	weight a "$@" && weight b "$@"
}

role() { # NODE master|backup
	[[ $(at "$LAB-$1" "$IPVS" -L --daemon) == "$2 sync"* ]]
}

settled() {
	weights 1 1 && weights 2 1 && role "$M" master && role "$S" backup
}

# goes_on SINCE: the connection that is held had an answer after that.
goes_on() {
	awk -v t="$1" '$1 == "." && $2 > t { n++ } END { exit n < 3 }' \
		"$T/held.out"
}

# Has b been told of the connection that is held?  The kernel gathers such news
# for up to two seconds.
told_of_it() {
	local port

	port=$(ip netns exec "$LAB-cl" ss -Htn state established dst "$VIP" |
		awk '{ sub(/.*:/, "", $3); print $3 }')
	[[ $port ]] && at "$LAB-b" "$IPVS" -Lnc | grep -q ":$port "
}

begin() {
	pair_up
	wait_for 15 settled
}

@test "lvs-director: a server ends and returns, a director dies" {
	local t t0

	begin
	probe_start
	wait_for 10 served_by "rs1 rs2" 0
	t0=$(now)
	end rs1 KILL
	wait_for 15 weights 1 0
	say "lvs-director: a server that ended has weight 0 in both tables after" \
		"$(ms "$t0" "$(now)") ms"
	t=$(now)
	wait_for 10 served_by rs2 "$t"
	web 1
	wait_for 10 weights 1 1
	t=$(now)
	wait_for 10 served_by "rs1 rs2" "$t"
	probe_stop
	# a connection that is established goes on by the other director
	background held ip netns exec "$LAB-cl" "$LAB_BIN/lab-tcp" hold "$VIP" 80
	wait_for 5 goes_on 0
	wait_for 5 told_of_it
	blow "kill -9 of all" kill_all
	# shellcheck disable=SC2154 # by blow
	in_time "$took" 0 2000
	wait_for 15 settled
	wait_for 15 goes_on "$(now)"
	refute grep ' ! ' "$T/held.out"
}

@test "lvs-director: orders, kill -9 of each, exit 100" {
	begin
	orders 1000
	# hcheck, follow, vrrp-elect, vip-bind, syncd, resign
	each_part 1000 1000 "$(calc "$skew + 100")" 3500 1000 1000
	wait_for 15 settled
	ends_for_good "$S"
	wait_for 15 settled
}
