# shellcheck shell=bash
# ipvs.bash - for bats files that need IPVS; load after helpers.  tests/check
# runs files named *-ipvs* by tests/lab/ipvs-kernel; by hand:
#	tests/lab/ipvs-kernel bats tests/bats/75-ipvs.bats

IPVS=$B/ipvsadm-lite

require_ipvs() {
	[[ ${IPVSLAB_GUEST-} == 1 ]] || skip "by tests/lab/ipvs-kernel only"
}

# node NAME: a namespace, lo up; nodes_down: all of this test's, with all that
# runs in them.
node() {
	ip netns add "$1"
	ip -n "$1" link set lo up
	NODES+=("$1")
}

nodes_down() {
	local n

	for n in "${NODES[@]}"; do
		ip netns pids "$n" | xargs -r kill -KILL
		ip netns del "$n"
	done
	NODES=()
}

# at NODE CMD...
at() {
	ip netns exec "$1" "${@:2}" 3>&-
}

# wire_up NODE DEV ADDR NODE DEV ADDR: a cable.
wire_up() {
	ip -n "$1" link add "$2" type veth peer name "$5" netns "$4"
	ip -n "$1" addr add "$3" dev "$2" nodad 2>/dev/null ||
		ip -n "$1" addr add "$3" dev "$2"
	ip -n "$4" addr add "$6" dev "$5" nodad 2>/dev/null ||
		ip -n "$4" addr add "$6" dev "$5"
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}
