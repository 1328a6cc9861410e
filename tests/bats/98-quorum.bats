#!/usr/bin/env bats
# examples/quorum: an etcd of three members on a, b and c, and on each the
# producer in vrrp-elect's place before vip-bind.

bats_require_minimum_version 1.5.0
load ../lab/helpers

QUORUM=$ROOT/examples/quorum/quorum

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
setup() { lab_setup; }

# In memory, if it can be: a disk that others keep busy makes etcd elect.
cluster_dir() {
	DATA=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d -p "$T")
}

teardown() {
	lab_teardown
	[[ -z ${DATA-} ]] || rm -rf "$DATA"
}

say() {
	echo "# $*" >&3
}

# etcd's members; until they have a leader.
cluster() {
	local n i=0 all=

	cluster_dir
	for n in a b c; do
		i=$((i + 1))
		all+=${all:+,}$n=http://10.77.0.$i:2380
	done
	i=0
	for n in a b c; do
		i=$((i + 1))
		background "etcd-$n" ip netns exec "$LAB-$n" etcd --name $n \
			--data-dir "$DATA/$n" \
			--listen-peer-urls "http://10.77.0.$i:2380" \
			--initial-advertise-peer-urls "http://10.77.0.$i:2380" \
			--listen-client-urls http://127.0.0.1:2379 \
			--advertise-client-urls http://127.0.0.1:2379 \
			--initial-cluster "$all" --pre-vote --logger zap --log-level error
	done
	for n in a b c; do
		wait_for 30 in_node $n etcdctl --command-timeout=1s get x
	done
}

# member NODE [OPTION...]: the pipeline; files $T/q-NODE.{out,err,pid}.
member() {
	background "q-$1" ip netns exec "$LAB-$1" "$QUORUM" -i eth0 -k test/vip \
		-L 8 -l 1 -e 0.5 -b 0.25 "${@:2}" "$VIP/32" -- \
		"$B/vip-bind" follow --lease 1s
	wait_for 30 grep -q . "$T/q-$1.out"
}

# stop NAME: as end, with time for etcd.
stop() {
	kill "$(<"$T/$1.pid")"
	wait_for 20 gone "$(<"$T/$1.pid")"
	rm "$T/$1.pid"
}

# says NODE WORD: is that the last state its pipeline told?
says() {
	[[ $(tail -n 1 "$T/q-$1.out") == "$2 "* ]]
}

# holder: the node that has the address; fails unless it is one.
holder() {
	local n held=

	for n in a b c; do
		! holds $n || held+=$n
	done
	[[ ${#held} == 1 ]] && echo "$held"
}

one_of() { # NODES
	[[ $1 == *"$(holder || echo none)"* ]]
}

others() { # NODE
	local all=abc

	echo "${all/$1/}"
}

@test "one of three holds; asked to end it hands over at once" {
	local first t0 old

	cluster
	holders_start
	member a
	wait_for 30 holds a
	wait_for 30 grep -q '^MASTER quorum.test.vip if=eth0 ' "$T/q-a.out"
	member b
	member c
	wait_for 30 grep -q 'holder=' "$T/q-b.out"
	old=$(sed -n 's/.* epoch=//p' "$T/q-a.out" | tail -n 1)
	t0=$(now)
	stop q-a
	grep -q 'test/vip: released' "$T/q-a.err"
	wait_for 30 one_of bc
	say "asked to end: the next holds after $(ms "$t0" "$(now)") ms"
	first=$(holder)
	# the epoch is a fencing token
	(($(sed -n 's/^MASTER.* epoch=\([0-9]*\).*/\1/p' "$T/q-$first.out" |
		tail -n 1) > old))
	# killed: the pipe tells vip-bind
	end "q-$first" KILL
	wait_for 5 refute holds "$first"
	holders_stop
	in_time "$(holders_get .two_max_ms)" 0 0
}

@test "partition and pause: never two holders, and the majority has one" {
	local n first second t0

	cluster
	holders_start
	for n in a b c; do
		member $n
	done
	wait_for 30 one_of abc
	first=$(holder)
	t0=$(now)
	lab cut "$first" silent
	wait_for 30 one_of "$(others "$first")"
	say "the holder is cut off: the next holds after $(ms "$t0" "$(now)") ms"
	in_time "$(ms "$t0" "$(now)")" 0 20000 # 8, an election of etcd, slack
	says "$first" BACKUP
	grep -q 'MASTER -> BACKUP: no-quorum' "$T/q-$first.err"
	refute holds "$first"
	lab heal "$first"
	wait_for 30 in_node "$first" etcdctl --command-timeout=1s get x
	wait_for 30 one_of "$(others "$first")"
	second=$(holder)
	# the whole machine stops, and comes back late
	lab pause "$second"
	wait_for 30 one_of "$(others "$second")"
	lab resume "$second"
	wait_for 30 says "$second" BACKUP
	never 1 holds "$second"
	holders_stop
	say "two holders for $(holders_get .two_ms) ms in all"
	in_time "$(holders_get .two_max_ms)" 0 0
}

@test "no majority: nobody; the check fails: another one" {
	local pids

	# alone it waits
	member a
	wait_for 30 grep -q 'etcd: ' "$T/q-a.err"
	says a BACKUP
	refute holds a
	stop q-a
	cluster
	# the service directory, as a supervisor runs it
	chmod 755 "$BATS_RUN_TMPDIR" "${T%/*}" "$T"
	cp -r "$ROOT/examples/quorum" "$T/sv"
	chmod 777 "$T/sv"
	cat >>"$T/sv/conf" <<-CONF
	KEY=test/vip
	ADDRS=$VIP
	CHECK="exec:test -e $T/well"
	CONF
	background q-a ip netns exec "$LAB-a" env -C "$T/sv" PATH="$B:$PATH" \
		./run
	wait_for 30 says a FAULT
	: >"$T/well"
	wait_for 30 holds a
	says a MASTER
	member b
	wait_for 30 grep -q 'holder=' "$T/q-b.out"
	rm "$T/well"
	wait_for 30 holds b
	says a FAULT
	refute holds a
	: >"$T/well"
	wait_for 30 says a BACKUP
	stop q-b
	wait_for 30 holds a
	# killed, all of it: finish takes the address back
	mapfile -t pids < <(lab pids a | grep -vxF "$(<"$T/etcd-a.pid")")
	kill -KILL "${pids[@]}"
	in_node a env -C "$T/sv" PATH="$B:$PATH" ./finish 256 9
	refute holds a
}

@test "misuse: exit 100" {
	run -100 "$QUORUM"
	run -100 "$QUORUM" -i eth0
	run -100 "$QUORUM" -i eth0 x
	run -100 "$QUORUM" -i eth0 -L 4 192.0.2.1
	run -100 "$QUORUM" -i eth0 -k 'a"b' 192.0.2.1
	run -100 "$QUORUM" -i eth0 -L x 192.0.2.1
	((${#lines[@]} == 1))
	[[ $output == 'quorum: value "x" invalid for option L'* ]]
}
