#!/usr/bin/env bats
# vrrp-dump on interfaces: what it sees of real electors and of keepalived,
# what --check finds of a switch, a death, a split and a heal, what it may do.

load ../lab/helpers

DUMP=$B/vrrp-dump
ELECT=$TOOLS/vrrp-elect
export TZ=UTC

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
setup() { lab_setup; }
teardown() { lab_teardown; }

# dump_start NODE ARGS...: in the background as AS (default dump).
dump_start() {
	background "${AS:-dump}" ip netns exec "$LAB-$1" "$DUMP" "${@:2}"
	wait_for 5 grep -q 'listening on' "$T/${AS:-dump}.err" || {
		cat "$T/${AS:-dump}.err" >&2
		return 1
	}
}

# dumped REGEX: a line so far.
dumped() {
	grep -E -- "$1" "$T/${AS:-dump}.out"
}

# dump_stop SIGNAL CODE
dump_stop() {
	local name=${AS:-dump} pid code=0

	pid=$(<"$T/$name.pid")
	kill "-$1" "$pid"
	wait_for 5 gone "$pid"
	wait "$pid" || code=$?
	rm "$T/$name.pid"
	((code == $2)) || {
		echo "dump: exit $code, not $2: $(<"$T/$name.err")" >&2
		return 1
	}
}

V3=3133640200640000c0000201c0000202
V2=2133640101010000c00002010000000000000000

@test "live: v2 and v3, both families, and what tcpdump saw" {
	dump_start cl -i eth0 -l -n
	background t ip netns exec "$LAB-cl" tcpdump -l -nn -i eth0 \
		--immediate-mode 'ip proto 112 or ip6 proto 112'
	wait_for 5 grep -q 'listening on' "$T/t.err"
	spit a --fix $V2
	spit a --fix $V3
	spit a --fix -s fe80::77:ff:fe00:1 \
		3133640100640000fe800000000000000000000000000001
	wait_for 5 dumped 'fe80::77:ff:fe00:1 > ff02::12: VRRPv3'
	wait_for 5 grep -q 'ff02::12' "$T/t.out"
	dump_stop TERM 0
	end t
	diff <(sed 's/\(, length [0-9]*\).*/\1/; s/^[^ ]* //' "$T/dump.out") \
		<(sed '/./!d; s/^[^ ]* //' "$T/t.out")
	grep -q '3 packets, 0 of them wrong; 0 dropped' "$T/dump.err"
}

@test "live: any, with names; direction; tags that the kernel took off" {
	dump_start cl -l
	AS=in dump_start cl -i eth0 -l -Q in
	AS=out dump_start cl -i eth0 -l -Q out
	AS=e dump_start cl -i eth0 -l -e
	spit a $V3
	spit cl $V3
	# the same frame in VLAN 7, and in 9 behind 7
	tagged 81000007 81000007
	tagged 88a80007 81000009
	wait_for 5 dumped '^[^ ]+ eth0  Out IP 10.77.0.100 > '
	dumped '^[^ ]+ eth0  M   IP 10.77.0.1 > '
	AS=e wait_for 5 dumped 'vlan 7, p 0, vlan 9, p 0, '
	AS=e dumped 'vlan 7, p 0, length'
	AS=in wait_for 5 dumped '10.77.0.1 >'
	AS=out wait_for 5 dumped '10.77.0.100 >'
	refute grep -q '10.77.0.100 >' "$T/in.out"
	refute grep -q '10.77.0.1 >' "$T/out.out"
}

# tagged TAG TAG: from node a, the V3 message behind one tag or two.
tagged() {
	local frame

	frame=01005e000012027700000001$1
	[[ $1 == "$2" ]] || frame+=$2
	frame+=080045c0002400010000ff700578
	frame+=0a4d0001e0000012
	# shellcheck disable=SC2016 # of perl
	in_node a perl -e 'socket(my $s, 17, 3, 0) or die;
		open my $f, "<", "/sys/class/net/eth0/ifindex" or die;
		send($s, pack("H*", $ARGV[0]), 0, pack("Sni SCC x8", 17, 0x800,
			<$f>, 1, 0, 6)) or die' "$frame$V3"
}

@test "after opening: nobody, no capability, no file, seccomp" {
	local pid
	dump_start cl -i eth0 -l -w "$T/w.pcap" --print
	pid=$(<"$T/dump.pid")
	status() { awk -v k="$1:" '$1 == k { print $2 }' "/proc/$pid/status"; }
	for set in CapInh CapPrm CapEff CapAmb CapBnd; do
		[[ $(status $set) == 0000000000000000 ]]
	done
	[[ $(status Uid) == "$(id -u nobody)" ]]
	[[ $(status NoNewPrivs) == 1 ]]
	[[ -n ${SANITIZED-} || $(status Seccomp) == 2 ]]
	spit a $V3
	wait_for 5 dumped '10.77.0.1 >'
	kill -USR1 "$pid"
	wait_for 5 grep -q '^vrrp-dump: 1 packets' "$T/dump.err"
	dump_stop INT 0
	[[ $("$DUMP" -r "$T/w.pcap" | wc -l) == 1 ]]
	[[ $(stat -c %U "$T/w.pcap") == root ]]
}

@test "a reader that is stuck: TERM ends us all the same" {
	local pid
	mkfifo "$T/fifo"
	background dump sh -c "exec ip netns exec $LAB-cl '$DUMP' -i eth0 -l \
		>'$T/fifo'"
	exec 9<"$T/fifo"
	wait_for 5 grep -q 'listening on' "$T/dump.err"
	pid=$(<"$T/dump.pid")
	spit a -r 5000 -n 2000 $V3
	# FIONREAD: the pipe is full
	wait_for 5 eval '(($(perl -e "my \$n = pack q(i), 0;
		ioctl(STDIN, 0x541b, \$n); print unpack q(i), \$n" <&9) > 60000))'
	wait_for 9 eval 'kill -TERM "$pid" 2>/dev/null; gone "$pid"'
	exec 9<&-
	grep -q 'stdout: ' "$T/dump.err"
}

@test "it opens nothing once packets come" {
	[[ -z ${SANITIZED-} ]] || return 0 # it opens more
	background dump strace -f -o "$T/trace" ip netns exec "$LAB-cl" \
		"$DUMP" -i eth0 -l --check --print --garp --summary \
		--timeline "$T/t.svg"
	wait_for 10 grep -q 'listening on' "$T/dump.err"
	spit a -n 3 $V3
	wait_for 10 dumped '10.77.0.1 >'
	kill -TERM "$(pgrep -P "$(<"$T/dump.pid")" | head -n 1)"
	wait_for 10 gone "$(<"$T/dump.pid")"
	sed '1,/listening on/d' "$T/trace" >"$T/after"
	grep -q write "$T/after"
	refute grep -E 'open|socket\(|execve|connect|SIGSYS' "$T/after"
}

@test "-C and -W: a ring of files, opened before" {
	dump_start cl -i eth0 -U -C 1 -W 3 -w "$T/ring"
	[[ $(cd "$T" && echo ring?) == 'ring0 ring1 ring2' ]]
	# frames of 1.4 kB: a million bytes are about 700
	spit a -r 2000 -n 2500 "$(printf '%s%02700d' 313364ff0064 0)"
	wait_for 20 eval '(($(stat -c %s "$T/ring2") >= 1000000))'
	dump_stop TERM 0
	# the first was begun anew
	(($(stat -c %s "$T/ring0") < 900000))
	for i in 0 1 2; do
		(($(stat -c %s "$T/ring$i") <= 1010000))
		"$DUMP" -r "$T/ring$i" >/dev/null
	done
}

@test "the system says no: which, one line, 111" {
	run in_node cl "$DUMP" -i eth9
	((status == 111 && ${#lines[@]} == 1))
	[[ $output == 'vrrp-dump: eth9: No such device exists' ]]
	run in_node cl setpriv --reuid 65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all "$DUMP" -i eth0
	((status == 111 && ${#lines[@]} == 1))
	[[ $output == *'needs CAP_NET_RAW'* ]]
	run in_node cl "$DUMP" -i eth0 -w /nonexistent/x
	((status == 111 && ${#lines[@]} == 1))
	run in_node cl "$DUMP" -i eth0 --timeline /nonexistent/x
	((status == 111 && ${#lines[@]} == 1))
	run in_node cl "$DUMP" -i eth0 -Z no-such-user
	((status == 100))
	[[ $output == *no-such-user* ]]
	run in_node cl "$DUMP" -D
	[[ $output == *eth0* ]]
}

# ---- --check

A=2s

# elector NODE VRID PRIO: as NODE-VRID.
elector() {
	background "$1-$2" ip netns exec "$LAB-$1" "$ELECT" -i eth0 -r "$2" \
		-p "$3" -t $A "10.77.0.$((200 + $2))/24"
}

# latest VRID NUMBER: was the latest advert node NUMBER's?
latest() {
	[[ $(AS=lines dumped "vrid $1, prio [1-9]" | tail -n 1) == \
		*"10.77.0.$2 >"* ]]
}

# split: nodes a and b do not hear each other, the client hears both.
split() {
	ip netns exec "$LAB-sw" nft -f - <<-'NFT'
	table bridge split {
		chain f {
			type filter hook forward priority 0
			iifname "p-a" oifname "p-b" drop
			iifname "p-b" oifname "p-a" drop
		}
	}
	NFT
}

heal() {
	ip netns exec "$LAB-sw" nft delete table bridge split
}

# findings: word, subject, finding, who.
findings() {
	sed -E 's/ since=.* (who=[^ ]*).*/ \1/; s/ since=.*//' \
		"$T/dump.out" | sort
}

expected() {
	sort <<-EOF
	BEGIN vrrp.2@eth0 finding=adverts-missing who=10.77.0.1
	END vrrp.2@eth0 finding=adverts-missing who=10.77.0.1
	BEGIN vrrp.3@eth0 finding=no-yield who=10.77.0.2
	BEGIN vrrp.3@eth0 finding=two-masters who=10.77.0.1
	END vrrp.3@eth0 finding=no-yield who=10.77.0.2
	END vrrp.3@eth0 finding=two-masters who=10.77.0.1
	EOF
}

@test "--check: a planned switch, a death, a split, a heal: these findings" {
	local vrid
	AS=lines dump_start cl -i eth0 -l
	dump_start cl -i eth0 --check
	for vrid in 1 2 3; do
		elector a $vrid 200
		elector b $vrid 150
	done
	keepalived_start a "$(keepalived_conf vrid=4 interval=2 priority=200 \
		version=2 auth=secret vips=10.77.0.204/24)"
	keepalived_start b "$(keepalived_conf vrid=4 interval=2 priority=150 \
		version=2 auth=secret vips=10.77.0.204/24)"
	for vrid in 1 2 3 4; do
		wait_for 20 latest $vrid 1
	done
	# a planned switch of 1 and 4, a death of 2
	kill -TERM "$(<"$T/a-1.pid")"
	kill -KILL "$(<"$T/a-2.pid")"
	keepalived_stop a
	for vrid in 1 2 4; do
		wait_for 20 latest $vrid 2
	done
	# a split, which 3 alone feels, and a heal
	split
	wait_for 30 dumped 'BEGIN vrrp.3@eth0 finding=no-yield'
	heal
	wait_for 20 dumped 'END vrrp.3@eth0 finding=two-masters'
	latest 3 1
	dump_stop TERM 1
	diff <(expected) <(findings)
}
