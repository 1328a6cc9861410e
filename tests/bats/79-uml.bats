#!/usr/bin/env bats
# The runner that boots a kernel with IPVS: streams, statuses, limits.

load ../lab/helpers

setup() {
	export IPVSLAB_UML=1
	cd "$ROOT" || return 1
}

guest() {
	"$ROOT/tests/lab/ipvs-kernel" "$@" 3>&-
}

@test "stdout, stderr, arguments and the exit status are the command's" {
	local code=0

	# shellcheck disable=SC2016 # the guest expands it
	guest bash -c 'printf "<%s>" "$@"; echo err >&2; exit 7' - 'a b' '' '*' \
		>"$T/out" 2>"$T/err" || code=$?
	((code == 7))
	[[ $(<"$T/out") == "<a b><><*>" ]]
	[[ $(<"$T/err") == err ]]
}

@test "it has IPVS, and what it writes outside is private" {
	# shellcheck disable=SC2016
	run guest sh -c 'echo x >"$0"; cat "$0"; cat /proc/net/ip_vs' "$T/file"
	((status == 0))
	[[ ${lines[0]} == x && ${lines[1]} == "IP Virtual Server"* ]]
	[[ ! -e $T/file ]]
}

@test "a time limit ends it with 124" {
	run env IPVSLAB_TIMEOUT=5 "$ROOT/tests/lab/ipvs-kernel" sleep 99
	((status == 124))
}
