#!/usr/bin/env bats
# vrrp-elect: lines, timers, priorities, versions, families, signals.

load elect

FACTS="if=eth0 vrid=51 family=inet priority=100 addrs=$VIP/24"

# ---- lines ----------------------------------------------------------------

@test "the line of each state, word for word" {
	elector a -t 100ms
	wait_for 2 is a MASTER
	send a TERM
	ends a 0
	diff - "$T/a.out" <<-LINES
	BACKUP vrrp.51@eth0 $FACTS was=INIT why=start epoch=0 version=3 interval=100ms
	MASTER vrrp.51@eth0 $FACTS was=BACKUP why=timeout epoch=1 version=3 interval=100ms
	INIT vrrp.51@eth0 $FACTS was=MASTER why=stop epoch=1 version=3 interval=100ms
	LINES
	[ ! -s "$T/a.err" ]
}

@test "the line of FAULT, of a Backup that follows, and --name" {
	raw_elector a -i none0 -r 7 -p 9 "$VIP" 10.77.0.253/32
	wait_for 2 is a FAULT
	[ "$(last a)" = "FAULT vrrp.7@none0 if=none0 vrid=7 family=inet \
priority=9 addrs=$VIP,10.77.0.253/32 was=INIT why=no-interface epoch=0 \
version=3 interval=1s" ]
	end a
	elector b -p 255 -t 100ms --name web.front
	said b '^MASTER web.front if=eth0 .* was=INIT why=owner epoch=1 '
	elector a -t 100ms
	wait_for 2 is a BACKUP
	sleep 0.15
	send a USR1
	wait_for 2 has a master 10.77.0.2
	is a BACKUP
}

@test "--json: the same facts, one object a line" {
	local n

	elector a -t 100ms --json --heartbeat 50ms
	wait_for 2 said a MASTER
	send a TERM
	ends a 0
	n=$(lines a)
	[ "$(jq -s length "$T/a.out")" = "$n" ]
	diff - <(jq -c . "$T/a.out" | uniq) <<-'LINES'
	{"state":"BACKUP","subject":"vrrp.51@eth0","if":"eth0","vrid":51,"family":"inet","priority":100,"addrs":"10.77.0.254/24","was":"INIT","why":"start","epoch":0,"version":3,"interval":"100ms"}
	{"state":"MASTER","subject":"vrrp.51@eth0","if":"eth0","vrid":51,"family":"inet","priority":100,"addrs":"10.77.0.254/24","was":"BACKUP","why":"timeout","epoch":1,"version":3,"interval":"100ms"}
	{"state":"INIT","subject":"vrrp.51@eth0","if":"eth0","vrid":51,"family":"inet","priority":100,"addrs":"10.77.0.254/24","was":"MASTER","why":"stop","epoch":1,"version":3,"interval":"100ms"}
	LINES
}

# ---- timers ---------------------------------------------------------------

@test "a start listens for 3A + skew before it is Master" {
	local t0 t1

	wire_start
	t0=$(now)
	elector a -t 100ms -p 100
	t1=$(now)
	wait_for 2 adverts a
	within "$(ms "$t0" "$(first_advert a)")" "$(down_ms 100 100)" 5000
	in_time "$(ms "$t1" "$(first_advert a)")" 0 \
		"$(calc "$(down_ms 100 100) + 50")"
	[ "$(words a)" = "BACKUP MASTER" ]
	sleep 0.5
	wire_stop
	# and from then on the interval
	adverts a | awk '{ if (NR > 1 && ($1 - t > 0.13 || $1 - t < 0.07)) {
		print "gap", $1 - t; exit 1 } t = $1 }'
}

# poll(2) may oversleep by a thousandth of the wait, and by the timer slack.
@test "before each advert one wait, for a timer that is exact" {
	local pid

	elector a -p 255
	pid=$(<"$T/a.pid")
	timeout -s INT 3.5 strace -e trace=ppoll,sendmsg,timerfd_settime \
		-o "$T/trace" -p "$pid" || [ $? = 124 ]
	awk '/^timerfd_settime/ { set++ }
		/^ppoll/ && !/, {tv_sec=0, tv_nsec=0}, NULL/ { waits++ }
		/^sendmsg/ { if (n++ && (set != 1 || waits != 1)) bad = 1
			set = waits = 0 }
		END { exit bad || n < 3 }' "$T/trace"
	[ "$(<"/proc/$pid/timerslack_ns")" = 1 ]
}

# Where the machine is late itself there is no rest to wait for: one of five will
# do.
@test "who waits to take over wakes a moment before, and waits for the rest" {
	local n

	for n in 1 2 3 4 5; do
		timeout -s INT 1 ip netns exec "$LAB-a" strace -f -o "$T/trace.$n" \
			-e trace=ppoll,sendmsg "$ELECT" -i eth0 -r $n \
			-t 100ms $VIP/24 >"$T/out.$n" || [ $? = 124 ]
	done
	awk 'FNR == 1 { rest = 0 }
		/sendmsg/ && !seen[FILENAME]++ && rest { found = 1 }
		/ppoll/ { split($0, part, "tv_nsec=")
			rest = /tv_sec=0/ && part[2] + 0 > 0 &&
				part[2] + 0 <= 300000 && /Timeout/ }
		END { exit !found }' "$T"/trace.*
}

@test "a Backup that hears its Master sets no timer anew each time" {
	elector a -p 200 -t 100ms
	elector b -p 100 -t 100ms
	sleep 1
	timeout -s INT 3 strace -e trace=recvmsg,timerfd_settime \
		-o "$T/trace" -p "$(<"$T/b.pid")" || [ $? = 124 ]
	awk '/^timerfd_settime/ { set++ }
		/^recvmsg.* = [1-9]/ { heard++ }
		END { print heard, set
			exit heard < 25 || set < 1 || set > heard / 2 }' "$T/trace"
}

@test "the Backup waits 3M + skew, M being the Master's interval" {
	local v p t

	wire_start
	for v in 1/1 2/100 3/200 4/254 5/100; do
		AS=e${v%/*} elector a -r "${v%/*}" -p "${v#*/}" -t 100ms
	done
	# one advert of priority 254 and 10 cs; VRID 5: 25 cs
	spit c -r 10000 --fix 3101fe01000a00000a4d00fe \
		3102fe01000a00000a4d00fe 3103fe01000a00000a4d00fe \
		3104fe01000a00000a4d00fe 3105fe01001900000a4d00fe
	for v in 1/1/100 2/100/100 3/200/100 4/254/100 5/100/250; do
		IFS=/ read -r v p m <<<"$v"
		wait_for 3 adverts a "$p" "$v"
		t=$(ms "$(first_advert c 254 "$v")" "$(first_advert a "$p" "$v")")
		echo "vrid $v priority $p interval $m: $t"
		in_time "$t" "$(calc "$(down_ms "$p" "$m") - 2")" \
			"$(calc "$(down_ms "$p" "$m") + 50")"
	done
	warned e5 'interval-differs'
	refute warned e1 .
}

@test "--max-interval is the ceiling on what is learned" {
	local t

	wire_start
	elector a -t 100ms --max-interval 200ms
	spit c --fix 3133fe010fff00000a4d00fe
	wait_for 2 adverts a
	t=$(ms "$(first_advert c 254)" "$(first_advert a)")
	in_time "$t" "$(calc "$(down_ms 100 200) - 2")" \
		"$(calc "$(down_ms 100 200) + 50")"
	warned a '10.77.0.3: interval-too-long'
}

@test "Master killed: the Backup within 3A + skew, at 1 s, 100 ms, 10 ms" {
	local v m t last

	wire_start
	for v in 1/10 2/100 3/1000; do
		AS=a${v%/*} elector a -r "${v%/*}" -p 255 -t "${v#*/}ms"
		AS=b${v%/*} elector b -r "${v%/*}" -p 100 -t "${v#*/}ms"
	done
	sleep 1.2
	lab kill a
	wait_for 5 adverts b 100 3
	wire_stop
	for v in 1/10 2/100 3/1000; do
		m=${v#*/} v=${v%/*}
		last=$(last_advert a 255 "$v")
		t=$(ms "$last" "$(adverts b 100 "$v" | after "$last")")
		echo "interval $m ms: $t"
		in_time "$t" "$(calc "$(down_ms 100 "$m") - 2")" \
			"$(calc "$(down_ms 100 "$m") + 50")"
	done
}

@test "--start-delay: INIT, and out of the election for so long" {
	local t0

	wire_start
	t0=$(now)
	elector a -t 100ms --start-delay 400ms
	said a '^INIT .* was=INIT why=start-delay epoch=0 '
	wait_for 2 is a MASTER
	[ "$(words a)" = "INIT BACKUP MASTER" ]
	wait_for 1 adverts a
	in_time "$(ms "$t0" "$(first_advert a)")" \
		"$(calc "400 + $(down_ms 100 100)")" \
		"$(calc "500 + $(down_ms 100 100)")"
}

# ---- who wins -------------------------------------------------------------

@test "the highest priority is Master, then the next" {
	wire_start
	elector a -p 100 -t 100ms
	elector c -p 150 -t 100ms
	elector b -p 200 -t 100ms
	wait_for 3 is b MASTER
	wait_for 1 is a BACKUP
	wait_for 1 is c BACKUP
	only_sender b 0.5
	send b KILL
	wait_for 1 is c MASTER
	is a BACKUP
	only_sender c 0.5
	[ "$(words a | tr ' ' '\n' | tail -n 1)" = BACKUP ]
}

@test "at the same priority the higher source address stays Master" {
	local t

	wire_start
	elector b -t 100ms
	wait_for 2 is b MASTER
	elector a -t 100ms
	lab cut a silent
	wait_for 2 is a MASTER
	is b MASTER
	lab heal a
	wait_for 1 is a BACKUP
	has a why better-master
	has a master 10.77.0.2
	only_sender b 0.5
	[ "$(fact b epoch)" -ge 2 ] # and tells its neighbours so
	[[ $(words b) == "BACKUP MASTER MASTER"* ]]
	warned b '10.77.0.1: two-masters'
}

@test "at the same priority a newcomer waits, whatever its address" {
	elector a -t 100ms
	wait_for 2 is a MASTER
	elector b -t 100ms
	never 0.8 is b MASTER
	is a MASTER
}

@test "preempt: the better one takes over, the loser says goodbye" {
	local t

	wire_start
	elector a -p 100 -t 100ms
	wait_for 2 is a MASTER
	elector b -p 200 -t 100ms
	wait_for 2 is b MASTER
	has b why preempt
	wait_for 1 is a BACKUP
	has a why better-master
	has a master 10.77.0.2
	has a was MASTER
	only_sender b 0.4
	t=$(first_advert b)
	[ "$(adverts a | awk -v t="$t" '$1 > t' | wc -l)" = 1 ]
	in_time "$(ms "$t" "$(last_advert a)")" 0 60
}

@test "nopreempt: a lower Master is left alone, until it dies" {
	local last

	wire_start
	elector a -p 100 -t 100ms
	wait_for 2 is a MASTER
	elector b -p 200 -t 100ms --nopreempt
	never 1 is b MASTER
	only_sender a 0.3
	send a KILL
	wait_for 1 is b MASTER
	has b why timeout
	last=$(last_advert a)
	in_time "$(ms "$last" "$(first_advert b)")" "$(down_ms 200 100)" \
		"$(calc "$(down_ms 200 100) + 50")"
}

@test "--preempt-delay counts from the first lower advert" {
	local t0 t

	wire_start
	elector a -p 100 -t 100ms
	wait_for 2 is a MASTER
	elector b -p 200 -t 100ms --preempt-delay 700ms
	t0=$(now)
	wait_for 3 is b MASTER
	has b why preempt
	wait_for 1 adverts b 200
	t=$(ms "$(adverts a | after "$t0")" "$(first_advert b 200)")
	echo "$t"
	# it follows the last advert of a that comes before the delay is over
	in_time "$t" 680 "$(calc "700 + 100 + $(down_ms 200 100) + 50")"
	within "$t" "$(calc "600 + $(down_ms 200 100) - 2")" 9999
}

@test "an owner is Master at once, and again when it returns" {
	local t0

	wire_start
	elector b -p 100 -t 100ms
	wait_for 2 is b MASTER
	t0=$(now)
	elector a -p 255 -t 100ms
	wait_for 1 adverts a 255
	[ "$(words a)" = MASTER ]
	has a why owner
	in_time "$(ms "$t0" "$(first_advert a 255)")" 0 150
	wait_for 1 is b BACKUP
	end a
	wait_for 1 is b MASTER
	has b why released
}

@test "two owners: both say so, the higher address wins" {
	elector a -p 255 -t 100ms
	elector b -p 255 -t 100ms
	wait_for 2 is a BACKUP
	warned a '10.77.0.2: two-owners'
	never 0.5 is b BACKUP
}

# ---- versions and families ------------------------------------------------

@test "version 2: 3 s + skew, its form, the password; HUP reads it anew" {
	local t0

	printf 'first\nsecond\n' >"$T/auth"
	wire_start cl -x
	AS=o raw_elector a -i eth0 -r 7 --vrrp 2 -p 255 \
		--auth "pass:$T/auth" "$VIP/24"
	t0=$(now)
	elector b --vrrp 2 -p 100
	AS=w elector b -r 7 --vrrp 2 -p 100 --auth "pass:$T/auth"
	wait_for 2 wire 'v2 vrid=7 prio=255 int=100cs len=20 .*6669727374000000$'
	refute wire '7365636f6e64'
	printf 'another-long-one' >"$T/auth"
	send o HUP
	wait_for 2 wire 'v2 vrid=7 prio=255 .*616e6f746865722d$'
	wait_for 2 warned w '10.77.0.1: wrong-password'
	warned o 'only the first 8 bytes'
	rm "$T/auth"
	send o HUP
	wait_for 2 warned o 'not read, the old password stays: '
	wait_for 5 adverts b 100
	in_time "$(ms "$t0" "$(first_advert b 100)")" \
		"$(calc "$(down_ms 100 1000 2) - 100")" \
		"$(calc "$(down_ms 100 1000 2) + 200")"
	wire 'v2 vrid=51 prio=100 int=100cs len=20 .*0000000000000000$'
	# w was deaf since the HUP
	wait_for 3 is w MASTER
	[ "$(warned w wrong-password | wc -l)" = 1 ]
	[ -z "$(said w password)$(warned w another)" ]
}

@test "versions do not mix: each is a Master for itself, and says so" {
	elector a -p 255 --vrrp 2
	elector b -p 255 -t 100ms
	wait_for 2 warned a '10.77.0.2: bad-version'
	wait_for 2 warned b '10.77.0.1: bad-version'
	is a MASTER
	is b MASTER
}

@test "IPv6: link-local address first, and global only" {
	local last

	wire_start
	ADDRS="fe80::fe fd77::fe/64" elector a -p 200 -t 100ms
	AS=g ADDRS=fd77::fd elector a -r 52 -p 200 -t 100ms
	[ "$(fact a family)" = inet6 ]
	said a '^BACKUP vrrp6.51@eth0 .* addrs=fe80::fe,fd77::fe/64 '
	wait_for 2 is a MASTER
	wait_for 2 is g MASTER
	ADDRS="fd77::fe/64 fe80::fe" elector b -t 100ms
	AS=g2 ADDRS=fd77::fd elector b -r 52 -t 100ms
	wait_for 2 wire "vrrp fe80::77:ff:fe00:1 v3 vrid=51 prio=200 int=10cs \
len=40 ttl=255 count=2 dst=ff02::12 "
	wait_for 2 warned g2 'fe80::77:ff:fe00:1: first-address-not-link-local'
	refute warned b .
	never 0.5 is b MASTER
	is g2 BACKUP
	send a KILL
	send g KILL
	wait_for 2 is b MASTER
	wait_for 2 is g2 MASTER
	last=$(last_advert fe80::77:ff:fe00:1)
	wait_for 1 adverts fe80::77:ff:fe00:2 100
	in_time "$(ms "$last" "$(first_advert fe80::77:ff:fe00:2)")" \
		"$(down_ms 100 100)" "$(calc "$(down_ms 100 100) + 50")"
	wire 'v3 vrid=52 prio=100 int=10cs len=24 '
}

# many_addresses COUNT SOURCE ADDR...: a is Master of so many, and b follows it.
many_addresses() {
	local ADDRS="${*:3}"

	elector a -t 100ms -p 200
	elector b -t 100ms
	wait_for 2 is a MASTER
	wait_for 2 wire " $2 v3 .* count=$1 "
	sleep 0.5
	is b BACKUP
	send b USR1
	wait_for 2 has b master "$2"
	grep -q ' heard=[1-9][0-9]*$' "$T/b.err" # and no fault
	end a
	end b
}

@test "adverts of few and of many addresses, both families" {
	local n

	wire_start
	for n in 1 106 107 255; do # up to 106 fit the room of most
		# shellcheck disable=SC2046 # words on purpose
		many_addresses "$n" 10.77.0.1 \
			$(printf '10.77.1.%d/32 ' $(seq "$n"))
	done
	for n in 26 27 90; do # 90 fill a packet
		# shellcheck disable=SC2046
		many_addresses "$n" fe80::77:ff:fe00:1 fe80::fe \
			$(printf 'fd77::1:%x/128 ' $(seq 2 "$n"))
	done
}

@test "both families of one VRID are two elections" {
	elector a -p 255 -t 100ms
	AS=a6 ADDRS=fe80::fe elector a -p 255 -t 100ms
	elector b -p 100 -t 100ms
	AS=b6 ADDRS=fe80::fe elector b -p 100 -t 100ms
	send a6 KILL
	wait_for 2 is b6 MASTER
	never 0.3 is b MASTER
}

@test "unicast: only peers hear and are heard; --checksum plain" {
	wire_start b -x
	elector a -p 200 -t 100ms --peer 10.77.0.2 --checksum plain
	elector b -p 100 -t 100ms --peer 10.77.0.1
	elector c -p 254 -t 100ms
	wait_for 2 is a MASTER
	wait_for 2 wire 'vrrp 10.77.0.1 .* dst=10.77.0.2 '
	wait_for 2 is c MASTER
	never 0.5 is b MASTER
	is a MASTER
	refute warned a .
	refute warned b .
	# 3133c801 000a 0a4d00fe, summed by hand
	wire 'vrrp 10.77.0.1 .*hex=3133c801000afb750a4d00fe'
	refute wire 'vrrp 10.77.0.1 .* dst=224'
	send a KILL
	wait_for 1 is b MASTER
	# and b uses the form of its Master
	wait_for 1 wire 'vrrp 10.77.0.2 .*hex=31336401000a5f760a4d00fe'
}

@test "--source and --allow" {
	ip -n "$LAB-a" addr add 10.77.0.9/24 dev eth0
	wire_start
	elector a -p 200 -t 100ms --source 10.77.0.9
	wait_for 2 adverts 10.77.0.9
	refute adverts a
	elector b -p 100 -t 100ms --allow 10.77.0.8/31
	AS=d elector b -r 52 -p 100 -t 100ms --allow 10.77.0.128/25
	AS=e elector a -r 52 -p 200 -t 100ms
	never 0.6 is b MASTER
	is d MASTER
	refute warned d .
}

# ---- heartbeat and signals ------------------------------------------------

@test "--heartbeat repeats the line, only while adverts leave" {
	local t

	elector a -t 100ms --heartbeat 50ms -- bash -c "$STAMP"
	wait_for 2 said a MASTER
	sleep 0.6
	# Backup for 0.36 s, then Master
	within "$(said a ' BACKUP ' | wc -l)" 5 8
	t=$(ms "$(stamp a ' MASTER ')" "$(now)")
	within "$(said a ' MASTER ' | wc -l)" 10 "$(calc "$t / 50 + 2")"
	[ "$(said a ' MASTER ' | cut -d ' ' -f 2- | uniq | wc -l)" = 1 ]
	in_node a nft -f - <<-'NFT'
	table ip t { chain o { type filter hook output priority 0
		ip protocol 112 drop
	}; }
	NFT
	t=$(now)
	wait_for 2 said a ' FAULT .* why=cannot-send'
	# a beat may have come before the advert that failed
	said a ' MASTER ' | tail -n 1
	in_time "$(ms "$t" "$(said a ' MASTER ' | tail -n 1 |
		cut -d ' ' -f 1)")" -60 130
	in_time "$(ms "$t" "$(said a FAULT | head -n 1 |
		cut -d ' ' -f 1)")" 190 550
	sleep 0.2
	within "$(said a ' FAULT ' | wc -l)" 3 20
}

@test "adverts that fail for less than 3A are made up for" {
	elector a -t 100ms --heartbeat 50ms
	wait_for 2 is a MASTER
	in_node a nft -f - <<-'NFT'
	table ip t { chain o { type filter hook output priority 0
		ip protocol 112 drop
	}; }
	NFT
	sleep 0.15
	in_node a nft delete table ip t
	wire_start
	never 0.5 is a FAULT
	adverts a
	is a MASTER
}

@test "USR1 says the present line again, and the counters" {
	elector a -p 200 -t 100ms
	wait_for 2 is a MASTER
	elector b -p 100 -t 100ms
	sleep 0.5
	send a USR1
	send b USR1
	wait_for 1 warned a 'sent='
	wait_for 1 warned b 'heard='
	[ "$(said a ^MASTER | uniq -d | wc -l)" = 1 ]
	warned a 'vrrp.51@eth0: MASTER why=timeout priority=200 epoch=1'
	within "$(warned a sent= | sed 's/.*sent=\([0-9]*\).*/\1/')" 4 30
	within "$(warned b sent= | sed 's/.*heard=\([0-9]*\).*/\1/')" 3 12
	warned b 'BACKUP why=start priority=100 epoch=0 sent=0 heard='
}

@test "-q says no word of peers, but counts" {
	elector a -p 255 -t 100ms
	AS=q elector b -p 200 -t 100ms -q
	spit c -n 5 -t 64 --fix 31336401006400000a4d00fe
	wait_for 1 warned a bad-ttl
	send q USR1
	wait_for 1 warned q 'sent=.* bad-ttl=5'
	[ "$(wc -l <"$T/q.err")" = 1 ]
}

@test "-v says transitions on stderr, stdout stays as it is" {
	elector a -t 100ms -v
	wait_for 2 is a MASTER
	end a
	warned a 'INIT -> BACKUP: start'
	warned a 'BACKUP -> MASTER: timeout'
	warned a 'MASTER -> INIT: stop'
	[ "$(words a)" = "BACKUP MASTER INIT" ]
}

# Where stderr is slow, the others must not wait for it.
@test "-v says so when the line is out and the advert is sent" {
	elector a -t 400ms -v
	background trace strace -s 99 -e trace=write,sendmsg -o "$T/trace" \
		-p "$(<"$T/a.pid")"
	wait_for 3 warned a 'BACKUP -> MASTER'
	end trace INT
	[ "$(grep -oE '"MASTER vrrp|sendmsg|BACKUP -> MASTER' "$T/trace" |
		head -n 3 | paste -s -d ' ')" = \
		'"MASTER vrrp sendmsg BACKUP -> MASTER' ]
}

@test "INT stops as TERM does" {
	wire_start
	elector a -t 100ms
	wait_for 2 is a MASTER
	send a INT
	ends a 0
	wait_for 1 adverts a 0
	has a why stop
}
