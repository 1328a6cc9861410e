#!/usr/bin/env bats
# Packets that are refused change no timer and no state: three seconds of
# each kind, 1000 a second, at the Master (node a) and the Backup (node b) at
# once, from node c.  Each packet that were taken would do harm: priority 255
# would end the Master's reign, priority 0 call in the Backup.
#
# Not sent: bad-ip-header, which the kernel drops before a raw socket sees it
# (the unit tests have it).

load elect

RATE=1000 COUNT=${COUNT:-3000} # 3 s

# attack VERSION REASON SPIT-OPTION... -- BODY...: `{}` in a BODY is replaced
# by 255 and by 0, in hex.
attack() {
	local v=$1 reason=$2 body opts=() hex=()

	shift 2
	while [[ $1 != -- ]]; do
		opts+=("$1")
		shift
	done
	shift
	for body in "$@"; do
		hex+=("${body//\{\}/ff}" "${body//\{\}/00}")
	done
	echo "$v $reason $(spit c -r $RATE -n $COUNT "${opts[@]}" \
		"${hex[@]}")" >>"$T/attacks"
}

# steady ADDR VRID NAME...: these kept their state, and what ADDR of node a
# sent its time: on a grid of 1 s, none early, none later than a tenth.
steady() {
	local name want

	for name in "${@:3}"; do
		want=BACKUP
		[[ $name != a* ]] || want=${STATES:-BACKUP MASTER}
		[ "$(words "$name")" = "$want" ] || return 1
	done
	wire "vrrp $1 .* vrid=$2 .* mac=02:77:00:00:00:01" | awk '
		NR == 1 { t0 = $1 }
		{ late = $1 - t0 - (NR - 1); if (late > worst) worst = late }
		late > 0.1 || late < -0.02 { print "advert", NR, "late", late
			bad = 1 }
		END { print NR, "adverts, the worst", worst * 1000, "ms late"
			exit bad || NR < 3 }'
}

# reports NAME REASON...: exactly these, one line each; nothing else.
reports() {
	local name=$1

	shift
	if (($# == 0)); then
		[ ! -s "$T/$name.err" ]
		return
	fi
	diff <(printf '%s\n' "$@" | sort) \
		<(sed -n 's/^vrrp-elect: [^ ]*: [^ ]*: \([a-z-]*\) (said.*/\1/p' \
			"$T/$name.err" | sort) || return 1
	[ "$(wc -l <"$T/$name.err")" = $# ]
}

# Control: the same packet without a fault does its harm.
harms() {
	spit c -n 1 "$@"
	wait_for 2 is a BACKUP
}

# The address lists of these bodies are right: 0a4d00fe, fe80::fe.
A4=0a4d00fe
A6=fe8000000000000000000000000000fe
ZEROES=$(printf %064d 0)

# at_once FUNCTION...
at_once() {
	local f pids=()

	for f in "$@"; do
		"$f" 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
}

# Neither is a fault: not a word of them (so they come from somebody else, of
# whom anything would be news).
attack_others() {
	attack 3 carp --fix -s 10.77.0.77 -- "2133{}07$ZEROES"
	attack 3 other-vrid --fix -s 10.77.0.78 -- "3134{}0100640000$A4"
}

attack_v3() {
	attack 3 truncated -- "3133{}" "3133{}01006400" 3133
	attack 3 bad-ttl --fix -t 254 -- "3133{}0100640000$A4"
	attack 3 bad-version --fix -- "4133{}0100640000$A4" \
		"2133{}0100010000${A4}0000000000000000"
	attack 3 bad-type --fix -- "3233{}0100640000$A4" "3033{}0100640000$A4"
	attack 3 no-addresses --fix -- "3133{}0000640000"
	attack 3 bad-length --fix -- "3133{}0200640000$A4" \
		"3133{}0100640000${A4}00" "3133{}01006400000a4d00"
	attack 3 bad-checksum -- "3133{}010064ffff$A4" "3133{}0100640000$A4"
	attack 3 bad-destination --fix -d 10.77.0.255 -m ff:ff:ff:ff:ff:ff -- \
		"3133{}0100640000$A4"
	attack 3 interval-zero --fix -- "3133{}0100000000$A4"
	# each hears its own address from elsewhere
	COUNT=1500 RATE=500 attack 3 duplicate-source --fix -s 10.77.0.1 -- \
		"3133{}0100640000$A4"
}

attack_v6() {
	local low=${A6//00fe/00fd}

	attack 6 truncated -d ff02::12 -- "3133{}" "3133{}01006400"
	attack 6 bad-ttl --fix -d ff02::12 -t 64 -- "3133{}0100640000$A6"
	attack 6 bad-length --fix -d ff02::12 -- "3133{}0100640000$A4" \
		"3133{}0200640000$A6"
	attack 6 bad-checksum -d ff02::12 -- "3133{}0100640000$low"
	attack 6 bad-destination --fix -d ff02::1 -- "3133{}0100640000$A6"
	attack 6 interval-zero --fix -d ff02::12 -- "3133{}0100000000$A6"
}

# The peers of a unicast pair are in the kernel's filter: others are not
# heard, and nothing is said of them.
attack_uni() {
	attack u not-a-peer --fix -d 10.77.0.1 -m 02:77:00:00:00:01 -- \
		"3136{}0100640000$A4"
	attack u not-a-peer --fix -d 10.77.0.2 -m 02:77:00:00:00:02 -- \
		"3136{}0100640000$A4"
	attack u bad-destination --fix -s 10.77.0.1 -- "3136{}0100640000$A4"
}

@test "version 3, IPv4, IPv6 and unicast" {
	local n

	for n in a b; do
		in_node $n sysctl -qw net.ipv4.conf.all.accept_local=1 \
			net.ipv4.conf.eth0.accept_local=1
	done
	AS=wa wire_start a
	elector a -p 254
	AS=a6 ADDRS=fe80::fe elector a -p 254
	AS=au elector a -p 254 -r 54 --peer 10.77.0.2
	wait_for 4 is a MASTER
	wait_for 1 is a6 MASTER
	wait_for 1 is au MASTER
	elector b -p 100
	AS=b6 ADDRS=fe80::fe elector b -p 100
	AS=bu elector b -p 100 -r 54 --peer 10.77.0.1
	at_once attack_v3 attack_v6 attack_uni \
		attack_others
	cat "$T/attacks"
	[ "$(grep -c '"failed":0,' "$T/attacks")" = 21 ]
	sleep 0.1
	AS=wa steady 10.77.0.1 51 a b
	AS=wa steady fe80::77:ff:fe00:1 51 a6 b6
	AS=wa steady 10.77.0.1 54 au bu
	reports a truncated bad-ttl bad-version bad-type no-addresses \
		bad-length bad-checksum bad-destination interval-zero \
		duplicate-source
	reports b truncated bad-ttl bad-version bad-type no-addresses \
		bad-length bad-checksum bad-destination interval-zero
	reports a6 truncated bad-ttl bad-length bad-checksum \
		bad-destination interval-zero
	reports b6 truncated bad-ttl bad-length bad-checksum \
		bad-destination interval-zero
	reports au
	reports bu
	harms --fix "3133ff0100640000$A4"
}

S=7365637265740000 # "secret"

attack_v2() {
	attack 2 carp --fix -s 10.77.0.77 -- \
		"2133{}07$ZEROES"
	attack 2 bad-version --fix -- "3133{}0100640000$A4"
	attack 2 bad-length --fix -- "2133{}0101010000$A4" \
		"2133{}0201010000$A4$S" "2133{}0101010000$A4${S}00"
	attack 2 bad-checksum -- "2133{}0101010000$A4$S"
	attack 2 auth-type-mismatch --fix -- "2133{}0100010000$A4$S" \
		"2133{}0102010000$A4$S"
	attack 2 wrong-password --fix -- "2133{}0101010000${A4}7365637265740001" \
		"2133{}0101010000${A4}0000000000000000"
	attack 2 interval-mismatch --fix -- "2133{}0101020000$A4$S" \
		"2133{}0101000000$A4$S"
	# seen by the owner as what it is, by the Backup as a good advert
	attack 2 we-are-the-owner --fix -- 2134ff01000100000a4d00fd0000000000000000
}

# Two addresses of version 3 that are both somebody's own.
attack_own() {
	attack 3 duplicate-source --fix -d ff02::12 \
		-s fe80::77:ff:fe00:2 -- "3133{}0100640000$A6"
	attack 3 duplicate-source --fix -s 10.77.0.2 -- "3137{}0100640000$A4"
}

@test "version 2 with a password, an owner, and a Backup's own address" {
	local n

	echo secret >"$T/auth"
	for n in a b; do
		in_node $n sysctl -qw net.ipv4.conf.all.accept_local=1
	done
	AS=wa wire_start a
	elector a -p 254 --vrrp 2 --auth "pass:$T/auth"
	AS=a2 ADDRS=10.77.0.253 elector a -r 52 -p 255 --vrrp 2
	AS=a6 ADDRS=fe80::fe elector a -p 254
	elector b -p 100 --vrrp 2 --auth "pass:$T/auth"
	AS=b6 ADDRS=fe80::fe elector b -p 100
	wait_for 4 is a MASTER
	wait_for 1 is a6 MASTER
	at_once attack_v2 attack_own
	cat "$T/attacks"
	[ "$(grep -c '"failed":0,' "$T/attacks")" = 10 ]
	sleep 0.1
	AS=wa steady 10.77.0.1 51 a b
	STATES=MASTER AS=wa steady 10.77.0.1 52 a2
	reports a bad-version bad-length bad-checksum auth-type-mismatch \
		wrong-password interval-mismatch
	reports b bad-version bad-length bad-checksum auth-type-mismatch \
		wrong-password interval-mismatch
	reports a2 we-are-the-owner
	reports b6 duplicate-source
	harms --fix "2133ff0101010000$A4$S"
}
