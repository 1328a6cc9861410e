#!/usr/bin/env bats
# SIGKILL and SIGSTOP of each process of the Master's pipeline, and of all:
# the address leaves the dead node in time, there are never two holders for
# longer than the design allows, and the client is served again.

load ../lab/helpers
load pipeline

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
setup() { lab_setup; }
teardown() { lab_teardown; }

# A = 1 s, lease 2 s, b's priority 150 (skew 414 ms).
lease_gone=2950	 # lease + 0.9 s, and 50 ms
down=3464	 # 3 A + skew + 50 ms

start() {
	pair 1s --nopreempt
	holders_start
	probe_start "$VIP"
	wait_for 5 probe_sees a
}

# hit SIGNAL elect|bind|resign|all
hit() {
	local p
	t0=$(now)
	if [[ $2 == all ]]; then
		# stopped first, or those killed last would still let go
		p=("$(part a elect)" "$(part a bind)" "$(part a resign)")
		kill -STOP "${p[@]}"
		[[ $1 == STOP ]] || kill "-$1" "${p[@]}"
	else
		p=$(part a "$2")
		kill "-$1" "$p"
	fi
}

left() { # ms from the blow until a let go of the address
	ms "$t0" "$(awk '$2 == "a" && $3 == "-" { print $1; exit }' \
		"$T/holders.out")"
}

taken() { # ms from the blow until b held it
	ms "$t0" "$(awk '$2 == "b" && $3 == "+" { print $1; exit }' \
		"$T/holders.out")"
}

# bounds MAX-LEFT MAX-TAKEN: after b took over.
bounds() {
	wait_for 10 holds b
	wait_for 5 probe_sees b
	wait_for 2 refute holds a
	sleep 0.2
	say "a let go after $(left) ms, b held after $(taken) ms"
	in_time "$(left)" 0 "$1"
	in_time "$(taken)" 0 "$2"
}

finish() {
	probe_stop
	holders_stop
	say "two holders for $(holders_get .two_max_ms) ms, client's longest" \
		"gap $(probe_get .longest_gap_ms) ms"
	in_time "$(holders_get .two_max_ms)" 0 "${1:-10}"
}

# After SIGCONT the node comes back as a Backup, and stays one.
no_second_switch() {
	never 2 holds a
	holds b
	probe_sees b
	says b MASTER
}

@test "SIGKILL of vrrp-elect: let go at once, the last will calls b in" {
	start
	hit KILL elect
	bounds 200 1000
	finish
}

@test "SIGKILL of vip-bind: the lease ends it, then priority 0" {
	start
	hit KILL bind
	bounds $lease_gone $((lease_gone + 464))
	finish
}

@test "SIGKILL of the last will: all let go in order" {
	start
	hit KILL resign
	bounds 300 1000
	finish
}

@test "SIGKILL of all: the kernel removes the address, b takes over" {
	start
	hit KILL all
	bounds $lease_gone $down
	finish
}

@test "SIGSTOP of vrrp-elect: the deadman lets go, no second switch" {
	start
	hit STOP elect
	bounds $lease_gone $down
	kill -CONT "$(part a elect)"
	no_second_switch
	finish
}

@test "SIGSTOP of vip-bind: the lease ends it, vrrp-elect resigns" {
	start
	local pid
	pid=$(part a bind)
	hit STOP bind
	bounds $lease_gone 5000
	kill -CONT "$pid"
	no_second_switch
	finish
}

@test "SIGSTOP of the last will: nothing changes" {
	start
	hit STOP resign
	never 3 holds b
	holds a
	kill -CONT "$(part a resign)"
	probe_stop
	in_time "$(probe_get .longest_gap_ms)" 0 50
}

@test "SIGSTOP of all: the kernel removes the address, no second switch" {
	start
	hit STOP all
	bounds $lease_gone $down
	sleep 3
	kill -CONT "$(part a elect)" "$(part a bind)" "$(part a resign)"
	no_second_switch
	finish 100
}

@test "SIGSTOP of all, better router, preempt: one clean return" {
	pair 1s
	probe_start "$VIP"
	wait_for 5 probe_sees a
	hit STOP all
	wait_for 6 probe_sees b
	sleep 1
	kill -CONT "$(part a elect)" "$(part a bind)" "$(part a resign)"
	wait_for 8 probe_sees a
	wait_for 2 says b BACKUP
	sleep 1.2
	probe_stop
	[[ $(told a) == "BACKUP MASTER BACKUP MASTER" ]]
	[[ $(told b) == "BACKUP MASTER BACKUP" ]]
	# the return itself is make before break
	within "$(json probe '.gaps[-1][1]')" 0 \
		"$(calc "$(json probe '.runs[-1][0]') - 0.5")"
}

@test "an address deleted by hand is back within 100 ms, same Master" {
	local t
	pair 1s
	holders_start
	wire_start
	ip -n "$LAB-a" addr del "$VIP/24" dev eth0
	wait_for 2 holds a
	sleep 1.2
	holders_stop
	wire_stop
	t=$(holders_get .none_max_ms)
	say "back after $t ms"
	within "$t" 0 100
	[[ $(masters) == 1 ]]
}

@test "an interface deleted and made again heals by itself" {
	pair 100ms
	ip -n "$LAB-a" link del eth0
	wait_for 3 says b MASTER
	wait_for 3 says a FAULT
	ip -n "$LAB-a" link add eth0 type veth peer name p-a netns "$LAB-sw"
	ip -n "$LAB-sw" link set p-a master br0 up
	ip -n "$LAB-a" link set eth0 up
	ip -n "$LAB-a" addr add 10.77.0.1/24 dev eth0
	wait_for 5 says a MASTER
	wait_for 2 holds a
	wait_for 2 says b BACKUP
	refute holds b
}
