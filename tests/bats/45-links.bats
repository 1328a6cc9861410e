#!/usr/bin/env bats
# vrrp-elect and what becomes of its interface and addresses: FAULT with the
# reason on the line, and back by itself.

load elect

# faults NAME WHY: within a second.
faults() {
	wait_for 2 is "$1" FAULT
	wait_for 1 has "$1" why "$2"
}

# Back in the election, and Master again; so it hears and sends.
heals() {
	local t

	t=$(now)
	wait_for 2 is a BACKUP
	has a was FAULT
	has a why fault-over
	wait_for 2 is a MASTER
	sleep 0.15
	[ "$(adverts a | after "$t")" ]
}

# eth0 of node a anew, as the lab makes it.
new_eth0() {
	ip -n "$LAB-sw" link add p-a type veth peer name eth0 \
		address 02:77:00:00:00:01 netns "$LAB-a"
	ip -n "$LAB-sw" link set p-a master br0 up
	ip -n "$LAB-a" link set eth0 up
	ip -n "$LAB-a" addr add 10.77.0.1/24 brd + dev eth0
}

link_a() {
	ip -n "$LAB-a" link "$@"
}

addr_a() {
	ip -n "$LAB-a" addr "$@"
}

master_a() {
	wire_start
	elector a -p 200 -t 100ms "$@"
	wait_for 2 is a MASTER
}

@test "an interface that is absent at the start, then comes in steps" {
	link_a del eth0
	wire_start
	elector a -t 100ms
	[ "$(words a)" = FAULT ]
	has a why no-interface
	ip -n "$LAB-sw" link add p-a type veth peer name eth0 \
		address 02:77:00:00:00:01 netns "$LAB-a"
	faults a link-down
	link_a set eth0 up
	faults a no-carrier
	ip -n "$LAB-sw" link set p-a master br0 up
	faults a no-address
	refute adverts a '.*'
	addr_a add 10.77.0.1/24 brd + dev eth0
	heals
	[ ! -s "$T/a.err" ]
}

@test "deleted while Master, and made anew: joins and hears again" {
	master_a
	link_a del eth0
	faults a no-interface
	new_eth0
	heals
	# it hears on the new one
	elector b -p 250 -t 100ms
	wait_for 2 is b MASTER
	wait_for 1 is a BACKUP
	only_sender b 0.3
}

@test "deleted and made anew behind its back" {
	master_a
	send a STOP
	link_a del eth0
	new_eth0
	send a CONT
	wait_for 2 is a MASTER
	elector b -p 250 -t 100ms
	wait_for 2 is b MASTER
	wait_for 1 is a BACKUP
}

@test "renamed: FAULT; named back: heals; another takes the name" {
	master_a
	link_a set eth0 down
	faults a link-down
	link_a set eth0 name lan0
	faults a no-interface
	link_a set lan0 up
	never 0.2 is a BACKUP
	link_a set lan0 down
	link_a set lan0 name eth0
	link_a set eth0 up
	heals
	link_a set eth0 down
	link_a set eth0 name old0
	link_a add eth0 type veth peer name peer0
	link_a set peer0 up
	link_a set eth0 up
	faults a no-address
	addr_a add 10.99.0.1/24 dev eth0
	heals_on_veth
}

# For IPv4 the kernel repeats the addresses upon a new name (their labels), for
# IPv6 it does not.
@test "an interface that had its address under another name" {
	link_a add was0 type veth peer name peer0
	link_a set peer0 up
	link_a set was0 up
	addr_a add fe80::77/64 dev was0 nodad
	ADDRS=fe80::fe elector a -p 255 -i new0
	faults a no-interface
	link_a set was0 name new0 || { # kernels that rename no link that is up
		link_a set was0 down
		link_a set was0 name new0
		link_a set new0 up
	}
	wait_for 4 is a MASTER
}

@test "a netmask changed by adding first: the address stays" {
	master_a
	addr_a add 10.77.0.1/16 dev eth0
	addr_a del 10.77.0.1/24 dev eth0
	never 0.5 is a FAULT
}

heals_on_veth() {
	wait_for 2 is a MASTER
	AS=d wire_start a
	AS=d wait_for 1 adverts 10.99.0.1
}

@test "no carrier: FAULT at once, the Backup takes over; back after" {
	master_a
	elector b -p 100 -t 100ms
	lab cut a link
	faults a no-carrier
	wait_for 1 is b MASTER
	lab heal a
	wait_for 2 is a MASTER
	has a why preempt
	[ "$(words a)" = "BACKUP MASTER FAULT BACKUP MASTER" ]
	wait_for 1 is b BACKUP
}

@test "link down by hand: priority 0 cannot leave, FAULT is said" {
	master_a
	link_a set eth0 down
	faults a link-down
	link_a set eth0 up
	heals
}

@test "--dont-track-primary: Master without a carrier" {
	master_a --dont-track-primary
	lab cut a link
	never 0.5 is a FAULT
	lab heal a
	wait_for 2 only_sender a 0.3
	[ "$(words a)" = "BACKUP MASTER" ]
}

@test "the source address goes: FAULT; it comes: back" {
	master_a
	elector b -p 100 -t 100ms
	addr_a del 10.77.0.1/24 dev eth0
	faults a no-address
	wait_for 1 is b MASTER
	addr_a add 10.77.0.1/24 brd + dev eth0
	wait_for 2 is a MASTER
	[ "$(words a)" = "BACKUP MASTER FAULT BACKUP MASTER" ]
}

@test "one of two addresses goes: the other is taken, no change of state" {
	addr_a add 10.77.0.9/24 dev eth0
	master_a
	elector b -p 100 -t 100ms
	addr_a add 10.77.0.1/24 dev eth0 2>/dev/null || true
	in_node a sysctl -qw net.ipv4.conf.eth0.promote_secondaries=1
	addr_a del 10.77.0.1/24 dev eth0
	wait_for 1 adverts 10.77.0.9
	sleep 0.3
	[ "$(words a)" = "BACKUP MASTER" ]
	is b BACKUP
}

@test "its own virtual address is never its source" {
	addr_a del 10.77.0.1/24 dev eth0
	vip add a
	wire_start
	elector a -t 100ms
	faults a no-address
	addr_a add 10.77.0.1/24 dev eth0
	heals
	refute adverts "$VIP" '.*'
}

@test "--source: FAULT while the interface does not have it" {
	wire_start
	elector a -t 100ms --source 10.77.0.9
	faults a no-address
	addr_a add 10.77.0.9/24 dev eth0
	wait_for 2 is a MASTER
	wait_for 1 adverts 10.77.0.9
	addr_a del 10.77.0.9/24 dev eth0
	faults a no-address
}

@test "IPv6: link-local address gone, tentative, back" {
	wire_start
	ADDRS=fe80::fe elector a -t 100ms
	wait_for 2 is a MASTER
	addr_a del fe80::77:ff:fe00:1/64 dev eth0
	faults a no-link-local-address
	# takes a second or two of duplicate detection
	in_node a sysctl -qw net.ipv6.conf.eth0.accept_dad=1 \
		net.ipv6.conf.eth0.dad_transmits=1
	addr_a add fe80::99/64 dev eth0
	never 0.3 is a BACKUP
	wait_for 4 is a MASTER
	wait_for 1 adverts fe80::99
}

@test "FAULT of a Backup, and TERM in FAULT: nothing on the wire" {
	elector b -p 255 -t 100ms
	wire_start
	elector a -p 100 -t 100ms
	lab cut a link
	faults a no-carrier
	send a TERM
	ends a 0
	has a was FAULT
	sleep 0.1
	refute adverts a '.*'
}

# The kernel itself is deaf for 60 ms and more while so many bridges go.
@test "500 links and addresses come and go: no advert is late" {
	master_a
	{
		for i in {1..500}; do
			echo "link add d$i type bridge"
			echo "addr add 10.88.$((i / 250)).$((i % 250 + 1))/32 dev eth0"
		done
		for i in {1..500}; do
			echo "link del d$i"
			echo "addr del 10.88.$((i / 250)).$((i % 250 + 1))/32 dev eth0"
		done
	} | ip -n "$LAB-a" -batch -
	[ "$(words a)" = "BACKUP MASTER" ]
	adverts a | awk -v most="$(calc "0.18 + $(noise) / 1000")" \
		'NR > 1 && $1 - t > most { print "late", $1 - t; bad = 1 }
		{ t = $1 } END { exit bad }'
}
