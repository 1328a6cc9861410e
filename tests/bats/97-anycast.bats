#!/usr/bin/env bats
# examples/anycast: hcheck, vip-bind and bird on nodes a and b, a bird that
# learns their routes on the client.

bats_require_minimum_version 1.5.0
load ../lab/helpers

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
teardown() { lab_teardown; }

setup() {
	lab_setup
	chmod 755 "$BATS_RUN_TMPDIR" "${T%/*}" "$T"
}

# ---- the machines that serve

# With the example's configuration but for the addresses.
serve_bird() {
	local n=1

	[[ $1 == a ]] || n=2
	sed -e "s/router id .*/router id 10.77.0.$n;/" \
		-e "s/192\.0\.2\.53/$VIP/; s/2001:db8::53/$VIP6/" \
		-e "s/neighbor 10\.0\.0\.1 /neighbor 10.77.0.100 /" \
		-e "s/neighbor 2001:db8:1::1 /neighbor fd77::64 /" \
		"$ROOT/examples/anycast/bird.conf" >"$T/bird-$1.conf"
	bird "$1"
}

bird() { # NODE: the daemon there
	background "bird-$1" ip netns exec "$LAB-$1" bird -f \
		-c "$T/bird-$1.conf" -s "$T/$1.ctl" -P "$T/bird-$1.p"
}

# serve NODE: the service directory, as a supervisor runs it.
serve() {
	cp -r "$ROOT/examples/anycast" "$T/sv-$1"
	cat >>"$T/sv-$1/conf" <<-CONF
	ADDRS="$VIP $VIP6"
	CHECK=exec:'test -e $T/well-$1'
	CONF
	chmod 777 "$T/sv-$1"
	: >"$T/well-$1"
	serve_bird "$1"
	start "$1"
}

start() {
	background "sv-$1" ip netns exec "$LAB-$1" env -C "$T/sv-$1" \
		PATH="$B:$PATH" ./run
}

finish() {
	in_node "$1" env -C "$T/sv-$1" PATH="$B:$PATH" ./finish "$2" "$3"
}

# ---- the router

router_bird() {
	cat >"$T/bird-cl.conf" <<-CONF
	router id 10.77.0.100;
	protocol device { }
	protocol kernel { merge paths on; ipv4 { import none; export all; }; }
	protocol kernel { merge paths on; ipv6 { import none; export all; }; }
	template bgp server {
		local as 64513;
		hold time 9;
		connect delay time 1; connect retry time 1; error wait time 1, 2;
		passive on;
	}
	CONF
	for n in 1 2; do
		cat >>"$T/bird-cl.conf" <<-CONF
		protocol bgp s4_$n from server {
			neighbor 10.77.0.$n as 64512;
			ipv4 { import all; export none; };
		}
		protocol bgp s6_$n from server {
			neighbor fd77::$n as 64512;
			ipv6 { import all; export none; };
		}
		CONF
	done
	in_node cl sh -c 'echo 1 >/proc/sys/net/ipv4/fib_multipath_hash_policy'
	bird cl
}

# goes ADDR HOPS: the nodes that it has a route to, "1 2".
goes() {
	local host=$1/32

	[[ $1 != *:* ]] || host=$1/128
	[[ $(birdc -s "$T/cl.ctl" show route "$host" | grep -oE 's[46]_[12]' |
		cut -d _ -f 2 | sort | paste -sd ' ') == "$2" ]]
}

both_go() { # HOPS
	goes "$VIP" "$1" && goes "$VIP6" "$1"
}

probed() { # ADDR
	[[ $(in_node cl "$LAB_BIN/lab-probe" -d 1 -w 200 "$1" "$PORT") == \
		*'"lost":0,'* ]]
}

say() {
	echo "# $*" >&3
}

@test "the route comes with UP, goes with DOWN, and comes back" {
	local t0

	router_bird
	serve a
	wait_for 40 both_go 1
	wait_for 20 probed "$VIP"
	wait_for 20 probed "$VIP6"
	t0=$(now)
	rm "$T/well-a"
	wait_for 20 both_go ''
	say "the check fails: the route is gone after $(ms "$t0" "$(now)") ms"
	refute holds a
	refute probed "$VIP"
	: >"$T/well-a"
	wait_for 40 both_go 1
	wait_for 20 probed "$VIP"
	# asked to end
	end sv-a
	wait_for 20 both_go ''
	wait_for 20 refute holds a "$VIP6"
}

@test "two that serve: what fails at one goes to the other" {
	local from to=a

	router_bird
	serve a
	serve b
	wait_for 40 both_go '1 2'
	probe_start "$VIP"
	wait_for 5 grep -q '^+' "$T/probe.err"
	from=$(tail -n 1 "$T/probe.err")
	from=${from#+}
	[[ $from != a ]] || to=b
	rm "$T/well-$from"
	wait_for 20 probe_sees "$to"
	wait_for 20 both_go "$([[ $to == a ]] && echo 1 || echo 2)"
	: >"$T/well-$from"
	wait_for 40 both_go '1 2'
	probe_stop
	say "the check fails at one of two: longest gap" \
		"$(probe_get .longest_gap_ms) ms"
	in_time "$(probe_get .longest_gap_ms)" 0 500
}

@test "killed: finish takes it back at once, without it the lease" {
	local pids

	router_bird
	serve a
	wait_for 40 both_go 1
	mapfile -t pids < <(pgrep -P "$(<"$T/sv-a.pid")" vip-bind)
	((${#pids[@]} == 1))
	pids+=("$(<"$T/sv-a.pid")")
	kill -STOP "${pids[@]}"
	kill -KILL "${pids[@]}"
	finish a 256 9
	refute holds a
	wait_for 20 both_go ''
	start a
	wait_for 40 both_go 1
	mapfile -t pids < <(pgrep -P "$(<"$T/sv-a.pid")" vip-bind)
	# both stopped: the kernel ends it, 2.9 s later at most
	kill -STOP "${pids[@]}" "$(<"$T/sv-a.pid")"
	wait_for 20 both_go ''
	refute holds a
	kill -CONT "${pids[@]}" "$(<"$T/sv-a.pid")"
	wait_for 40 both_go 1
	end sv-a
	wait_for 20 both_go ''
}
