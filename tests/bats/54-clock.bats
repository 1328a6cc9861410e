#!/usr/bin/env bats
# CLOCK_REALTIME is stepped under two pipelines: nothing may come of it.  Only in
# a kernel of its own (tests/lab/ipvs-kernel with IPVSLAB_UML=1): never here.

load ../lab/helpers
load pipeline

setup_file() { ! in_guest || lab_setup_file; }
teardown_file() { ! in_guest || lab_teardown_file; }
setup() { require_guest; lab_setup; }
teardown() { ! in_guest || lab_teardown; }

in_guest() {
	[[ ${IPVSLAB_GUEST-} == 1 ]] && grep -q 'User Mode Linux' /proc/cpuinfo
}

require_guest() {
	in_guest || skip "by IPVSLAB_UML=1 tests/lab/ipvs-kernel only"
}

# uptime_ms: wait_for and now() go by the clock that is stepped; this does not.
uptime_ms() {
	local up

	read -r up _ </proc/uptime
	echo $((10#${up/./} * 10))
}

# until_ms MS CMD...: as wait_for, whatever the clock does.
until_ms() {
	local end=$(($(uptime_ms) + $1))

	until "${@:2}" >/dev/null 2>&1; do
		(($(uptime_ms) < end)) || return 1
		sleep 0.02
	done
}

step_clock() { # as date -s has it
	date -s "$1" >"$T/date"
}

# epochs NODE: how often its lines had the neighbours told.
epochs() {
	grep -o 'epoch=[0-9]*' "$T/pipe-$1.out" | uniq | wc -l
}

@test "steps of an hour, of years, back to 1970: no takeover, no gap" {
	local to a b

	pair 1s
	a=$(epochs a)
	b=$(told b)
	probe_start "$VIP" -i 10000
	until_ms 5000 probe_sees a
	for to in '+1 hour' '-2 hours' '2038-01-19 03:14:06' '1970-01-02' \
		'2026-11-24' '+3 seconds' '-3 seconds'; do
		step_clock "$to"
		sleep 1.6
		holds a
		refute holds b
	done
	probe_stop
	[[ $(told a) == "BACKUP MASTER" && $(told b) == "$b" ]]
	(($(epochs a) == a))
	say "over 7 steps: $(json probe '"\(.sent) requests, \(.lost) lost"')"
	json probe '.sent > 500 and .lost * 20 < .sent' | grep -qx true
}

@test "the Master dies while the clock jumps to and fro: a takeover in time" {
	local all began

	pair 1s
	all=("$(part a elect)" "$(part a bind)" "$(part a resign)")
	step_clock '+1 day'
	sleep 1.2
	began=$(uptime_ms)
	kill -STOP "${all[@]}" # or the last will speaks before its turn comes
	kill -KILL "${all[@]}"
	for to in '-2 days' '+4 days' '-1 hour' '2001-01-01' '+1 minute'; do
		step_clock "$to"
		sleep 0.3
	done
	until_ms 4000 says b MASTER
	say "Master $(($(uptime_ms) - began)) ms after the kill; formula" \
		"$(calc '3000 + 106 / 256 * 1000')"
	(($(uptime_ms) - began >= 2300)) # the last advert: up to 1 s before
	until_ms 3000 refute holds a     # its lease in the kernel
	holds b
}

@test "hcheck: no verdict changes, no probe is left out" {
	background tcp ip netns exec "$LAB-a" "$LAB_BIN/lab-tcp" serve a 7000 \
		10.77.0.1
	until_ms 5000 in_node b "$B/hcheck" tcp://10.77.0.1:7000
	background hc ip netns exec "$LAB-b" "$B/hcheck" --every 500ms \
		--fall 3 --rise 1 --heartbeat 200ms \
		s=tcp://10.77.0.1:7000
	until_ms 5000 grep -q '^UP' "$T/hc.out"
	for to in '+1 hour' '-1 day' '1999-12-31' '2030-01-01'; do
		step_clock "$to"
		sleep 1
	done
	[[ $(cut -d ' ' -f 1 "$T/hc.out" | sort -u) == UP ]]
	(($(wc -l <"$T/hc.out") >= 12)) # 20 in 4 s
}
