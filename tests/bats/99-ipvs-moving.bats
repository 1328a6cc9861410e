#!/usr/bin/env bats
# virtual_server: keepalived and what examples/from-keepalived makes of the same
# file, each with servers of its own; ipvsadm -Sn of both is the same after the
# start, after each check that fails, and after it is mended.

load ../lab/helpers
load ../lab/ipvs

GOLDEN=$ROOT/tests/golden/keepalived

setup() {
	require_ipvs
	mkdir -p "$T/run/down"
	chmod 755 "$BATS_RUN_TMPDIR" "${T%/*}" "$T"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=lab \
		-keyout "$T/key" -out "$T/crt" 2>/dev/null
	cat "$T/key" "$T/crt" >"$T/cert"
}

teardown() {
	lab_teardown
	nodes_down
}

# director NODE: with the servers that its table is about.
director() {
	local n

	node "$1"
	node "$1-rs"
	wire_up "$1" eth0 10.0.0.254/24 "$1-rs" eth0 10.0.0.1/24
	for n in 2 3 9; do
		ip -n "$1-rs" addr add "10.0.0.$n/24" dev eth0
	done
	at "$1-rs" "$LAB_DIR/services" "$T/run" "$T/cert" 10.0.0.1 10.0.0.2 \
		>"$T/$1-rs.err" 2>&1 </dev/null &
}

# both CASE [OPTION...]: keepalived at k, ours at o.
both() {
	local sv options=("${@:2}")

	director k
	director o
	sed "s,/run/service,$T/run,; s/9b3a0c85a887a256d6939da88aabd8cd/$(
		printf 'digest\n' | md5sum | cut -d' ' -f1)/" \
		"$GOLDEN/$1.conf" >"$T/$1.conf"
	"$ROOT/examples/from-keepalived" "$T/$1.conf" "$T/sv" 2>"$T/left" || :
	rm -f "$T"/sv/README "$T"/sv/NOT-CONVERTED
	for sv in "$T"/sv/*/; do
		echo "LOG=$T/log-$(basename "$sv")" >>"$sv/conf"
	done
	background keepalived ip netns exec k keepalived --dont-fork \
		--log-console --log-detail --no-syslog "${options[@]}" \
		-f "$T/$1.conf" -p "$T/p" -r "$T/r" -c "$T/c"
	background super ip netns exec o env PATH="$B:$PATH" runsvdir "$T/sv"
}

tables() {
	at k ipvsadm -Sn | sort >"$T/k.table"
	at o ipvsadm -Sn | sort >"$T/o.table"
}

# same TEXT...: both tables are equal, and have each TEXT; with a - before it,
# have it not.
same() {
	local t

	tables
	diff "$T/k.table" "$T/o.table" || return 1
	for t; do
		if [[ $t == -* ]]; then
			refute grep -qF -- " ${t#-}" "$T/o.table" || return 1
		else
			grep -qF -- " $t" "$T/o.table" || return 1
		fi
	done
}

soon_same() {
	wait_for 40 same "$@" || {
		same "$@"
		tail -n 5 "$T"/log-*/current
		return 1
	}
}

fails() {
	: >"$T/run/down/$1"
}

mends() {
	rm "$T/run/down/$1"
}

@test "HTTP_GET, SSL_GET, quorum, sorry_server, persistence, thresholds" {
	both lvs-http --check
	soon_same '10.0.0.1:80 -m -w 3' '10.0.0.2:80 -m -w 1' \
		'10.0.0.1:443 -m -w 1' '-p 50' '-b sh-port'
	fails 10.0.0.2:80
	fails 10.0.0.1:443
	soon_same '10.0.0.1:80 -m -w 3' '-10.0.0.2:80' '-10.0.0.1:443'
	fails 10.0.0.1:80
	soon_same '-10.0.0.1:80' '-10.0.0.2:80' '10.0.0.9:80 -m'
	mends 10.0.0.1:80
	mends 10.0.0.2:80
	mends 10.0.0.1:443
	soon_same '10.0.0.1:80 -m -w 3' '10.0.0.2:80 -m -w 1' \
		'10.0.0.1:443 -m -w 1' '-10.0.0.9'
	# the same timeouts, and quorum_up and quorum_down were run by both
	[[ $(at o ipvsadm -L --timeout) == "$(at k ipvsadm -L --timeout)" ]]
	[[ $(grep -c 'quorum down' "$T/run/told") == 2 ]]
}

@test "virtual_server_group, fwmark, SMTP_CHECK, TCP_CHECK, PING_CHECK, MISC_CHECK, weight 0" {
	: >"$T/run/two"
	both lvs-dr --check
	soon_same '192.168.1.22:25 -r 10.0.0.1:25 -g -w 10' \
		'-f 25 -r 10.0.0.2:0 -g -w 20' '-f 7 -r 10.0.0.1:0 -i -w 1' \
		'-f 7 -r 10.0.0.2:0 -i -w 4'
	fails 10.0.0.1:25
	rm "$T/run/two"
	soon_same '192.168.1.22:25 -r 10.0.0.1:25 -g -w 0' \
		'192.168.1.20:25 -r 10.0.0.1:25 -g -w 0' \
		'-f 25 -r 10.0.0.2:0 -g -w 20' '--f 7 -r 10.0.0.2'
	mends 10.0.0.1:25
	: >"$T/run/two"
	soon_same '192.168.1.22:25 -r 10.0.0.1:25 -g -w 10' \
		'-f 7 -r 10.0.0.2:0 -i -w 4'
}

@test "UDP: DNS_CHECK, UDP_CHECK, misc_dynamic, FILE_CHECK, no check at all" {
	echo 0 >"$T/run/code"
	echo 0 >"$T/run/load"
	both lvs-udp --check
	soon_same '10.0.0.1:53 -m -w 1' '10.0.0.2:53 -m -w 1' \
		'10.0.0.1:123 -m -w 5' '10.0.0.2:123 -m -w 5' '10.0.0.3:123 -m -w 7'
	fails 10.0.0.1:53
	fails 10.0.0.1:123
	echo 12 >"$T/run/code"
	echo 3 >"$T/run/load"
	soon_same '-10.0.0.1:53' '10.0.0.2:53 -m -w 10' '-10.0.0.1:123' \
		'10.0.0.2:123 -m -w 8'
	mends 10.0.0.1:53
	mends 10.0.0.1:123
	echo 0 >"$T/run/code"
	echo -2 >"$T/run/load"
	soon_same '10.0.0.1:53 -m -w 1' '10.0.0.2:53 -m -w 1' \
		'10.0.0.1:123 -m -w 5' '10.0.0.2:123 -m -w 3'
}

# daemons NODE: of the kernel, that send and receive connections.
daemons() {
	at "$1" ipvsadm -L --daemon
}

same_daemons() {
	[[ $(daemons k) == *"$1"* && $(daemons k) == "$(daemons o)" ]]
}

@test "lvs_sync_daemon follows its instance" {
	both lvs-sync
	wait_for 20 same_daemons 'master sync daemon (mcast=eth0, syncid=7'
	ip -n k link set eth0 down
	ip -n o link set eth0 down
	ip -n k link set eth0 up
	ip -n o link set eth0 up
	wait_for 10 same_daemons 'backup sync daemon (mcast=eth0, syncid=7'
	wait_for 20 same_daemons 'master sync daemon (mcast=eth0, syncid=7'
}
