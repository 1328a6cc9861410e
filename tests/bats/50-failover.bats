#!/usr/bin/env bats
# Two pipelines as a pair: death, planned switch, return, isolation and heal,
# seen from the client and beside keepalived in the same lab.

load ../lab/helpers
load pipeline

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
setup() { lab_setup; }
teardown() { lab_teardown; }

# How much later than the formula a takeover may be, in ms.
slack=50

killed_master() { # INTERVAL MS-INTERVAL
	local skew last first
	skew=$(calc "(256 - 150) * $2 / 256")
	pair "$1"
	wire_start
	wait_for 3 wire 'vrrp 10.77.0.1 '
	sleep 0.3
	lab kill a
	wait_for 6 says b MASTER
	wait_for 2 wire 'vrrp 10.77.0.2 '
	wire_stop
	last=$(advert_time last 1)
	first=$(advert_time first 2)
	say "interval $1: Master $(ms "$last" "$first") ms after the last" \
		"advert; formula $(calc "3 * $2 + $skew")"
	in_time "$(ms "$last" "$first")" "$(calc "3 * $2 + $skew - 2")" \
		"$(calc "3 * $2 + $skew + $slack")"
	wait_for 3 refute holds a
	holds b
}

@test "Master killed at 1 s: Backup within 3 intervals, skew and 50 ms" {
	killed_master 1s 1000
}

@test "Master killed at 100 ms" {
	killed_master 100ms 100
}

@test "Master killed at 10 ms" {
	killed_master 10ms 10
}

planned_ours() {
	pipeline a 100 1s
	wait_for 10 says a MASTER
	pipeline b 100 1s
	probe_start "$VIP"
	wait_for 5 probe_sees a
	end pipe-a
	wait_for 3 probe_sees b
	sleep 0.3
	probe_stop
	refute holds a
	holds b
}

planned_keepalived() {
	local conf
	conf=$(keepalived_conf priority=100)
	keepalived_start a "$conf"
	wait_for 10 holds a
	keepalived_start b "$conf"
	AS=kprobe probe_start "$VIP"
	AS=kprobe wait_for 5 probe_sees a
	keepalived_stop a
	AS=kprobe wait_for 5 probe_sees b
	AS=kprobe probe_stop
}

@test "planned switch at 1 s, default priorities: no packet lost" {
	planned_ours
	lab up --owner "$LAB_OWNER"
	planned_keepalived
	say "planned switch, longest gap: ours $(probe_get .longest_gap_ms)" \
		"ms, keepalived $(json kprobe .longest_gap_ms) ms"
	within "$(probe_get .longest_gap_ms)" 0 5
	within "$(probe_get .lost)" 0 5
	within "$(json kprobe .longest_gap_ms)" 100 1500
}

@test "planned switch: the old Master keeps the address until the new one" {
	pair 1s
	holders_start
	end pipe-a
	wait_for 3 holds b
	holders_stop
	within "$(holders_get .none_ms)" 0 0
}

@test "return of the better router: longest gap 5 ms" {
	pipeline b 150 1s
	wait_for 10 says b MASTER
	probe_start "$VIP"
	wire_start
	wait_for 5 probe_sees b
	pipeline a 200 1s
	wait_for 10 probe_sees a
	sleep 0.3
	probe_stop
	wire_stop
	say "return, longest gap: $(probe_get .longest_gap_ms) ms"
	within "$(probe_get .longest_gap_ms)" 0 5
	wait_for 2 says b BACKUP
	refute holds b
	[[ $(masters) == "2 1"* ]]
}

@test "nopreempt: the better router comes back and stays Backup" {
	pipeline b 150 100ms
	wait_for 10 says b MASTER
	wire_start
	pipeline a 200 100ms --nopreempt
	never 2 says a MASTER
	wire_stop
	[[ $(masters) == 2 ]]
	says b MASTER
}

@test "IPv6: planned switch and return, no packet lost" {
	local VIPS="fe80::fe/64 $VIP6/64" VIP_WATCHED=$VIP6
	pair 1s
	probe_start "$VIP6"
	wait_for 5 probe_sees a
	end pipe-a
	wait_for 3 probe_sees b
	pipeline a 200 1s
	wait_for 10 probe_sees a
	wait_for 2 says b BACKUP
	sleep 0.3
	probe_stop
	say "IPv6, longest gap: $(probe_get .longest_gap_ms) ms"
	within "$(probe_get .longest_gap_ms)" 0 5
	refute holds b "$VIP6"
}

@test "IPv6: Master killed, the kernel removes the addresses, b serves" {
	local VIPS="fe80::fe/64 $VIP6/64" VIP_WATCHED=$VIP6
	pair 1s
	probe_start "$VIP6"
	holders_start "$VIP6"
	wait_for 5 probe_sees a
	lab pause a
	lab kill a
	wait_for 6 probe_sees b
	wait_for 2 refute holds a "$VIP6"
	probe_stop
	holders_stop
	say "IPv6, node killed: two holders for $(holders_get .two_max_ms) ms"
	in_time "$(holders_get .two_max_ms)" 0 10
}

heal_ours() { # sets the probe's JSON
	pair 1s
	probe_start "$VIP"
	wire_start
	wait_for 5 probe_sees a
	lab cut a silent
	wait_for 8 probe_sees b
	says a MASTER
	lab heal a
	wait_for 3 says b BACKUP
	wait_for 3 probe_sees a
	sleep 1.5
	probe_stop
	wire_stop
}

# The longest gap that began after time $2, of the probe named $1.
gap_after() {
	json "$1" "[.gaps[] | select(.[0] > $2) | .[2]] | max // 0"
}

@test "silent isolation and heal: one Master within an interval, no dark" {
	heal_ours
	# Masters while isolated: the client's side hears a no more
	local healed gap
	healed=$(wire 'vrrp 10.77.0.1 ' | awk -v first="$(advert_time first 2)" \
		'$1 > first { print $1; exit }')
	gap=$(gap_after probe "$healed - 1.1")
	say "heal, longest gap: ours $gap ms"
	in_time "$gap" 0 1050
	# b is silent at once, but for the advert that tells a it was there
	in_time "$(ms "$healed" "$(advert_time last 2)")" -1000 1050
	refute holds b
	holds a
}

@test "silent isolation and heal of keepalived, for comparison" {
	local t
	keepalived_start a "$(keepalived_conf priority=200)"
	wait_for 10 holds a
	keepalived_start b "$(keepalived_conf priority=150)"
	probe_start "$VIP"
	wait_for 5 probe_sees a
	lab cut a silent
	wait_for 8 probe_sees b
	t=$(now)
	lab heal a
	wait_for 3 refute holds b
	wait_for 9 probe_sees a
	probe_stop
	say "heal, longest gap: keepalived $(gap_after probe "$t") ms"
}
