# shellcheck shell=bash
# bench rows: when things happen on one router, beside keepalived: from exec to
# the addresses, from a dead Master to the next one, from that to the addresses
# and announcements, from an advert to the next.

# us A B: microseconds from A to B.
us() {
	calc "sprintf(\"%.0f\", ($2 - ($1)) * 1e6)"
}

# ---- From exec.

# held_since NODE: when lab-holders last saw it get the address.
held_since() {
	awk -v n="$1" '$2 == n && $3 == "+" { t = $1 } END { print t }' \
		"$T/holders.out"
}

# start_alone WHOSE: priority 150 at 1 s; sets advert and bound, ms from exec.
start_alone() {
	local t0

	fresh
	wire_start
	holders_start "$VIP" a
	t0=$(now)
	if [[ $1 == ours ]]; then
		pipeline a 150 1s
	else
		keepalived_start a "$(keepalived_conf priority=150)"
	fi
	wait_for 10 wire 'vrrp 10.77.0.1 ' || return 1
	wait_for 10 holds a || return 1
	wire_stop
	holders_stop
	advert=$(ms "$t0" "$(advert_time first 1)")
	bound=$(ms "$t0" "$(held_since a)")
}

bench_start() {
	local -A got=()

	in_turn advert bound -- start_alone
	row_of "start alone to the first advert, 1 s" ms advert
	row_of "start alone to the address bound, 1 s" ms bound
}

# ---- From the last advert of a dead Master.

# Does node b advertise, and nobody after it?
b_is_master() {
	[[ $(wire ' vrrp ' | tail -n 1) == *' 10.77.0.2 '* ]]
}

# beyond INTERVAL TIME: microseconds from the last advert of node a to then, less
# three intervals and the skew of priority 150.
beyond() {
	us "$(advert_time last 1) + $(seconds_of "$1") * (3 + (256 - 150) / 256)" \
		"$2"
}

# silence_a INTERVAL: nothing is heard of node a from now on; and for as long as
# others wait for it, nothing of ours wants a processor.
silence_a() {
	lab cut a silent
	sleep "$(down_time "$1")"
	quietly lab kill a
}

# dead_master WHOSE INTERVAL: node a dies; sets advert and bound, microseconds
# beyond the formula until b's first advert, and until it has the address.
dead_master() {
	fresh
	"pair_$1" "$2"
	wire_start
	holders_start "$VIP" b
	sleep "$(calc "2 * $(seconds_of "$2") + 0.2")"
	silence_a "$2"
	wait_for 10 b_is_master || return 1
	wait_for 10 holds b || return 1
	wire_stop
	holders_stop
	advert=$(beyond "$2" "$(awk '$3 == "10.77.0.1" { t = 0 }
		$3 == "10.77.0.2" && !t { t = $1 } END { print t }' \
		"$T/wire.out")")
	bound=$(beyond "$2" "$(held_since b)")
}

bench_detect() {
	local a
	local -A got

	for a in ${INTERVALS:-1s 100ms 10ms}; do
		got=()
		in_turn advert bound -- dead_master "$a"
		row_of "dead at $a: next advert, beyond 3 + skew" us advert
		row_of "dead at $a: address bound, beyond it" us bound
	done
}

# ---- From the first advert of the next Master.

# The VIP is in the adverts, the others are not.
others() { # COUNT
	(($1 < 2)) || seq -f '10.78.0.%.0f/32' 2 "$1"
}

ours_with() { # COUNT
	# shellcheck disable=SC2046 # words on purpose
	background many-b ip netns exec "$LAB-b" "$B/vrrp-elect" -i eth0 \
		-r 51 -p 150 -t 100ms --heartbeat 50ms --confirm 500ms \
		"$VIP/24" -- "$B/vip-bind" follow --lease 250ms -i eth0 \
		"$VIP/24" $(others "$1")
	wait_for 5 grep -q '^BACKUP' "$T/many-b.out"
}

keepalived_with() {
	local lines

	mapfile -t lines < <(others "$1")
	keepalived_start b "$(keepalived_conf priority=150 interval=0.1 \
		extra="$(_block virtual_ipaddress_excluded "${lines[@]}")")"
}

# Both: SECONDS; when each address came to be in node b, and when it was first
# announced, since then.
bound_times() {
	awk -v since="[$(date -d "@$1" +%FT%T.%6N)]" '$4 == "inet" &&
		$1 > since && !seen[$5]++ { print substr($1, 2, 26) }' \
		"$T/monitor.out" | date -f - +%s.%6N
}

garp_times() {
	awk -v since="$1" '$2 == "garp" && $1 > since && !seen[$3]++ {
		print $1 }' "$T/wire.out"
}

all_done() { # COUNT
	local t

	t=$(advert_time last 1)
	(($(bound_times "$t" | wc -l) == $1 && $(garp_times "$t" | wc -l) == $1))
}

# takeover WHOSE COUNT: b has so many addresses, and a dies, an elector alone for
# both.  Sets bound, first and last, microseconds from b's first advert.
takeover() {
	local t advert

	fresh
	background many-a ip netns exec "$LAB-a" "$B/vrrp-elect" -i eth0 -r 51 \
		-p 200 -t 100ms "$VIP/24"
	wire_start
	wait_for 5 wire 'vrrp 10.77.0.1 '
	"$1_with" "$2"
	background monitor ip netns exec "$LAB-b" chrt -f 1 ip -ts -o monitor \
		address
	sleep 0.5
	silence_a 100ms
	wait_for 10 all_done "$2" || return 1
	wire_stop
	t=$(advert_time last 1)
	advert=$(awk -v since="$t" '$1 > since && $2 == "vrrp" { print $1; exit }' \
		"$T/wire.out")
	bound=$(us "$advert" "$(bound_times "$t" | tail -n 1)")
	first=$(us "$advert" "$(garp_times "$t" | head -n 1)")
	last=$(us "$advert" "$(garp_times "$t" | tail -n 1)")
}

bench_takeover() {
	local n
	local -A got

	for n in ${ADDRESSES:-1 200}; do
		got=()
		in_turn bound first last -- takeover "$n"
		row_of "takeover of $n: advert to all bound" us bound
		row_of "takeover of $n: advert to first ARP" us first
		((n > 1)) || continue
		row_of "takeover of $n: advert to all announced" us last
	done
}

# ---- From an advert to the next.

# routers_at_10ms NODE WHOSE COUNT PRIORITY: on eth0, in one process, with what
# holds their addresses.
routers_at_10ms() {
	local i file=$T/routers-$1.conf

	if [[ $2 == ours ]]; then
		seq "$3" | sed 's|.*|r& -r & 10.81.0.&/32|' >"$file"
		background "routers-$1" ip netns exec "$LAB-$1" \
			"$B/vrrp-elect" -q -f "$file" -i eth0 -t 10ms \
			-p "$4" -- "$B/vip-bind" follow
	else
		keepalived_start "$1" "$(for ((i = 1; i <= $3; i++)); do
			keepalived_conf name=r$i vrid=$i priority="$4" \
				interval=0.01 vips="10.81.0.$i/32"
		done | awk '/^global_defs/ && n++ { skip = 1 }
			!skip
			/^}/ { skip = 0 }')"
	fi
}

# gaps: between the adverts of each router, from its fifth on: their median, 99
# of 100 and the longest, in ms.
gaps() {
	wire 'vrrp 10.77.0.1 ' | awk '{ if (n[$5]++ >= 5) print ($1 - t[$5]) * 1000
		t[$5] = $1 }' | sort -g | awk '{ v[NR] = $1 }
		END { print v[int((NR + 1) / 2)], v[int(NR * 0.99)], v[NR] }'
}

# jitter WHOSE COUNT [busy]: sets median, most and longest.
jitter() {
	fresh
	[[ -z ${3-} ]] || background busy taskset -c 0 bash -c 'while :; do :; done'
	wire_start
	routers_at_10ms a "$1" "$2" 200
	wait_for 10 wire 'vrrp 10.77.0.1 ' || return 1
	sleep 5
	wire_stop
	read -r median most longest < <(gaps)
}

jitter_row() { # NAME COUNT [busy]
	local -A got=()

	in_turn median most longest -- jitter "${@:2}"
	row_of "advert gap at 10 ms, $1: median" ms median
	row_of "advert gap at 10 ms, $1: 99 of 100" ms most
	row_of "advert gap at 10 ms, $1: longest" ms longest
}

# Busy: a loop on one of the processors, at the same priority.
bench_jitter() {
	jitter_row "1 router" 1
	jitter_row "1, a CPU busy" 1 busy
	jitter_row "50 routers" 50
	jitter_row "200 routers" 200
}
