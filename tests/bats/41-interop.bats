#!/usr/bin/env bats
# vrrp-elect beside keepalived 2.2.7: ours in node a, keepalived in node b,
# each as Master and as Backup.  Several groups (VRIDs) play at once.

load elect

# What keepalived says of packets that it does not like; each is provoked
# below, so the words are the right ones.
COMPLAINT='(Invalid VRRPv. checksum|Invalid packet type|TTL/HL|\
advertisement interval (mismatch|updated)|not present in MASTER|\
received a [0-9]+ auth|invalid passwd|\
unexpected ip number|with our IP address|wrong version|vrrp packet too)'
COMPLAINT=${COMPLAINT//\\$'\n'/}

# ---- the groups: name, VRID, interval in ms, version, then options --------

group() {
	case $1 in
	none) echo 1 1000 2 ;;
	pass) echo 2 1000 2 --auth "pass:$T/auth" ;;
	uni2) echo 3 1000 2 --peer 10.77.0.2 ;;
	v3) echo 4 100 3 ;;
	v6) echo 5 100 3 ;;
	uni3) echo 6 100 3 --peer 10.77.0.2 ;;
	esac
}

keepalived_of() {
	case $1 in
	pass) echo auth=secret ;;
	uni?) printf '%s\n' src=10.77.0.2 peers=10.77.0.1 ;;
	v6) printf '%s\n' family=inet6 vips=fe80::fe/64 ;;
	esac
}

# load_group NAME: sets vrid, ms, version, opts, ours, theirs, vip.
load_group() {
	read -r vrid ms version opts <<<"$(group "$1")"
	read -ra opts <<<"$opts"
	vip=10.77.0.$((200 + vrid))/24
	ours=10.77.0.1 theirs=10.77.0.2
	[[ $1 != v6 ]] || ours=fe80::77:ff:fe00:1
	[[ $1 != v6 ]] || theirs=fe80::77:ff:fe00:2
	[[ $1 != v6 ]] || vip=fe80::fe/64
}

# start_ours ACT PRIO: one elector for each group, as GROUP-oACT.
start_ours() {
	local g

	for g in "${groups[@]}"; do
		load_group "$g"
		AS=$g-o$1 ADDRS=$vip elector a -r "$vrid" -t "${ms}ms" \
			--vrrp "$version" -p "$2" "${opts[@]}"
	done
}

start_theirs() {
	local g more

	for g in "${groups[@]}"; do
		load_group "$g"
		mapfile -t more < <(keepalived_of "$g")
		AS=$g-k$1 keepalived_start b "$(keepalived_conf vrid="$vrid" \
			version="$version" interval="$(calc "$ms / 1000")" \
			priority=100 vips="$vip" name="$g" "${more[@]}")"
	done
}

all_ours_are() {
	local g

	for g in "${groups[@]}"; do
		is "$g-o$1" "$2" || return 1
	done
}

# The latest advert of every group is theirs.
all_theirs() {
	local g

	for g in "${groups[@]}"; do
		load_group "$g"
		[[ $(wire "vrid=$vrid prio=[1-9]" | tail -n 1) == \
			*" vrrp $theirs "* ]] || return 1
	done
}

signal_ours() {
	local g

	for g in "${groups[@]}"; do
		send "$g-o$1" "$2"
	done
}

stop_theirs() {
	local g

	for g in "${groups[@]}"; do
		AS=$g-k$1 send "$g-k$1" TERM
	done
	for g in "${groups[@]}"; do
		ends "$g-k$1" 0
	done
}

# The play: seven Masters, ours and theirs in turn.
play() {
	groups=("$@")
	load_group "$1"
	echo secret >"$T/auth"
	wire_start a # unicast is seen there alone
	start_ours 1 150
	start_theirs 1
	wait_for 6 all_ours_are 1 MASTER
	sleep "$(calc "2.2 * $ms / 1000")"
	signal_ours 1 KILL
	wait_for 6 all_theirs
	start_ours 2 150
	wait_for 6 all_ours_are 2 MASTER
	sleep "$(calc "1.2 * $ms / 1000")"
	signal_ours 2 TERM
	wait_for 6 all_theirs
	start_ours 3 50
	sleep "$(calc "2.2 * $ms / 1000")"
	all_ours_are 3 BACKUP
	# its child would say goodbye upon the death of its parent
	lab pause b
	lab kill b
	wait_for 6 all_ours_are 3 MASTER
	start_theirs 2
	wait_for 6 all_theirs
	sleep "$(calc "1.2 * $ms / 1000")"
	all_ours_are 3 BACKUP
	stop_theirs 2
	wait_for 6 all_ours_are 3 MASTER
	sleep "$(calc "1.2 * $ms / 1000")"
	wire_stop
}

# ---- the judgement --------------------------------------------------------

# reigns: who was Master, in turn: a letter for each run of adverts.  One last
# advert of a loser at once after the first of the winner is no reign.
reigns() {
	wire "vrid=$vrid prio=[1-9]" | awk -v o="$ours" -v soon="$ms" '
		{ who = $3 == o ? "o" : "k" }
		who == cur { next }
		who == before && $1 - t < soon / 4000 { before = ""; next }
		{ before = cur; cur = who; t = $1; printf "%s ", who }'
}

# handovers: for each change of Master the ms from the last advert of the old
# to the first of the new, and who they are.
handovers() {
	wire "vrid=$vrid prio=[1-9]" | awk -v o="$ours" -v soon="$ms" '
		{ who = $3 == o ? "o" : "k" }
		who == cur { last = $1; next }
		who == before && $1 - t < soon / 4000 { before = ""; next }
		cur { printf "%.3f %s\n", ($1 - last) * 1000, cur who }
		{ before = cur; cur = who; t = last = $1 }'
}

# took N OLDNEW LEAST MOST: the Nth change of Master.
took() {
	local gap who

	read -r gap who <<<"$(sed -n "$1p" <<<"$gaps")"
	echo "$group: change $1, $who: $gap ms"
	[ "$who" = "$2" ]
	in_time "$gap" "$3" "$4"
}

# keepalived may be late for its own reasons, ours may not.
judge() {
	local group=$1 gaps zero down

	load_group "$group"
	gaps=$(handovers)
	echo "$group: $(reigns)"
	[ "$(reigns)" = "o k o k o k o " ]
	down=$(down_ms 100 "$ms" "$version")
	took 1 ok "$(calc "$down - 10")" "$(calc "$down + 150")"
	down=$(down_ms 150 "$ms" "$version")
	took 2 ko 0 "$(calc "$ms + 150")"
	took 3 ok 0 "$(calc "$ms + $(skew_ms 100 "$ms" "$version") + 150")"
	down=$(down_ms 50 "$ms" "$version")
	took 4 ko "$(calc "$down - 2")" "$(calc "$down + 60")"
	took 5 ok 0 "$(calc "$ms + 60")"
	took 6 ko 0 "$(calc "$ms + $(skew_ms 50 "$ms" "$version") + 150")"
	zero=$(first_advert "$theirs" 0 "$vrid")
	in_time "$(ms "$zero" "$(adverts "$ours" 50 "$vrid" | after "$zero")")" \
		"$(calc "$(skew_ms 50 "$ms" "$version") - 10")" \
		"$(calc "$(skew_ms 50 "$ms" "$version") + 60")"
	[ "$(adverts "$ours" 0 "$vrid" | wc -l)" = 1 ]
	no_complaint "$group"
}

no_complaint() {
	local k o

	for k in "$1-k1" "$1-k2"; do
		AS=$k keepalived_log b 'Entering MASTER STATE'
		AS=$k refute keepalived_log b "$COMPLAINT"
	done
	for o in "$1-o1" "$1-o2" "$1-o3"; do
		[ -z "$(grep -v two-masters "$T/$o.err")" ]
	done
}

@test "version 2: no auth, PASS and unicast" {
	play none pass uni2
	judge none
	judge pass
	judge uni2
}

@test "version 3: IPv4, IPv6 and unicast" {
	play v3 v6 uni3
	judge v3
	judge v6
	judge uni3
}

# ---- special cases --------------------------------------------------------

@test "at the same priority keepalived and we agree on the address" {
	keepalived_start b "$(keepalived_conf interval=0.1)"
	wait_for 3 holds b
	elector a -t 100ms
	AS=k2 keepalived_start a "$(keepalived_conf vrid=52 interval=0.1 \
		vips=10.77.0.253/24 name=k2)"
	wait_for 3 holds a 10.77.0.253
	AS=o2 ADDRS=10.77.0.253/24 elector b -r 52 -t 100ms
	lab cut a silent
	wait_for 2 is a MASTER
	wait_for 2 is o2 MASTER
	lab heal a
	wait_for 1 is a BACKUP
	has a why better-master
	wait_for 2 refute holds a 10.77.0.253
	is o2 MASTER
	holds b
}

@test "the interval of keepalived as Master is learned" {
	local t

	keepalived_start b "$(keepalived_conf interval=0.3 priority=200)"
	wait_for 3 holds b
	wire_start
	elector a -t 100ms
	never 1.2 is a MASTER
	warned a '10.77.0.2: interval-differs'
	lab pause b
	lab kill b
	wait_for 2 is a MASTER
	t=$(ms "$(last_advert b)" "$(first_advert a)")
	in_time "$t" "$(calc "$(down_ms 100 300) - 2")" \
		"$(calc "$(down_ms 100 300) + 60")"
}

@test "ours takes the checksum form of its Master, keepalived's own" {
	wire_start cl -x
	elector a -t 100ms
	spit c -n 2 --fix=plain 3133fe01000a00000a4d00fe
	wait_for 2 adverts a
	wire '10.77.0.1 v3 .*hex=31336401000a5f760a4d00fe' # plain
	keepalived_start b "$(keepalived_conf interval=0.1 priority=200)"
	wait_for 1 keepalived_log b "Invalid VRRPv3 checksum"
	wait_for 2 holds b
	wait_for 1 is a BACKUP
	keepalived_stop b
	wait_for 2 is a MASTER
	wait_for 1 wire '10.77.0.1 v3 .*prio=100 .*hex=31336401000a74990a4d00fe'
}

# complains INSTANCE WORDS HEX [SPIT-OPTION...]
complains() {
	AS=$1 refute keepalived_log b "$2"
	spit c "${@:4}" "$3"
	AS=$1 wait_for 1 keepalived_log b "$2"
	AS=$1 keepalived_log b "$COMPLAINT"
}

@test "the complaints of keepalived are what we look for" {
	AS=k2 keepalived_start b "$(keepalived_conf version=2 vrid=2 \
		auth=secret vips=10.77.0.202 name=k2)"
	AS=k3 keepalived_start b "$(keepalived_conf vrid=3 vips=10.77.0.203 \
		name=k3)"
	complains k2 'received a 0 auth, expecting 1' \
		21026401000100000a4d00ca0000000000000000 --fix
	complains k2 'invalid passwd' \
		21026401010100000a4d00ca736563726574ffff --fix
	complains k2 'advertisement interval mismatch' \
		21026401010200000a4d00ca7365637265740000 --fix
	complains k2 'Invalid VRRPv2 checksum' \
		21026401010100000a4d00ca7365637265740000
	complains k2 'wrong version' 31026401006400000a4d00ca --fix
	complains k3 'invalid TTL/HL' 31036401006400000a4d00cb --fix -t 254
	complains k3 'Invalid VRRPv3 checksum' 31036401006400000a4d00cb
	complains k3 'Invalid packet type' 32036401006400000a4d00cb --fix
	complains k3 'vrrp packet too short' 31036402006400000a4d00cb --fix
	complains k3 'not present in MASTER' 31036401006400000a4d00cc --fix
	complains k3 'unexpected ip number count 2, expected 1' \
		31036402006400000a4d00cb0a4d00cc --fix
	complains k3 'advertisement interval updated' \
		31036401003200000a4d00cb --fix
	in_node b sysctl -qw net.ipv4.conf.all.accept_local=1
	AS=k3 wait_for 5 keepalived_log b 'Entering MASTER STATE'
	complains k3 'with our IP address' \
		31036401006400000a4d00cb --fix -s 10.77.0.2
}
