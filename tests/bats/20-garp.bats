#!/usr/bin/env bats
# garp on the wire, byte by byte; what neighbours make of it; --probe.

load ../lab/helpers

GARP=$B/garp
MAC_A=027700000001

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
setup() { lab_setup; }
teardown() { lab_teardown; }

# Neighbours that ask for each other are none of it.
OF_VIP="arp and src host $VIP"

# capture NODE N FILTER: until N frames came; see frames.
capture() {
	background dump timeout 8 ip netns exec "$LAB-$1" tcpdump -i eth0 -n \
		--immediate-mode -c "$2" -xx "$3"
	wait_for 5 grep -q 'listening on' "$T/dump.err"
}

# frames: what was captured, a line of hex digits each.
frames() {
	local pid

	pid=$(<"$T/dump.pid")
	wait_for 9 gone "$pid"
	awk '/0x0000:/ && hex { print hex; hex = "" }
		/0x[0-9a-f]+:/ { for (i = 2; i <= NF; i++) hex = hex $i }
		END { print hex }' "$T/dump.out"
}

garp() {
	in_node a "$GARP" -i eth0 "$@"
}

neighbour() {
	ip -n "$LAB-cl" neigh show "$1" | grep -o 'lladdr [^ ]*'
}

# meet ADDR: the client resolves it.
meet() {
	in_node cl bash -c "echo >/dev/udp/$1/9" 2>/dev/null
	wait_for 2 neighbour "$1"
}

zeros() {
	printf '%0*d' "$(($1 * 2))" 0
}

@test "gratuitous ARP: keepalived's form, padded to 60 bytes" {
	capture cl 1 "$OF_VIP"
	garp -c 1 10.77.0.254
	run frames
	[[ $output == "ffffffffffff${MAC_A}08060001080006040001${MAC_A}$(: \
		)0a4d00fe"ffffffffffff"0a4d00fe$(zeros 18)" ]]
}

@test "--reply: op 2, the target is the sender; --mac in frame and payload" {
	capture cl 2 "$OF_VIP"
	garp -c 1 --reply 10.77.0.254
	garp --count=1 --mac 02:11:22:33:44:55 10.77.0.254
	run frames
	[[ ${lines[0]} == "ffffffffffff${MAC_A}08060001080006040002${MAC_A}$(: \
		)0a4d00fe${MAC_A}0a4d00fe$(zeros 18)" ]]
	[[ ${lines[1]} == "ffffffffffff021122334455080600010800060400010211$(: \
		)223344550a4d00feffffffffffff0a4d00fe$(zeros 18)" ]]
}

@test "unsolicited NA: from the address, Override, Router as it forwards" {
	local head tail
	head="333300000001${MAC_A}86dd6000000000203afffd77$(zeros 12)00fe$(: \
		)ff02$(zeros 13)01"
	tail="fd77$(zeros 12)00fe0201${MAC_A}"
	capture cl 2 'icmp6[0] == 136 and dst ff02::1'
	garp -c 1 fd77::fe
	in_node a sh -c 'echo 1 >/proc/sys/net/ipv6/conf/eth0/forwarding'
	garp -c 1 fd77::fe
	run frames
	[[ ${lines[0]} =~ ^${head}8800[0-9a-f]{4}20000000$tail$ ]]
	[[ ${lines[1]} =~ ^${head}8800[0-9a-f]{4}a0000000$tail$ ]]
	# the checksum, by another's reckoning
	background v timeout 8 ip netns exec "$LAB-cl" tcpdump -i eth0 \
		-n -vv --immediate-mode -c 1 'icmp6[0] == 136 and dst ff02::1'
	wait_for 5 grep -q 'listening on' "$T/v.err"
	garp -c 1 fd77::fe
	wait_for 5 grep -q 'icmp6 sum ok' "$T/v.out"
}

@test "the frames are those of keepalived (whose ARP is not padded)" {
	local filter="($OF_VIP) or (icmp6[0] == 136 and dst ff02::1)"
	local theirs ours
	capture cl 2 "$filter"
	keepalived_start a "$(keepalived_conf interval=0.1 priority=200 \
		vips="$VIP/24" extra="garp_master_repeat 1
		virtual_ipaddress_excluded {
			fd77::fe/128
		}")"
	theirs=$(frames | sort)
	keepalived_stop a
	capture cl 2 "$filter"
	garp -c 1 "$VIP" fd77::fe
	ours=$(frames | sed "/^ffffffffffff/s/$(zeros 18)$//" | sort)
	diff <(echo "$theirs") <(echo "$ours")
	[[ $(wc -l <<<"$ours") == 2 ]]
}

@test "5 rounds at once: all addresses, then again; -c and -w" {
	wire_start cl
	garp 10.77.0.254 10.77.0.253 fd77::fe
	wait_for 2 eval '(($(wire "^[^ ]+ (garp|na) " | wc -l) == 15))'
	run wire .
	[[ $(awk '{ printf "%s ", $3 }' <<<"$output") == "$(printf \
		'10.77.0.254 10.77.0.253 fd77::fe %.0s' {1..5})" ]]
	in_time "$(awk 'NR == 1 { t = $1 } END { print ($1 - t) * 1000 }' \
		<<<"$output")" 0 20
	wire_stop
	AS=w wire_start cl
	garp -c 3 -w 100ms 10.77.0.254
	wait_for 2 eval '(($(AS=w wire garp | wc -l) == 3))'
	in_time "$(AS=w wire garp | awk 'NR == 1 { t = $1 }
		END { print ($1 - t) * 1000 }')" 195 260
}

@test "a neighbour's entry really changes, both families" {
	vip add b
	vip add b fd77::fe
	meet 10.77.0.254
	meet fd77::fe
	[[ $(neighbour 10.77.0.254) == 'lladdr 02:77:00:00:00:02' ]]
	[[ $(neighbour fd77::fe) == 'lladdr 02:77:00:00:00:02' ]]
	garp 10.77.0.254 fd77::fe
	wait_for 1 eval '[[ $(neighbour 10.77.0.254) == *:01 ]]'
	wait_for 1 eval '[[ $(neighbour fd77::fe) == *:01 ]]'
	garp --reply --mac 02:00:00:00:00:99 10.77.0.254
	wait_for 1 eval '[[ $(neighbour 10.77.0.254) == *:99 ]]'
}

@test "--probe: free and in use, both families, by whom" {
	vip add b
	vip add b fd77::fe
	run garp --probe 10.77.0.254 10.77.0.9 fd77::fe fd77::9
	((status == 1))
	[[ ${lines[0]} == 'USED 10.77.0.254 if=eth0 lladdr=02:77:00:00:00:02' ]]
	[[ ${lines[1]} == 'FREE 10.77.0.9 if=eth0' ]]
	[[ ${lines[2]} == 'USED fd77::fe if=eth0 lladdr=02:77:00:00:00:02' ]]
	[[ ${lines[3]} == 'FREE fd77::9 if=eth0' ]]
	((${#lines[@]} == 4))
	run garp --probe -c 1 10.77.0.9 fd77::9
	((status == 0))
	run garp -q --probe 10.77.0.254
	((status == 1))
	[[ -z $output ]]
}

@test "--probe: nobody's cache changes; a second prober is a conflict" {
	vip add b
	meet 10.77.0.254
	garp --probe -c 1 10.77.0.254 || (($? == 1))
	[[ $(neighbour 10.77.0.254) == *:02 ]]
	background b ip netns exec "$LAB-b" "$GARP" -i eth0 --probe -c 9 \
		10.77.0.8 fd77::8
	sleep 0.1
	garp --probe -c 1 10.77.0.8 fd77::8 || (($? == 1))
	wait_for 1 grep -q '^USED fd77::8 .*02:77:00:00:00:01$' "$T/b.out"
	grep -q '^USED 10.77.0.8 .*02:77:00:00:00:01$' "$T/b.out"
}

@test "works on an interface without any address" {
	ip -n "$LAB-a" addr flush dev eth0
	wire_start cl
	garp -c 1 10.77.0.254 fd77::fe
	wait_for 2 wire 'garp 10.77.0.254 02:77:00:00:00:01 op=1'
	wait_for 2 wire 'na fd77::fe 02:77:00:00:00:01 flags=O'
	run garp --probe -c 1 10.77.0.2 fd77::2
	((status == 1))
	[[ $(grep -c ^USED <<<"$output") == 2 ]]
}

# says CODE TEXT ARGS...: one line on stderr with TEXT, nothing on stdout.
says() {
	local code=0

	in_node a "${@:3}" >"$T/says.out" 2>"$T/says.err" || code=$?
	if ((code != $1)) || [[ -s $T/says.out ]] ||
		[[ $(wc -l <"$T/says.err") != 1 ]] ||
		! grep -qF -- "$2" "$T/says.err"; then
		echo "${*:3}: exit $code: $(<"$T/says.err")"
		return 1
	fi
}

@test "the system says no: which, one line, 111" {
	says 111 'eth9: No such device' "$GARP" -i eth9 10.0.0.1
	says 111 'lo: not Ethernet' "$GARP" -i lo 10.0.0.1
	ip -n "$LAB-a" link set eth0 arp off
	says 111 'eth0: does without ARP' "$GARP" -i eth0 10.0.0.1
	ip -n "$LAB-a" link set eth0 arp on
	says 111 'needs CAP_NET_RAW' setpriv --reuid 65534 --clear-groups \
		--inh-caps=-all --bounding-set=-all "$GARP" -i eth0 10.0.0.1
	says 111 'needs CAP_NET_RAW' setpriv --reuid 65534 --clear-groups \
		--inh-caps=-all --bounding-set=-all "$GARP" --probe -i eth0 \
		10.0.0.1
	lab cut a link
	wait_for 2 says 111 'eth0: no carrier' "$GARP" -i eth0 10.0.0.1
	ip -n "$LAB-a" link set eth0 down
	says 111 'eth0: down' "$GARP" -i eth0 10.0.0.1
}

@test "misuse: one line on stderr, exit 100, nothing sent" {
	local bad n=0
	wire_start cl
	while read -r bad; do
		eval "says 100 'garp: ' '$GARP' $bad"
		n=$((n + 1))
	done <<-'EOF'

		-i eth0
		10.0.0.1
		-i '' 10.0.0.1
		-i eth0eth0eth0eth0 10.0.0.1
		-i a/b 10.0.0.1
		-i eth0 10.0.0
		-i eth0 10.0.0.1/24
		-i eth0 host.example
		-i eth0 224.0.0.18
		-i eth0 ff02::1
		-i eth0 0.0.0.0
		-i eth0 ::
		-i eth0 255.255.255.255
		-i eth0 fd77::fe%eth0
		-i eth0 -c 0 10.77.0.254
		-i eth0 -c -1 10.77.0.254
		-i eth0 -c 5x 10.77.0.254
		-i eth0 -c 100001 10.77.0.254
		-i eth0 -w -1s 10.77.0.254
		-i eth0 -w 1w 10.77.0.254
		-i eth0 -w 2h 10.77.0.254
		-i eth0 --mac 02:00:00:00:00 10.77.0.254
		-i eth0 --mac 01:00:00:00:00:01 10.77.0.254
		-i eth0 --mac 00:00:00:00:00:00 10.77.0.254
		-i eth0 --mac 02-00-00-00-00-01 10.77.0.254
		-i eth0 --nonsense 10.77.0.254
		-i eth0 -z 10.77.0.254
		-i eth0 10.77.0.254 -c
		-i eth0 --reply=1 10.77.0.254
		-i eth0 --probe --reply 10.77.0.254
		-i eth0 --probe --mac 02:00:00:00:00:01 10.77.0.254
		-i eth0 10.77.0.254 10.0.0.x
	EOF
	((n >= 20))
	refute wire 'garp|na '
}

@test "--help and --version on stdout" {
	run bash -c "'$GARP' --help 2>/dev/null"
	((status == 0))
	[[ $output == usage:* ]]
	run "$GARP" -V
	((status == 0))
	[[ $output =~ ^garp\ [0-9.]+$ ]]
}

# status KEY: of the running one, from /proc.
status_of() {
	awk -v k="$1:" '$1 == k { print $2 }' "/proc/$(<"$T/garp.pid")/status"
}

@test "confined: no capability, no root, no new privileges, few system calls" {
	background garp ip netns exec "$LAB-a" "$GARP" -i eth0 -c 1000 -w 50ms \
		10.77.0.254
	wait_for 5 eval '[[ $(status_of Uid) == 65534 ]]'
	wait_for 5 eval '[[ $(status_of NoNewPrivs) == 1 ]]'
	[[ $(status_of CapEff) == 0000000000000000 ]]
	[[ $(status_of CapPrm) == 0000000000000000 ]]
	[[ $(status_of CapBnd) == 0000000000000000 ]]
	[[ -n ${SANITIZED-} ]] || {
		wait_for 5 eval '[[ $(status_of Seccomp) == 2 ]]'
		run "$LAB_BIN/lab-force" "$(<"$T/garp.pid")" 39 # getpid
		((status == 0))
		run "$LAB_BIN/lab-force" "$(<"$T/garp.pid")" 41 # socket
		((status == 1))
	}
}

@test "--no-sandbox: says so, and is" {
	background garp ip netns exec "$LAB-a" "$GARP" -i eth0 -c 1000 \
		-w 50ms --no-sandbox 10.77.0.254
	wait_for 5 grep -q 'no-sandbox: runs on with all' "$T/garp.err"
	[[ $(status_of Uid) == 0 && $(status_of Seccomp) == 0 ]]
}
