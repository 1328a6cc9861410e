#!/usr/bin/env bats
# Authentication: AH beside keepalived 2.2, both ways; the HMAC-SHA256 trailer,
# which openssl(1) signs here as an independent peer would.  What is forged,
# replayed, out of order or stale changes nothing; a change of keys and a
# roll-out over three routers change no state.

load elect

KEY1=$(printf '%02x' {0..31})
KEY2=$(printf '%02x' {100..131})
A4=0a4d00fe
# (That it syncs its counter to that of a lesser Master is none.)
complaint='authentication|already processed|invalid|mismatch|dropp|ERROR'

# follows NAME ADDR: is that the Master it believes in?  (USR1 says it.)
follows() {
	send "$1" USR1
	sleep 0.05
	has "$1" master "$2"
}

# What it warned of, but for the answers to USR1.
faults() {
	grep -v ' heard=' "$T/$1.err"
}

states() {
	words "$1" | tr ' ' '\n' | uniq | paste -sd ' '
}

# ---- AH

ah_conf() { # PRIORITY [KEY=VALUE...]
	keepalived_conf version=2 "priority=$1" "${@:2}" \
		extra=$'authentication {\nauth_type AH\nauth_pass abcdefgh\n}'
}

ah_elector() { # NODE PRIORITY [OPTION...]
	echo abcdefgh >"$T/key"
	elector "$1" --vrrp 2 -p "$2" --auth "ah:$T/key" "${@:3}"
}

no_complaint() { # NODE of keepalived, NAME of ours
	refute keepalived_log "$1" "$complaint"
	refute faults "$2"
}

# keepalived is the better router: Master, until it stops, and again.
@test "AH: ours is Backup of keepalived, takes over and gives back" {
	keepalived_start b "$(ah_conf 200)"
	wait_for 9 holds b
	ah_elector a 100
	wait_for 3 follows a 10.77.0.2
	keepalived_stop b
	wait_for 5 is a MASTER
	AS=again keepalived_start b "$(ah_conf 200)"
	wait_for 9 holds b
	wait_for 3 is a BACKUP
	sleep 1.2 # an interval: is it taken after all that?
	is a BACKUP
	holds b
	no_complaint b a
	AS=again no_complaint b a
}

# capture NODE: its AH adverts from now on; payloads, in hex, one a line.
capture() {
	background capture ip netns exec "$LAB-cl" tcpdump -lnnU -x -i eth0 \
		"ip proto 51 and src $(addr_of "$1")"
	wait_for 5 grep -q 'listening on' "$T/capture.err"
}

payloads() {
	awk '/^\t0x/ { sub(/.*: +/, ""); gsub(/ /, ""); h = h $0; next }
		h { print substr(h, 41, 104); h = "" }
		END { if (h) print substr(h, 41, 104) }' "$T/capture.out"
}

adverts() { # are there more than so many?
	(($(payloads | wc -l) > $1))
}

# Ours restarts without a memory, even right after an advert: keepalived goes
# on taking what it sends.
@test "AH: keepalived is Backup of ours, over a restart of ours" {
	local i n
	ah_elector a 200
	wait_for 9 is a MASTER
	keepalived_start b "$(ah_conf 100)"
	end a
	wait_for 5 holds b
	AS=a2 ah_elector a 200
	wait_for 9 is a2 MASTER
	wait_for 3 refute holds b
	capture a
	for i in 3 4 5 6; do
		n=$(payloads | wc -l)
		wait_for 3 adverts $((n + 1))
		end "a$((i - 1))" KILL
		AS=a$i ah_elector a 255
	done
	never 1.5 holds b
	no_complaint b a
	for i in 2 3 4 5 6; do
		refute faults "a$i"
	done
}

@test "AH between unicast peers, both ways" {
	keepalived_start b "$(ah_conf 200 src=10.77.0.2 peers=10.77.0.1)"
	wait_for 9 holds b
	ah_elector a 100 --peer 10.77.0.2
	wait_for 3 follows a 10.77.0.2
	keepalived_stop b
	wait_for 5 is a MASTER
	AS=again keepalived_start b "$(ah_conf 50 src=10.77.0.2 \
		peers=10.77.0.1)"
	AS=again never 4.5 keepalived_log b 'MASTER STATE'
	no_complaint b a
	AS=again no_complaint b a
}

farewell() {
	payloads | cut -c 53-54 | grep -q 00
}

@test "AH: forged, changed and replayed adverts change nothing" {
	local lines
	capture b
	AS=b0 ah_elector b 255
	wait_for 3 is b0 MASTER
	wait_for 5 payloads
	end b0
	wait_for 3 farewell
	ah_elector a 200
	wait_for 9 is a MASTER
	AS=c ah_elector c 100
	wait_for 3 follows c 10.77.0.1
	wire_start cl
	mapfile -t lines < <(payloads | sed -n '1p;$p')
	# of a sender that was heard of: none but the newest counts again
	spit b -s 10.77.0.2 -n 1 -p 51 "${lines[1]}"
	spit b -s 10.77.0.2 -n 600 -p 51 "${lines[@]}"
	# another key, and a byte that was changed
	printf 12345678 >"$T/other"
	spit b -n 300 -p 51 -s 10.77.0.3 "${lines[0]}" "${lines[1]}"
	spit b -n 300 -p 51 -s 10.77.0.9 "${lines[0]/0a4d0002/0a4d0009}"
	sleep 1.2
	[[ $(states a) == "BACKUP MASTER" && $(states c) == BACKUP ]]
	warned a 'replayed'
	warned c 'replayed'
	warned a 'bad-auth-header'
	warned c 'bad-signature'
}

# ---- HMAC: a peer made of openssl(1).

# fold HEX: its Internet checksum.
fold() {
	local sum=0 i

	for ((i = 0; i < ${#1}; i += 4)); do
		((sum += 16#${1:i:4}))
	done
	while ((sum > 65535)); do
		((sum = (sum & 65535) + (sum >> 16)))
	done
	printf '%04x' $((sum ^ 65535))
}

# signed KEY ID LATE PRIO [RESERVED [COUNTER]]: an advert for VRID 51 of the
# node that BY names (default 10.77.0.77), signed LATE seconds ago.
signed() {
	local src=0a4d004d msg mac tail

	[[ -z ${BY-} ]] || src=0a4d00$(printf %02x "$BY")
	msg=$(printf '3133%02x010064%s%s' "$4" 0000 $A4)
	tail=$(printf '01%02x%s%08x8000%04x' "$2" "${5:-0000}" \
		$(($(date +%s) - $3)) "${6:-0}")
	mac=$(perl -e 'print pack "H*", shift' "04033300$src$(printf %024d 0)$msg$tail$(printf %032d 0)" |
		openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -r)
	echo "${msg:0:12}$(fold "$msg")${msg:16}$tail${mac:0:32}"
}

keys() { # FILE LINE...
	printf '%s\n' "${@:2}" >"$T/$1"
}

hmac_elector() { # NODE PRIORITY [OPTION...]: keys of $T/NODE.keys
	elector "$1" -p "$2" --auth "hmac:$T/${AS:-$1}.keys" "${@:3}"
}

from_77() {
	spit c -s 10.77.0.77 "$@"
}

@test "HMAC: what openssl signs is taken; what we send verifies" {
	keys a.keys "key 1 $KEY1"
	hmac_elector a 200 -t 1s
	from_77 "$(signed "$KEY1" 1 0 254)"
	wait_for 1 follows a 10.77.0.77
	wait_for 9 is a MASTER
	wire_start cl -x
	wait_for 3 wire 'vrrp 10.77.0.1 .*len=40 '
	local hex tail mac
	hex=$(wire 'vrrp 10.77.0.1 ' | tail -n 1 | sed 's/.*hex=//')
	tail=${hex:24:24}
	mac=$(perl -e 'print pack "H*", shift' \
		"040333000a4d0001$(printf %024d 0)${hex:0:12}0000${hex:16:8}$tail$(printf %032d 0)" |
		openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY1" -r)
	[[ ${hex:48} == "${mac:0:32}" ]]
}

@test "HMAC: forged, replayed, reordered and stale adverts change nothing" {
	local mine before
	keys a.keys "key 1 $KEY1"
	keys b.keys "key 1 $KEY1"
	hmac_elector a 200
	wait_for 9 is a MASTER
	hmac_elector b 100
	wire_start cl -x
	wait_for 3 wire 'vrrp 10.77.0.1 '
	# accepted, though it loses: the mark of 10.77.0.77
	before=$(signed "$KEY1" 1 1 255)
	from_77 "$(signed "$KEY1" 1 0 1)"
	mine=$(wire 'vrrp 10.77.0.1 ' | head -n 1 | sed 's/.*hex=//')
	from_77 -n 200 "$before"				  # reordered
	from_77 -n 200 "$(signed "$KEY2" 1 0 255)"		  # forged
	from_77 -n 200 "$(signed "$KEY1" 2 0 255)"
	from_77 -n 200 "$(signed "$KEY1" 1 0 255 0001)"
	from_77 -n 200 --fix "3133ff0100640000$A4" "3133000100640000$A4"
	from_77 -n 200 "$(signed "$KEY1" 1 60 255)"		  # stale
	from_77 -n 200 "$(signed "$KEY1" 1 -60 255)"
	spit c -s 10.77.0.1 -n 200 "$mine"			  # replayed
	BY=1 spit c -s 10.77.0.1 -n 200 "$(BY=1 signed "$KEY2" 1 0 0)"
	sleep 1.2
	[[ $(states a) == "BACKUP MASTER" && $(states b) == BACKUP ]]
	local reason
	for reason in replayed bad-signature unknown-key bad-auth-header \
		not-signed stale; do
		warned a "10.77.0.77: $reason "
		warned b "10.77.0.77: $reason "
	done
	warned b '10.77.0.1: replayed '
	warned b '10.77.0.1: bad-signature '
	wire 'vrrp 10.77.0.1 .*mac=02:77:00:00:00:01' |
		awk 'NR > 1 && $1 - was > 1.2 { exit 1 } { was = $1 }' ||
		(($(calc "$(noise) > 100")))
	# control: a good one does end the reign
	from_77 "$(signed "$KEY1" 1 -1 255)"
	wait_for 2 is a BACKUP
}

# Not one of the timers is moved: a Backup that hears nothing but the bad ones
# takes over when it would have.
@test "HMAC: refused adverts do not hold a Backup back" {
	local pid
	keys b.keys "key 1 $KEY1"
	hmac_elector b 100 -t 200ms
	from_77 -n 3000 -r 1000 "$(signed "$KEY2" 1 0 255)" &
	pid=$!
	wait_for 2 is b MASTER
	wait "$pid" || return 1
	[[ $(states b) == "BACKUP MASTER" ]]
}

@test "HMAC: monotonic takes what is old, but in order" {
	keys a.keys "key 1 $KEY1" 'replay monotonic'
	hmac_elector a 200
	wait_for 9 is a MASTER
	from_77 "$(signed "$KEY1" 1 86400 1)"
	from_77 -n 100 "$(signed "$KEY1" 1 86500 255)"
	wait_for 2 warned a '10.77.0.77: replayed '
	[[ $(states a) == "BACKUP MASTER" ]]
	from_77 "$(signed "$KEY1" 1 86300 255)"
	wait_for 2 is a BACKUP
}

@test "HMAC over IPv6, and version 2" {
	local vip6=fe80::fe
	keys a.keys "key 1 $KEY1"
	cp "$T/a.keys" "$T/b.keys"
	ADDRS=$vip6 hmac_elector a 200 -t 100ms
	wait_for 3 is a MASTER
	ADDRS=$vip6 hmac_elector b 100 -t 100ms
	ADDRS=$vip6 elector c -p 250 -t 100ms # unsigned: for itself
	wait_for 3 is c MASTER
	[[ $(states a) == "BACKUP MASTER" && $(states b) == BACKUP ]]
	warned a not-signed
	warned c bad-length
	end c
	cp "$T/a.keys" "$T/a2.keys"
	cp "$T/a.keys" "$T/b2.keys"
	AS=a2 hmac_elector a 200 --vrrp 2
	AS=a2 wait_for 9 is a2 MASTER
	AS=b2 hmac_elector b 100 --vrrp 2
	wait_for 3 follows b2 10.77.0.1
}

# ---- Three routers, and files that change under them.

three() {
	local n prio=200

	for n in a b c; do
		keys $n.keys "$@"
		hmac_elector $n $prio -t 200ms
		[[ $n != a ]] || wait_for 5 is a MASTER
		((prio -= 50))
	done
	wait_for 3 follows b 10.77.0.1
	wait_for 3 follows c 10.77.0.1
}

# Every router in turn, the Master last or first; a second with the routers
# apart.
all_change() { # ORDER LINE...
	local n order

	read -ra order <<<"$1"
	for n in "${order[@]}"; do
		keys "$n.keys" "${@:2}"
		send "$n" HUP
		sleep 0.9
	done
}

same_states() {
	[[ $(states a) == "BACKUP MASTER" ]]
	[[ $(states b) == BACKUP && $(states c) == BACKUP ]]
}

@test "HMAC: a change of keys over three routers loses no Master" {
	three "key 1 $KEY1"
	wire_start cl -x
	all_change "a b c" "key 1 $KEY1" "key 2 $KEY2"
	all_change "c a b" "key 2 $KEY2" "key 1 $KEY1"
	all_change "b c a" "key 2 $KEY2"
	same_states
	wire 'vrrp 10.77.0.1 .*hex=.{24}0102'
	refute faults a
	refute faults b
	refute faults c
	from_77 "$(signed "$KEY1" 1 0 255)"
	wait_for 2 warned a unknown-key
	same_states
}

@test "HMAC: a roll-out over three routers loses no Master" {
	three "key 1 $KEY1" 'mode receive-only'
	wire_start cl
	wait_for 3 wire 'vrrp 10.77.0.1 .*len=12 '
	all_change "a b c" "key 1 $KEY1" 'mode permissive'
	wait_for 3 wire 'vrrp 10.77.0.1 .*len=40 '
	all_change "c b a" "key 1 $KEY1" 'mode enforce'
	same_states
	refute warned a 'bad-|unknown'
	from_77 -n 100 --fix "3133ff0100640000$A4"
	wait_for 2 warned a '10.77.0.77: not-signed '
	same_states
}

@test "a file that is wrong: said at the start, and later what was stays" {
	keys bad "key 1 $KEY1" '' 'mode maybe'
	run in_node a "$ELECT" -i eth0 -r 51 --auth "hmac:$T/bad" "$VIP"
	((status == 100))
	[[ $output == "vrrp-elect: --auth: $T/bad: line 3: mode: not enforce, "* ]]
	[[ $output != *"$KEY1"* ]]
	run in_node a "$ELECT" -i eth0 -r 51 --auth "ah:$T/bad" "$VIP"
	((status == 100))
	[[ $output == *"version 3 has hmac:FILE alone"* ]]
	keys a.keys "key 1 $KEY1"
	hmac_elector a 255
	keys a.keys "key 1 00"
	send a HUP
	wait_for 2 warned a 'a.keys: not read, the old keys stay: line 1: key'
	from_77 "$(signed "$KEY2" 1 0 255)"
	wait_for 2 warned a bad-signature
}

# The last will is signed as well: a Backup that enforces believes it.
@test "HMAC and AH: resign, by hand and as the last will" {
	keys a.keys "key 1 $KEY1"
	keys b.keys "key 1 $KEY1"
	hmac_elector a 200 -- "$ELECT" resign --follow --auth "hmac:$T/a.keys"
	wait_for 9 is a MASTER
	hmac_elector b 100
	end a KILL
	wait_for 2 is b MASTER
	has b why released
	end b
	AS=d ah_elector a 200
	wait_for 9 is d MASTER
	AS=e ah_elector b 100
	end d KILL
	in_node a "$ELECT" resign -i eth0 -r 51 --vrrp 2 --auth "ah:$T/key" \
		"$VIP/24"
	wait_for 2 is e MASTER
}
