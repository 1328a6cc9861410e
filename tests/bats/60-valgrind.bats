#!/usr/bin/env bats
# valgrind finds no error, no leak and no open descriptor at the end of each
# tool.  (Not run on a build with sanitizers: the two do not mix.)

load ../lab/helpers

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
	vg a "$B/vrrp-elect" -i eth0 -r 9 -t 50ms --track-if lo \
		--heartbeat 50ms --peer 10.77.0.2 10.77.0.254 >"$T/out" &
	wait_for 10 grep -q ^MASTER "$T/out"
	pkill -TERM -P $! || kill -TERM $!
	wait_for 10 grep -q ^INIT "$T/out"
	wait $!
	clean
}

@test "vrrp-elect: end of input, IPv6, misuse, resign" {
	{ echo UP x; sleep 1; } | vg a "$B/vrrp-elect" -i eth0 -r 9 -t 50ms \
		--track x fe80::9 >"$T/out"
	grep -q ^INIT "$T/out"
	run vg a "$B/vrrp-elect" -i eth0 -r 0 10.77.0.254
	((status == 100))
	run vg a "$B/vrrp-elect" resign -i eth0 -r 9 10.77.0.254
	((status == 0))
	echo 'MASTER v if=eth0 vrid=9 addrs=10.77.0.254' |
		vg a "$B/vrrp-elect" resign --follow >"$T/out"
	clean
}
