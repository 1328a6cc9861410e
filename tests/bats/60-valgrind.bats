#!/usr/bin/env bats
# valgrind finds no error, no leak and no open descriptor at the end of each
# tool.  (Not run on a build with sanitizers: the two do not mix; nor do
# valgrind's own system calls and a filter.)

load ../lab/helpers

# valgrind has a malloc(3) of its own for what is linked dynamically alone.
ELECT=$B/shared/vrrp-elect
[[ -e $ELECT ]] || ELECT=$B/vrrp-elect

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
setup() { lab_setup; }
teardown() { lab_teardown; }

# vg NODE CMD...: runs it; the findings are in $T/vg.PID.
vg() {
	in_node "$1" valgrind -q --leak-check=full --show-leak-kinds=all \
		--errors-for-leak-kinds=all --track-fds=yes --error-exitcode=77 \
		--log-file="$T/vg.%p" "${@:2}"
}

# clean: no error and no leak (each has a stack), and every descriptor that is
# open was inherited (one of our own has a stack too).
clean() {
	local f
	for f in "$T"/vg.*; do
		if grep -E '^==[0-9]+== +(at|by) 0x' "$f"; then
			cat "$f"
			return 1
		fi
	done
}

@test "the check bites: a descriptor left open is seen" {
	run vg a sh -c 'exec 7</dev/null; :'
	refute clean >/dev/null
}

@test "vrrp-elect: Backup, Master, TERM" {
	vg a "$ELECT" --no-sandbox -i eth0 -r 9 -t 50ms --track-if lo \
		--heartbeat 50ms --peer 10.77.0.2 10.77.0.254 >"$T/out" &
	wait_for 10 grep -q ^MASTER "$T/out"
	pkill -TERM -P $! || kill -TERM $!
	wait_for 10 grep -q ^INIT "$T/out"
	wait $!
	clean
}

@test "vrrp-elect: end of input, IPv6, misuse, resign" {
	{ echo UP x; sleep 1; } | vg a "$ELECT" --no-sandbox -i eth0 -r 9 -t 50ms \
		--track x fe80::9 >"$T/out"
	grep -q ^INIT "$T/out"
	run vg a "$ELECT" --no-sandbox -i eth0 -r 0 10.77.0.254
	((status == 100))
	run vg a "$ELECT" resign --no-sandbox -i eth0 -r 9 10.77.0.254
	((status == 0))
	echo 'MASTER v if=eth0 vrid=9 addrs=10.77.0.254' |
		vg a "$ELECT" resign --follow --no-sandbox >"$T/out"
	clean
}

@test "garp: announcements and probes of both families, misuse" {
	vg a "$B/garp" --no-sandbox -i eth0 "$VIP" "$VIP6"
	vg a "$B/garp" --no-sandbox --probe -c 1 -i eth0 10.77.0.9 fd77::9
	run vg a "$B/garp" --no-sandbox -i eth0 10.77.0.300
	((status == 100))
	clean
}

@test "vip-bind: add, show, del, and follow with lease and route" {
	vg a "$B/vip-bind" --no-sandbox add --force -i eth0 "$VIP" "$VIP6"
	vg a "$B/vip-bind" --no-sandbox show -i eth0 "$VIP" "$VIP6"
	vg a "$B/vip-bind" --no-sandbox del -i eth0 "$VIP" "$VIP6"
	{
		echo "BACKUP s if=eth0 addrs=$VIP,$VIP6"
		sleep 1
		echo "MASTER s if=eth0 addrs=$VIP,$VIP6"
		sleep 0.3
		ip -n "$LAB-a" addr del "$VIP/32" dev eth0
		sleep 0.3
		echo "MASTER s if=eth0 addrs=$VIP,10.77.0.200 epoch=2"
		sleep 0.3
	} | vg a "$B/vip-bind" --no-sandbox follow -i eth0 --lease 3s \
		--route '198.51.100.0/24 via 10.77.0.100' >"$T/out"
	(($(wc -l <"$T/out") == 3))
	clean
}

@test "the whole pipeline as one process tree" {
	vg a --trace-children=yes "$ELECT" --no-sandbox -i eth0 -r 51 -t 100ms \
		--heartbeat 50ms "$VIP/24" -- "$B/vip-bind" --no-sandbox follow --lease 1s \
		-- "$ELECT" resign --follow --no-sandbox >"$T/out" &
	wait_for 10 grep -q ^MASTER "$T/out"
	wait_for 2 holds a
	kill -TERM "$(pgrep -f "vrrp-elect --no-sandbox -i eth0 -r 51.*$VIP" | head -n 1)"
	wait_for 10 grep -q ^INIT "$T/out"
	wait $!
	clean
}
