#!/usr/bin/env bats
# --vmac: adverts from the virtual MAC, addresses on a macvlan with it, and a
# client that ignores every announcement and yet loses nothing at a switch.

load ../lab/helpers
load pipeline

BIND=$B/vip-bind
ELECT=$B/vrrp-elect
MAC4=00:00:5e:00:01:33 MAC6=00:00:5e:00:02:33 OWN=02:77:00:00:00:01

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
teardown() { lab_teardown; }

# The parents keep quiet about addresses that are not theirs, as vip-bind asks.
setup() {
	local n

	lab_setup
	for n in a b; do
		in_node $n sysctl -qw net.ipv4.conf.eth0.arp_ignore=1 \
			net.ipv4.conf.eth0.arp_announce=2
	done
}

# A client that hears no gratuitous ARP and no unsolicited NA.
deafen() {
	in_node cl nft -f - <<-NFT
	table arp deaf {
		chain in {
			type filter hook input priority 0
			arp saddr ip $VIP arp daddr ip $VIP counter drop
		}
	}
	table ip6 deaf {
		chain in {
			type filter hook input priority 0
			icmpv6 type nd-neighbor-advert ip6 daddr ff02::1 counter drop
		}
	}
	NFT
}

# It was told, and did not listen.
was_deaf() { # FAMILY
	in_node cl nft list table "$1" deaf | grep -qE 'packets [1-9]'
}

# What the client knows of the address: WANT alone, whatever it asked.
knows() { # ADDR MAC
	[[ $(ip -n "$LAB-cl" neigh show "$1") == *" lladdr $2 "* ]]
}

# vmac NODE PRIORITY INTERVAL [ELECT-OPTION...]: as pipeline, with --vmac.
vmac() {
	local node=$1 beat=500ms lease=2s vips

	read -ra vips <<<"${VIPS:-$VIP/24}"
	[[ $3 == 1s ]] || beat=50ms lease=250ms
	background "pipe-$node" ip netns exec "$LAB-$node" "$ELECT" -v -i eth0 \
		-r 51 -p "$2" -t "$3" --vmac --heartbeat $beat --confirm 2s \
		"${@:4}" "${vips[@]}" -- "$BIND" follow -v --lease $lease \
		--vmac 51 -- "$ELECT" resign --follow
	wait_for 5 grep -q . "$T/pipe-$node.out"
}

dev() { # NODE [NAME]
	ip -n "$LAB-$1" -o link show "${2:-vrrp.51}" 2>/dev/null
}

is_down() {
	[[ $(dev "$@") && ! $(dev "$@") =~ [\<,]UP[,\>] ]]
}

# pair_vmac: a Master, b Backup, and a deaf client that knows the address.
pair_vmac() { # INTERVAL ADDR MAC
	deafen
	vmac a 200 "$1"
	wait_for 10 says a MASTER
	wait_for 5 holds a "$2"
	vmac b 150 "$1"
	wait_for 5 says b BACKUP
	probe_start "$2"
	wait_for 5 probe_sees a
	knows "$2" "$3"
}

# adverts_from NODE-ADDRESS: the source MACs they had, in turn.
adverts_from() {
	wire " vrrp $1 " | sed 's/.* mac=//' | uniq | paste -sd ' '
}

# speaks ADDRESS MAC: its latest advert came from there.
speaks() {
	[[ $(wire " vrrp $1 " | tail -n 1) == *" mac=$2" ]]
}

gap() {
	say "$1, longest gap: $(probe_get .longest_gap_ms) ms"
	in_time "$(probe_get .longest_gap_ms)" 0 5
}

@test "IPv4: switch and return, a client that ignores gratuitous ARP" {
	wire_start
	pair_vmac 1s "$VIP" $MAC4
	end pipe-a
	wait_for 3 probe_sees b
	[[ ! $(dev a) ]]
	vmac a 200 1s
	wait_for 10 probe_sees a
	wait_for 2 says b BACKUP
	wait_for 3 speaks 10.77.0.1 $MAC4
	probe_stop
	wire_stop
	gap "virtual MAC, switch and return"
	within "$(probe_get .lost)" 0 "$(calc "5 + 2 * $(noise)")"
	was_deaf arp
	knows "$VIP" $MAC4
	# from the own one while the addresses are not there (yet), so that
	# the switch does not turn too early, and for the farewell
	[[ $(adverts_from 10.77.0.1) == *"$OWN $MAC4" ]]
	[[ $(adverts_from 10.77.0.2) == *"$MAC4 ${OWN%1}2" ]]
	wire " vrrp 10.77.0.1 .*prio=0 .*mac=$MAC4"
	refute wire "garp $VIP 02:77"
	wait_for 1 is_down b
	refute holds b
}

@test "IPv6: switch and return, a client that ignores unsolicited NA" {
	local VIPS="fe80::fe/64 $VIP6/64"

	wire_start
	pair_vmac 1s "$VIP6" $MAC6
	end pipe-a
	wait_for 3 probe_sees b
	vmac a 200 1s
	wait_for 10 probe_sees a
	wait_for 2 says b BACKUP
	wait_for 3 speaks fe80::77:ff:fe00:1 $MAC6
	probe_stop
	wire_stop
	gap "virtual MAC over IPv6, switch and return"
	was_deaf ip6
	knows "$VIP6" $MAC6
	[[ $(adverts_from fe80::77:ff:fe00:1) == *"$OWN $MAC6" ]]
	# no address but ours grew from a MAC that others have, too
	[[ $(ip -n "$LAB-a" -o -6 addr show dev vrrp6.51 | wc -l) == 2 ]]
	wait_for 1 is_down b vrrp6.51
	refute holds b "$VIP6"
}

@test "Master killed: the next one, and the client never asks again" {
	pair_vmac 100ms "$VIP" $MAC4
	lab pause a
	lab kill a
	wait_for 4 probe_sees b
	probe_stop
	knows "$VIP" $MAC4
	wait_for 3 refute holds a
}

@test "two Masters after an isolation: one is left, which the client reaches" {
	pair_vmac 100ms "$VIP" $MAC4
	lab cut a silent
	wait_for 5 probe_sees b
	says a MASTER
	lab heal a
	wait_for 3 says b BACKUP
	wait_for 3 probe_sees a
	probe_stop
	knows "$VIP" $MAC4
	wait_for 1 is_down b
}

# The switch has learned the virtual MAC at the port of the node.
learned_at() {
	ip netns exec "$LAB-sw" bridge fdb show br br0 |
		grep -q "^$MAC4 dev p-$1 "
}

@test "a Backup has it ready, down, and nobody hears of it" {
	vmac a 255 1s
	wait_for 5 holds a
	wait_for 2 learned_at a
	vmac b 150 1s
	says b BACKUP
	wait_for 2 is_down b
	[[ $(dev b) == *"$MAC4"* && $(dev b) == *'alias vip-bind'* ]]
	[[ $(ip -n "$LAB-b" -d link show vrrp.51) == *'mode bridge'* ]]
	never 1 learned_at b
	learned_at a
	refute holds b
}

# All settings but those of the macvlan and what counts by itself.
settings() {
	in_node a find /proc/sys/net -type f -perm -u+w ! -path '*vrrp.51*' \
		! -name flush -exec grep -H . {} + 2>/dev/null | sort
}

@test "settings are made there and nowhere else" {
	local conf=/proc/sys/net/ipv4/conf/vrrp.51

	settings >"$T/before"
	(($(wc -l <"$T/before") > 100))
	vmac a 255 1s
	wait_for 5 holds a
	settings >"$T/during"
	[[ $(in_node a cat $conf/arp_ignore $conf/rp_filter | paste -s) == "1	2" ]]
	[[ $(in_node a cat /proc/sys/net/ipv6/conf/vrrp.51/disable_ipv6) == 1 ]]
	end pipe-a
	settings >"$T/after"
	diff "$T/before" "$T/during"
	diff "$T/before" "$T/after"
	[[ ! $(dev a) ]]
}

@test "a parent that would speak for the addresses is told of" {
	in_node a sysctl -qw net.ipv4.conf.eth0.arp_ignore=0 \
		net.ipv4.conf.eth0.arp_announce=0
	run in_node a "$BIND" add --force --vmac 51 -i eth0 "$VIP"
	((status == 0))
	[[ $output == "vip-bind: eth0: speaks for the addresses with its own \
MAC as well, unless net.ipv4.conf.eth0.arp_ignore=1 and arp_announce=2" ]]
	[[ $(in_node a sysctl -n net.ipv4.conf.eth0.arp_ignore) == 0 ]]
	run in_node a "$BIND" add --force --vmac 51 -i eth0 "$VIP6"
	[[ -z $output ]]
}

@test "SIGKILL: what is left is swept by del, or taken over" {
	vmac a 200 100ms
	wait_for 5 holds a
	lab kill a
	rm "$T/pipe-a.pid"
	dev a
	in_node a "$BIND" del --vmac 51 -i eth0 "$VIP/24"
	[[ ! $(dev a) ]]
	run in_node a "$BIND" del --vmac 51 -i eth0 "$VIP/24"
	((status == 1))
	vmac a 200 100ms
	wait_for 5 holds a
	lab kill a
	rm "$T/pipe-a.pid"
	vmac b 210 100ms
	wait_for 5 says b MASTER
	vmac a 200 100ms # which is Backup: down at once, then removed
	wait_for 2 is_down a
	refute holds a
	end pipe-a
	[[ ! $(dev a) ]]
}

@test "add, show, del; another Master's address is refused" {
	in_node a "$BIND" add --vmac 51 -i eth0 "$VIP/24"
	run in_node a "$BIND" show --vmac 51 -i eth0 "$VIP"
	((status == 0))
	[[ $output == "UP $VIP/24 if=vrrp.51 owner=ours "* ]]
	run in_node b "$BIND" add --vmac 51 -i eth0 "$VIP/24"
	((status == 1))
	[[ $output == "vip-bind: vrrp.51: $VIP/24: is used by $MAC4" ]]
	[[ ! $(dev b) ]]
	in_node a "$BIND" add --vmac 51 -i eth0 10.77.0.253/24
	in_node a "$BIND" del --vmac 51 -i eth0 "$VIP/24"
	refute holds a
	holds a 10.77.0.253
	in_node a "$BIND" del --vmac 51 -i eth0 10.77.0.253/24
	[[ ! $(dev a) ]]
	run in_node a "$BIND" show --vmac 51 -i eth0 "$VIP"
	((status == 1))
}

# refuses CODE WORDS ARGS...: vip-bind in a, with one line, changing nothing.
refuses() {
	local before

	before=$(ip -n "$LAB-a" -o link show)
	run in_node a "$BIND" "${@:3}" </dev/null
	((status == $1 && ${#lines[@]} == 1)) && [[ $output == *"$2"* ]] &&
		[[ $(ip -n "$LAB-a" -o link show) == "$before" ]] || {
		echo "exit $status: $output"
		return 1
	}
}

@test "what would not work is said before anything is done" {
	ip -n "$LAB-a" link add br0 type bridge
	ip -n "$LAB-a" link add v0 type veth peer name v1
	ip -n "$LAB-a" link set v1 master br0 up
	ip -n "$LAB-a" link add vrrp.52 type veth peer name v2
	ip -n "$LAB-a" link add vm link v0 address 00:00:5e:00:01:35 up \
		type macvlan mode bridge
	ip -n "$LAB-a" link set v0 up
	ip -n "$LAB-a" link set vm up
	refuses 111 'lo: not Ethernet' add --force --vmac 51 -i lo "$VIP"
	refuses 111 'lo: not Ethernet' follow --vmac 51 -i lo "$VIP"
	refuses 111 'lo: not Ethernet' follow --vmac 51 -i lo
	refuses 111 'cannot be made: its parent is a port of a bridge' \
		add -q --force --vmac 51 -i v1 "$VIP"
	refuses 111 'vrrp.52: is there and not ours' \
		follow --vmac 52 -i eth0 "$VIP"
	refuses 111 'vrrp.53: cannot be brought up: another interface' \
		add -q --force --vmac 53 -i v0 "$VIP"
	refuses 111 'nosuch: No such device' add --vmac 51 -i nosuch "$VIP"
	in_node a "$BIND" add --force --vmac 52=other -i eth0 "$VIP"
	dev a other
	refuses 100 '--vmac 0: not a VRID' add --vmac 0 -i eth0 "$VIP"
	refuses 100 'not a VRID' add --vmac 256 -i eth0 "$VIP"
	refuses 100 'not a VRID' add --vmac 51= -i eth0 "$VIP"
	refuses 100 'one family' add --vmac 51 -i eth0 "$VIP" "$VIP6"
	refuses 100 'not with --vmac' follow --vmac 51 -i eth0 \
		--route 'default via 10.77.0.9' "$VIP"
	run in_node a "$ELECT" --vmac -i eth0 -r 51 --peer 10.77.0.2 "$VIP"
	((status == 100))
	[[ $output == *'--vmac: not with --peer'* ]]
	run in_node a "$ELECT" resign --vmac -i eth0 -r 51 "$VIP"
	((status == 100))
}

cap_of() {
	awk '$1 == "CapPrm:" { print $2 }' "/proc/$(part "$1" "$2")/status"
}

# Settings are made with CAP_NET_ADMIN alone, behind the filter.
@test "confined: removed by hand, it is made anew; HUP changes nothing" {
	local before

	vmac a 255 1s
	wait_for 5 holds a
	[[ $(cap_of a elect) == 0000000000000000 ]]
	[[ $(cap_of a bind) == 0000000000001000 ]]
	ip -n "$LAB-a" link del vrrp.51
	wait_for 3 holds a
	[[ $(in_node a cat /proc/sys/net/ipv4/conf/vrrp.51/arp_ignore) == 1 ]]
	before=$(dev a)
	wire_start
	kill -HUP "$(part a elect)" "$(part a bind)"
	wait_for 3 speaks 10.77.0.1 $MAC4
	wire_stop
	says a MASTER
	[[ $(dev a) == "$before" ]]
	wait_for 2 reaches a
}

@test "the parent goes and comes again" {
	ip -n "$LAB-a" link add e1 type veth peer name p1
	ip -n "$LAB-a" link set p1 up
	mkfifo "$T/in"
	background follow sh -c 'in=$1; shift; exec "$@" <"$in"' - "$T/in" \
		ip netns exec "$LAB-a" "$BIND" follow -q --vmac 9
	exec {FEED}>"$T/in"
	echo "MASTER s if=e1 addrs=10.78.0.1/24 epoch=1" >&"$FEED"
	wait_for 2 dev a vrrp.9
	ip -n "$LAB-a" link set e1 up
	wait_for 3 holds a 10.78.0.1
	ip -n "$LAB-a" link del e1
	wait_for 2 refute dev a vrrp.9
	ip -n "$LAB-a" link add e1 up type veth peer name p1
	wait_for 3 holds a 10.78.0.1
	exec {FEED}>&-
	wait_for 3 refute dev a vrrp.9
}

@test "an elector alone sends from the virtual MAC at once" {
	wire_start
	background a ip netns exec "$LAB-a" "$ELECT" -i eth0 -r 51 -p 255 \
		--vmac "$VIP"
	wait_for 2 wire ' vrrp 10.77.0.1 '
	sleep 1.2
	end a
	wire_stop
	[[ $(adverts_from 10.77.0.1) == "$MAC4" ]]
}

@test "AH over frames of our own: our Backup takes it" {
	echo secret >"$T/key"
	wire_start
	background a ip netns exec "$LAB-a" "$ELECT" -i eth0 -r 51 \
		-p 255 --vrrp 2 --auth "ah:$T/key" --vmac "$VIP"
	background b ip netns exec "$LAB-b" "$ELECT" -i eth0 -r 51 -p 100 \
		--vrrp 2 --auth "ah:$T/key" --vmac "$VIP"
	never 4.2 grep -q MASTER "$T/b.out"
	grep -q ^MASTER "$T/a.out"
	[[ ! -s $T/b.err ]]
}

@test "beside keepalived with use_vmac: each takes over from the other" {
	deafen
	wire_start
	keepalived_start b "$(keepalived_conf interval=0.1 priority=100 \
		vips="$VIP/32" extra=use_vmac)"
	wait_for 5 holds b
	probe_start "$VIP"
	wait_for 5 probe_sees b
	knows "$VIP" $MAC4
	vmac a 150 100ms
	wait_for 5 probe_sees a
	wait_for 2 refute holds b
	end pipe-a
	wait_for 5 probe_sees b
	vmac a 50 100ms
	wait_for 3 says a BACKUP
	keepalived_stop b
	wait_for 5 probe_sees a
	probe_stop
	wire_stop
	knows "$VIP" $MAC4
	say "keepalived and back, longest gap: $(probe_get .longest_gap_ms) ms"
	wire " vrrp 10.77.0.1 .*$MAC4"
	refute keepalived_log b 'Invalid|mismatch|unexpected'
}
