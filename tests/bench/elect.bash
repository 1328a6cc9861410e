# shellcheck shell=bash
# bench rows: one router beside keepalived: its start, its clock, its cost.

# first_time WHOSE: ms from exec to its first advert, alone, priority 150.
first_time() {
	local t0

	fresh
	wire_start
	t0=$(now)
	if [[ $1 == ours ]]; then
		pipeline a 150 1s
	else
		keepalived_start a "$(keepalived_conf priority=150)"
	fi
	wait_for 10 wire 'vrrp 10.77.0.1 '
	wire_stop
	ms "$t0" "$(advert_time first 1)"
}

bench_start() {
	local i ours=() theirs=()

	for ((i = 0; i < RUNS; i++)); do
		ours+=("$(first_time ours)")
		theirs+=("$(first_time keepalived)")
	done
	row "start alone to the first advert, 1 s" ms keepalived "${ours[*]}" \
		"${theirs[*]}"
}

# One router of node a at 10 ms, without its binder.
one_at_10ms() { # WHOSE
	if [[ $1 == ours ]]; then
		background one ip netns exec "$LAB-a" "$B/vrrp-elect" -i eth0 \
			-r 51 -p 200 -t 10ms "$VIP"
	else
		keepalived_start a "$(keepalived_conf priority=200 \
			interval=0.01)"
	fi
	wire_start
	wait_for 10 wire 'vrrp 10.77.0.1 '
}

# gaps QUANTILE: of the adverts on the wire, in ms.
gaps() {
	wire 'vrrp 10.77.0.1 ' | awk 'NR > 5 { print ($1 - t) * 1000 }
		{ t = $1 }' | sort -g | awk -v q="$1" '{ v[NR] = $1 }
		END { i = int(NR * q); print v[(i < 1) ? 1 : i] }'
}

bench_jitter() {
	local i whose q
	local -A at=()

	for ((i = 0; i < RUNS; i++)); do
		for whose in ours keepalived; do
			fresh
			one_at_10ms "$whose"
			sleep 5
			wire_stop
			for q in 0.5 0.99 1; do
				at[$whose-$q]+=" $(gaps "$q")"
			done
		done
	done
	row "advert gap at 10 ms, median" ms keepalived "${at[ours-0.5]}" \
		"${at[keepalived-0.5]}"
	row "advert gap at 10 ms, 99 of 100" ms keepalived "${at[ours-0.99]}" \
		"${at[keepalived-0.99]}"
	row "advert gap at 10 ms, longest" ms keepalived "${at[ours-1]}" \
		"${at[keepalived-1]}"
}

# The process of node a that sends.
sender() {
	lab pids a | tail -n 1
}

# calls WHOSE: system calls an advert.
calls() {
	local pid n m

	fresh
	one_at_10ms "$1"
	sleep 0.5
	pid=$(sender)
	n=$(wire 'vrrp 10.77.0.1 ' | wc -l)
	timeout -s INT 5 strace -c -o "$T/strace" -p "$pid" 2>/dev/null
	m=$(wire 'vrrp 10.77.0.1 ' | wc -l)
	wire_stop
	# the last line: percent, seconds, usecs a call, calls, errors, total
	awk -v n=$((m - n)) '$NF == "total" { print $4 / n }' "$T/strace"
}

bench_calls() {
	local i ours=() theirs=()

	for ((i = 0; i < RUNS; i++)); do
		ours+=("$(calls ours)")
		theirs+=("$(calls keepalived)")
	done
	row "system calls an advert, Master" n keepalived "${ours[*]}" \
		"${theirs[*]}"
}

# nanoseconds PID...: on a processor, so far.
nanoseconds() {
	local p

	for p in "$@"; do
		cat "/proc/$p/schedstat"
	done 2>/dev/null | awk '{ n += $1 } END { printf "%.0f\n", n }'
}

# percent SECONDS PID...: of one processor.
percent() {
	local secs=$1 n

	shift
	n=$(nanoseconds "$@")
	sleep "$secs"
	calc "($(nanoseconds "$@") - $n) / $secs / 1e7"
}

# foreign WHOSE: percent of a processor while others' adverts come.
foreign() {
	fresh
	if [[ $1 == ours ]]; then
		background one ip netns exec "$LAB-a" "$B/vrrp-elect" -i eth0 \
			-r 51 -p 200 "$VIP"
	else
		keepalived_start a "$(keepalived_conf priority=200)"
	fi
	sleep 4
	background spit ip netns exec "$LAB-c" "$LAB_BIN/lab-spit" -i eth0 \
		-r 100000 -n 10000000 --fix 3107640100640000 3108640100640000
	sleep 0.5
	# shellcheck disable=SC2046 # words on purpose
	percent 5 $(lab pids a)
	end spit
}

bench_foreign() {
	local i ours=() theirs=()

	for ((i = 0; i < RUNS; i++)); do
		ours+=("$(foreign ours)")
		theirs+=("$(foreign keepalived)")
	done
	row "CPU under 100,000 foreign adverts/s" % keepalived "${ours[*]}" \
		"${theirs[*]}"
}
