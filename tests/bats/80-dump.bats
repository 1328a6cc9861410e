#!/usr/bin/env bats
# vrrp-dump on files: golden pairs, tshark's opinion of the same packets,
# tcpdump's options.

load ../lab/helpers

DUMP=$B/vrrp-dump
GEN=$LAB_BIN/lab-gen
GOLDEN=$ROOT/tests/golden
export TZ=UTC

setup() { cd "$T" || return 1; }

dump() {
	"$DUMP" "$@"
}

@test "golden pairs: text and JSON of every capture, byte for byte" {
	mkdir made
	"$GOLDEN/make" "$T/made"
	diff -r -x make -x keepalived -x '*.check' "$GOLDEN" made
	(($(find made -name '*.pcap' | wc -l) >= 20))
	(($(grep -c 'WRONG\|truncated' made/malformed.txt) == \
		$(wc -l <made/malformed.txt)))
	(($(wc -l <made/malformed.txt) >= 80))
}

@test "golden JSON: one object a line, faults named as in the page" {
	local f
	for f in "$GOLDEN"/*.json; do
		jq -es 'all(type == "object" and has("time") and has("epoch"))' \
			"$f" >/dev/null
	done
	jq -r '(.faults + .notes)[].name' "$GOLDEN"/*.json | sort -u >names
	(($(wc -l <names) >= 33))
	while read -r name; do
		grep -q -- "Li $name\$\|It $name\$\|^$name\$" \
			"$ROOT/man/vrrp-dump.8" || echo "not in the page: $name"
	done <names >missing
	[[ ! -s missing ]] || { cat missing; false; }
}

# ours FILE: of packets without a fault, a line of fields each.
ours() {
	dump --json --show-auth -r "$1" | jq -r '
		select(.kind == "vrrp" and .faults == [] and
			(.truncated | not) and .hmac == null and
			.auth != "md5") |
		[.epoch, .src, .dst, .ttl, .version, .type, .vrid, .priority, .count,
		.checksum, (if .version == 2 then .interval_cs / 100
			else .interval_cs end),
		(if .version == 2 then .auth_type else "" end),
		(.addresses | join(",")), (.password // ""),
		(.vlans // [] | map(tostring) | join(",")),
		(.ah.seq // "")] | map(tostring) | join("|")'
}

# tsharks FILE: the same of tshark's JSON, of all packets of FILE.
tsharks() {
	local f fields=()

	for f in frame.time_epoch ip.src ipv6.src ip.dst ipv6.dst ip.ttl ipv6.hlim vrrp.version \
		vrrp.type vrrp.virt_rtr_id vrrp.prio vrrp.addr_count \
		vrrp.checksum vrrp.adver_int vrrp.short_adver_int \
		vrrp.auth_type vrrp.ip_addr vrrp.ipv6_addr vrrp.auth_string \
		ieee8021ad.id vlan.id ah.sequence; do
		fields+=(-e "$f")
	done
	tshark -r "$1" -T json "${fields[@]}" 2>/dev/null | jq -r '
		.[]._source.layers |
		def one(a): (.[a] // [])[0] // "";
		def all(a): (.[a] // []) | join(",");
		[(one("frame.time_epoch") | tonumber),
		one("ip.src") + one("ipv6.src"),
		one("ip.dst") + one("ipv6.dst"),
		one("ip.ttl") + one("ipv6.hlim"),
		one("vrrp.version"), one("vrrp.type"),
		one("vrrp.virt_rtr_id"), one("vrrp.prio"),
		one("vrrp.addr_count"), one("vrrp.checksum"),
		one("vrrp.adver_int") + one("vrrp.short_adver_int"),
		one("vrrp.auth_type"),
		all("vrrp.ip_addr") + all("vrrp.ipv6_addr"),
		one("vrrp.auth_string"),
		((.["ieee8021ad.id"] // []) + (.["vlan.id"] // []) | join(",")),
		one("ah.sequence")] | map(tostring) | join("|")'
}

# bundle: the golden captures, those of one link type in one file (tshark takes
# long to start), but for two whose packets have the same times.
bundle() {
	local f type

	for f in "$GOLDEN"/*.pcap; do
		type=$(od -An -tu4 -j20 -N4 "$f")
		case ${f##*/} in
		kinds* | malformed*) cp "$f" . ;;
		*)
			type=all${type// /}.pcap
			[[ -e $type ]] || head -c 24 "$f" >"$type"
			tail -c +25 "$f" >>"$type"
			;;
		esac
	done
}

@test "tshark sees the same fields in every valid golden packet" {
	local f n=0
	bundle
	for f in ./*.pcap; do
		ours "$f" >o
		[[ -s o ]] || continue
		tsharks "$f" >t
		# every line of ours is one of theirs, in the same order
		diff <(grep -Fxf o t) o || { echo "$f"; false; }
		n=$((n + $(wc -l <o)))
	done
	((n >= 80))
}

@test "tshark sees the same fields in 10,000 generated packets" {
	"$GEN" valid 10000 "${SEED:-$RANDOM}" >many.pcap
	ours many.pcap >o
	tsharks many.pcap >t
	(($(wc -l <t) == 10000))
	diff o t >d || { head -n 20 d; false; }
}

@test "tshark and we agree on the checksum of every golden packet" {
	local f plain
	bundle
	for f in kinds malformed all1; do
		f=$f.pcap
		for plain in FALSE TRUE; do
			tshark -r "$f" -T json -o ip.check_checksum:TRUE \
				-o "vrrp.v3_checksum_as_in_v2:$plain" \
				-e frame.time_epoch -e vrrp.checksum.status \
				2>/dev/null | jq -r '.[]._source.layers |
				select(.["vrrp.checksum.status"] == ["1"]) |
				.["frame.time_epoch"][0] | tonumber'
		done | sort -u >good
		dump --json -r "$f" | jq -r 'select(.checksum_ok and
			.hmac == null and ([.faults[].name] |
			any(test("^bad-ip-version|^fragment")) | not)) |
			.epoch' | sort -u >ours
		diff <(grep -Fxf ours good) ours
	done
}

@test "-w: the same packets come out again; - is stdin and stdout" {
	dump -r "$GOLDEN/kinds.pcap" -w k.pcap
	cmp k.pcap "$GOLDEN/kinds.pcap"
	dump -r - -w - <"$GOLDEN/vlan.pcap" | cmp - "$GOLDEN/vlan.pcap"
	run dump -r "$GOLDEN/kinds.pcap" -w k.pcap
	[[ -z $output ]]
	run dump -r "$GOLDEN/kinds.pcap" -w k.pcap --print
	((${#lines[@]} == 30))
	# nanoseconds stay
	dump --nano -r "$GOLDEN/vlan.pcap" -w n.pcap
	[[ $(od -An -tx4 -N4 n.pcap) == ' a1b23c4d' ]]
	dump -r n.pcap | cmp - <(dump -r "$GOLDEN/vlan.pcap")
}

@test "-c, -q, -e, -t to -ttttt, --nano, -x, -X as tcpdump has them" {
	local k=$GOLDEN/kinds.pcap
	[[ $(dump -c 3 -r "$k" | wc -l) == 3 ]]
	[[ $(dump -t -q -c 1 -r "$k") == 'IP 10.77.0.1 > 224.0.0.18: '* ]]
	[[ $(dump -c 1 -r "$k") == '00:00:00.000000 IP '* ]]
	[[ $(TZ=UTC-2 dump -c 1 -r "$k") == '02:00:00.000000 IP '* ]]
	[[ $(dump -tt -c 1 -r "$k") == '1767225600.000000 IP '* ]]
	[[ $(dump -ttt -c 3 -r "$k" | tail -n 1) == '00:00:01.000000 IP '* ]]
	[[ $(dump -tttt -c 1 -r "$k") == '2026-01-01 00:00:00.000000 IP '* ]]
	[[ $(dump -ttttt -c 3 -r "$k" | tail -n 1) == '00:00:02.000000 IP '* ]]
	[[ $(dump --nano -c 1 -r "$k") == '00:00:00.000000000 IP '* ]]
	[[ $(dump -t -e -c 1 -r "$k") == '02:77:00:00:00:01 > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 58: IP '* ]]
	# the hex is tcpdump's
	for opt in -x -xx -X -XX; do
		diff <(dump "$opt" -r "$k" | grep '^	') \
			<(tcpdump -nn "$opt" -r "$k" 2>/dev/null |
				grep '^	0x' | sed 's/ *$//')
	done
}

@test "the head of a line is tcpdump's" {
	# from the time to the length; tcpdump says nothing of 0 and 255
	local f
	for f in v2none v2pass v3v4 v3v6; do
		dump -n -r "$GOLDEN/keepalived-$f.pcap" |
			sed 's/ (resigns)//; s/\(, length [0-9]*\).*/\1/' >o
		tcpdump -nn -r "$GOLDEN/keepalived-$f.pcap" \
			'ip proto 112 or ip6 proto 112' 2>/dev/null >t
		diff o t
		[[ -s o ]]
	done
}

@test "passwords are hidden unless asked for" {
	local f=$GOLDEN/keepalived-v2pass.pcap
	refute grep -q abcdefgh <(dump -r "$f"; dump --json -r "$f")
	dump --show-auth -r "$f" | grep -q 'auth "abcdefgh"'
	dump --show-auth --json -r "$f" | grep -q '"password":"abcdefgh"'
	refute grep -q a0a1a2 <(dump -r "$GOLDEN/kinds.pcap")
}

@test "an expression is ANDed with ours; it reaches behind tags; -F" {
	local k=$GOLDEN/kinds.pcap
	[[ $(dump -r "$k" ip6 | wc -l) == 9 ]]
	[[ $(dump -r "$k" dst host 10.77.0.2 | wc -l) == 1 ]]
	[[ $(dump -r "$GOLDEN/vlan.pcap" ip6 | wc -l) == 2 ]]
	[[ $(dump -r "$GOLDEN/qinq.pcap" host 10.77.0.1 | wc -l) == 5 ]]
	[[ $(dump -r "$GOLDEN/vlan.pcap" vlan 100 | wc -l) == 7 ]]
	[[ $(dump -r "$GOLDEN/vlan.pcap" vlan 101 | wc -l) == 0 ]]
	[[ $(dump -r "$GOLDEN/sll2.pcap" ip6 | wc -l) == 2 ]]
	[[ $(dump -r "$k" tcp | wc -l) == 0 ]]
	echo ip6 >f
	[[ $(dump -F f -r "$k" | wc -l) == 9 ]]
}

@test "--garp: announcements in the same timeline" {
	run dump --garp -r "$GOLDEN/announce.pcap"
	((${#lines[@]} == 6))
	[[ ${lines[1]} == *'ARP, Announcement 10.77.0.254 is-at 02:77:00:00:00:01, length 46, of vrid 51' ]]
	[[ ${lines[5]} == *'tgt is fe80::fe, Flags [router, override], is-at 02:77:00:00:00:01'*', of vrid 51' ]]
	run dump -r "$GOLDEN/announce.pcap"
	((${#lines[@]} == 2))
}

@test "a reader that goes ends us: 111, without a word" {
	"$GEN" mixed 20000 >m.pcap
	run bash -c "{ '$DUMP' -r m.pcap; echo \$? >code; } | head -n 1"
	[[ $(<code) == 111 ]]
	((${#lines[@]} == 1))
}

@test "no allocation a packet: as many for 3,000 as for 30" {
	[[ -z ${SANITIZED-} ]] || return 0 # they do not mix
	local few opt
	allocs() {
		valgrind "$DUMP" --no-sandbox "${@:2}" -r "$1" 2>&1 >out |
			grep -o 'heap usage: [0-9,]* allocs'
	}
	"$GEN" mixed 30 >few.pcap
	"$GEN" mixed 3000 >many.pcap
	for opt in -v '--check --print --json'; do
		few=$(allocs few.pcap $opt)
		[[ $few == 'heap usage: '* ]]
		[[ $(allocs many.pcap $opt) == "$few" ]]
	done
	(($(wc -l <out) >= 3000))
}

@test "--ready-fd: a newline when all is open" {
	dump --ready-fd 7 -r "$GOLDEN/kinds.pcap" 7>ready >out
	[[ $(od -An -c ready) == '  \n' ]]
	[[ -s out ]]
	NOTIFY_SOCKET=/nonexistent dump -r "$GOLDEN/kinds.pcap" | cmp - out
}

@test "files that are broken: what could be read, then 111" {
	head -c 500 "$GOLDEN/kinds.pcap" >short.pcap
	run dump -r short.pcap
	((status == 111))
	((${#lines[@]} == 6))
	[[ ${lines[5]} == 'vrrp-dump: short.pcap: '* ]]
	echo nonsense >no.pcap
	run dump -r no.pcap
	((status == 111 && ${#lines[@]} == 1))
	: >empty.pcap
	run dump -r empty.pcap
	((status == 111 && ${#lines[@]} == 1))
	run dump -r /nonexistent
	((status == 111 && ${#lines[@]} == 1))
	# another link type
	{ head -c 20 "$GOLDEN/kinds.pcap"; printf '\x69\0\0\0'; } >wifi.pcap
	run dump -r wifi.pcap
	((status == 111))
	[[ $output == *'link type IEEE802_11 is not known here' ]]
}

@test "misuse: one line on stderr, exit 100" {
	local bad n=0 code
	while read -r bad; do
		code=0
		eval "'$DUMP' $bad" >out 2>err </dev/null || code=$?
		if ((code != 100)) || [[ -s out || $(wc -l <err) != 1 ]]; then
			echo "$bad: exit $code: $(<err)"
			return 1
		fi
		n=$((n + 1))
	done <<-EOF
		--nonsense
		-k
		-c
		-c 0 -r x
		-c -1 -r x
		-c 1x -r x
		-s 262145
		-Q up
		-r x -i lo
		-r x -Q in
		-tttttt
		-C 1 -w x
		-W 2 -w x
		-C 1 -W 2
		-C 1 -W 2 -w -
		-C 1 -W 513 -w x
		-w - --print
		-w - --check
		--top --json
		--top --check
		--every 1s
		--every 1ms --top
		-r $GOLDEN/kinds.pcap 'not an expression'
		-r $GOLDEN/kinds.pcap 'host'
		-r $GOLDEN/kinds.pcap -F /dev/null -F $GOLDEN/kinds.pcap
		--print -x --json
	EOF
	((n >= 24))
}

@test "--help and --version on stdout" {
	run bash -c "'$DUMP' --help 2>/dev/null"
	((status == 0))
	[[ $output == usage:* ]]
	run "$DUMP" -V
	[[ $output =~ ^vrrp-dump\ [0-9.]+$ ]]
}
