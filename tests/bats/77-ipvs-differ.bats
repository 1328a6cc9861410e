#!/usr/bin/env bats
# ipvsadm-lite beside ipvsadm: the same commands, each on a table of its own;
# then Debian's ipvsadm must show both tables alike, in every listing, and ours
# must write what Debian's writes, byte for byte.
#
# What is documented to differ is taken out: -S writes thresholds, timeouts and
# daemons too; addresses are sorted as unsigned numbers.

load ../lab/helpers
load ../lab/ipvs

SEQUENCES=170
[[ -z ${SANITIZED-} ]] || SEQUENCES=34

setup() {
	require_ipvs
	node theirs
	node ours
}

teardown() {
	nodes_down
}

# The listings; the first is -S.
modes=("-S -n" "-L -n" "-l -n --stats" "-L -n --rate" "-Ln --thresholds"
	"-Ln --persistent-conn" "-Ln --tun-info" "-Ln --stats -X"
	"-Ln --rate --exact" "-L -n --nosort" "-L -n --stats --nosort"
	"-L --timeout" "-L --daemon" "-L -c -n" "-L -n --sort --tun-info")

# list NODE PROG DIR: every listing into DIR/N
list() {
	at "$1" bash -c 'prog=$1 dir=$2 n=0; shift 2
		for mode; do "$prog" $mode >"$dir/$n"; n=$((n + 1)); done' - \
		"$2" "$3" "${modes[@]}"
}

# What ipvsadm -S does not write.
plain() {
	sed -e '/^--set/d; /^--start-daemon/d; s/ -x [0-9]*//; s/ -y [0-9]*//' \
		"$1/0" >"$1/0.plain" && mv "$1/0.plain" "$1/0"
}

# run_all PROG SEQUENCES REFUSED: every 17th as command lines, the others by
# -R.  How many lines were refused goes to the file REFUSED.
run_all() {
	local i line

	for ((i = 17; i <= SEQUENCES; i += 17)); do
		while read -r line; do
			# shellcheck disable=SC2086 # words on purpose
			"$1" $line </dev/null 2>&1
		done <"$2/$i"
	done | wc -l >"$3"
	for ((i = 1; i <= SEQUENCES; i++)); do
		((i % 17 == 0)) || cat "$2/$i"
	done | "$1" -R 2>&1 | wc -l >>"$3"
}

round() {
	mkdir -p "$T/theirs" "$T/ours" "$T/ours.ours"
	"$ROOT/tests/lab/ipvs-sequences" "$1" $SEQUENCES "$T/seq"
	export -f run_all
	export SEQUENCES
	at theirs bash -c 'run_all "$@"' - ipvsadm "$T/seq/theirs" "$T/refused"
	at ours bash -c 'run_all "$@"' - "$IPVS" "$T/seq/ours" "$T/refused.ours"
	diff "$T/refused" "$T/refused.ours"
	list theirs ipvsadm "$T/theirs"
	list ours ipvsadm "$T/ours"
	# not sorted means in the order of the kernel's hash, which is another
	# in each namespace
	diff -r -x 9 -x 10 "$T/theirs" "$T/ours"
	(($(wc -l <"$T/theirs/0") > SEQUENCES))
	list ours "$IPVS" "$T/ours.ours"
	plain "$T/ours.ours"
	plain "$T/ours"
	diff -r "$T/ours" "$T/ours.ours"
	# what ours saves makes the same table again, thresholds too
	at ours "$IPVS" -S >"$T/saved"
	at ours "$IPVS" -C
	at ours "$IPVS" -R <"$T/saved"
	at ours "$IPVS" -S | diff "$T/saved" -
	at ours ipvsadm -Ln --thresholds | diff "$T/theirs/4" -
}

@test "sequences of commands" {
	echo "# seed ${TEST_SEED:=1}" >&3
	round "$TEST_SEED"
}

@test "listings of one service, of marks and names of 15 bytes" {
	local s

	at ours "$IPVS" -R <<-'END'
	-A -t 10.1.2.3:80 -s wrr
	-a -t 10.1.2.3:80 -r 255.254.253.252:65535 -m
	-A -u [2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535 -s rr -p 5 -M 64
	-a -u [2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535 -r [fd00:1111:2222:3333:4444:5555:6666:7777]:1 -m -w 9
	-A -f 2147483647 -s rr
	-A -f 1 -6 -s rr
	END
	for s in "-t 10.1.2.3:80" "-f 1 -6" "-f 2147483647" \
		"-u [2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535"; do
		# shellcheck disable=SC2086 # words on purpose
		diff <(at ours "$IPVS" -L -n $s) <(at ours ipvsadm -L -n $s)
		# shellcheck disable=SC2086
		diff <(at ours "$IPVS" -L -n --stats $s) \
			<(at ours ipvsadm -L -n --stats $s)
	done
	diff <(at ours "$IPVS" -L) <(at ours ipvsadm -Ln)
}

@test "sync daemons are shown alike" {
	at ours "$IPVS" --start-daemon master --mcast-interface lo --syncid 9 \
		--mcast-ttl 3 --mcast-port 9999
	at ours "$IPVS" --start-daemon backup --mcast-interface lo \
		--mcast-group 224.0.0.99 --sync-maxlen 1000
	diff <(at ours "$IPVS" -L --daemon) <(at ours ipvsadm -L --daemon)
	at ours "$IPVS" -L --daemon | grep -q 'backup.*group=224.0.0.99'
	at ours ipvsadm --stop-daemon master
	at ours "$IPVS" --stop-daemon backup
	[[ -z $(at ours ipvsadm -L --daemon) ]]
}

@test "where they differ: what ipvsadm sorts and prints wrongly" {
	at ours "$IPVS" -A -t 192.0.2.1:80 -s rr
	at ours "$IPVS" -A -t 10.0.0.1:80 -s rr
	at ours "$IPVS" -A -f 4000000000 -s rr
	diff <(at ours "$IPVS" -S | grep -v ^--set) - <<-'END'
	-A -t 10.0.0.1:80 -s rr
	-A -t 192.0.2.1:80 -s rr
	-A -f 4000000000 -s rr
	END
	[[ $(at ours ipvsadm -Sn) == *"-f -294967296"* ]]
	diff <(at ours "$IPVS" -S | grep -v ^--set | sort) \
		<(at ours ipvsadm -Sn | sed 's/-294967296/4000000000/' | sort)
}
