#!/usr/bin/env bats
# What cannot wait for events any more (poll(2) fails once fewer descriptors are
# allowed than it names) ends, and does not go on deaf.

load elect

# To look for leaks it would need descriptors at the end.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

bound() {
	holds a && [[ -s $T/bind.out ]]
}

# limited NAME CODE: from now on two descriptors are one too many.
limited() {
	prlimit --pid "$(<"$T/$1.pid")" --nofile=2:2
	kill -USR1 "$(<"$T/$1.pid")"
	ends "$1" "$2"
	warned "$1" ': poll: '
}

@test "vrrp-elect that cannot poll is no Master" {
	elector a -t 100ms --no-sandbox
	wait_for 5 is a MASTER
	limited a 111
}

@test "vip-bind that cannot poll lets go" {
	mkfifo "$T/in"
	# shellcheck disable=SC2016
	background bind sh -c 'in=$1; shift; exec "$@" <"$in"' - "$T/in" \
		ip netns exec "$LAB-a" "$TOOLS/vip-bind" follow --no-sandbox
	exec {FEED}>"$T/in"
	feed "MASTER vrrp.51@eth0 if=eth0 addrs=$VIP/24 epoch=1"
	wait_for 5 bound
	limited bind 111
	refute holds a
}

@test "the last will that cannot poll ends, nobody being dead" {
	mkfifo "$T/in"
	wire_start
	# shellcheck disable=SC2016
	background will sh -c 'in=$1; shift; exec "$@" <"$in"' - "$T/in" \
		ip netns exec "$LAB-a" "$ELECT" resign --follow --no-sandbox
	exec {FEED}>"$T/in"
	feed "MASTER vrrp.51@eth0 if=eth0 vrid=51 family=inet addrs=$VIP/24 \
version=3 interval=1s"
	wait_for 5 said will MASTER
	prlimit --pid "$(<"$T/will.pid")" --nofile=2:2
	feed "BACKUP vrrp.51@eth0 if=eth0"
	ends will 0
	warned will ': poll: '
	refute wire 'prio=0 '
}
