# shellcheck shell=bash
# bench rows: what one router costs beside keepalived: system calls, memory,
# processor.

# elector_of NODE WHOSE: the process that sends and hears adverts.
elector_of() {
	if [[ $2 == ours ]]; then
		cat "$T/routers-$1.pid"
	else
		lab pids "$1" | tail -n 1
	fi
}

# calls WHOSE ROLE: sets count, of system calls for each advert that is sent, or
# heard.
calls() {
	local node=a pid n m

	fresh
	wire_start
	if [[ $2 == Master ]]; then
		routers_at_10ms a "$1" 1 200
	else
		node=b
		routers_at_10ms a ours 1 200
		wait_for 10 wire 'vrrp 10.77.0.1 '
		routers_at_10ms b "$1" 1 100
	fi
	wait_for 10 wire 'vrrp 10.77.0.1 ' || return 1
	sleep 0.5
	pid=$(elector_of $node "$1")
	n=$(wire 'vrrp 10.77.0.1 ' | wc -l)
	timeout -s INT 5 strace -c -o "$T/strace" -p "$pid" 2>/dev/null
	m=$(wire 'vrrp 10.77.0.1 ' | wc -l)
	wire_stop
	# the last line: percent, seconds, usecs a call, calls, errors, total
	count=$(awk -v n=$((m - n)) '$NF == "total" { print $4 / n }' \
		"$T/strace")
}

bench_calls() {
	local role
	local -A got

	for role in Master Backup; do
		got=()
		in_turn count -- calls $role
		row_of "system calls an advert, $role" n count
	done
}

# A whole keepalived as README has it, with a check that succeeds.
chain_of_four() {
	background server ip netns exec "$LAB-cl" "$LAB_BIN/lab-tcp" serve cl \
		7000 10.77.0.100
	background chain ip netns exec "$LAB-a" "$B/hcheck" --every 1s \
		tcp://10.77.0.100:7000 -- \
		"$B/vrrp-elect" -i eth0 -r 51 -p 100 --weight -10 \
		--heartbeat 500ms --confirm 2s "$VIP/24" -- \
		"$B/vip-bind" follow --lease 2s -- \
		"$B/vrrp-elect" resign --follow
}

# dirty FILES PID...: kB of pages that were written to, in mappings whose name
# matches; of one that a parent and its child share still, half is each one's.
dirty() {
	local p

	for p in "${@:2}"; do
		cat "/proc/$p/smaps"
	done | awk -v files="$1" '/^[0-9a-f]+-[0-9a-f]+ / { of = $6 ~ files }
		of && $1 == "Pss_Dirty:" { n += $2 }
		END { print n + 0 }'
}

# note_dirty WHOLE NAME...: into libs[] and total[], of the processes of node a,
# which have these names in the order of their start, and of the whole of them.
note_dirty() {
	local whole=$1 pids i

	shift
	mapfile -t pids < <(lab pids a)
	for ((i = 0; i < $#; i++)); do
		libs[${*:i+1:1}]+=" $(dirty '[.]so' "${pids[i]}")"
		total[${*:i+1:1}]+=" $(dirty '' "${pids[i]}")"
	done
	libs[$whole]+=" $(dirty '[.]so' "${pids[@]}")"
	total[$whole]+=" $(dirty '' "${pids[@]}")"
}

dirty_row() { # OURS THEIRS
	row "dirty pages of libraries: $1" kB "$2" "${libs[$1]}" "${libs[$2]}"
	row "dirty pages: $1" kB "$2" "${total[$1]}" "${total[$2]}"
}

# keepalived checks nothing here, and its second process does the rest.
bench_dirty() {
	local i who
	local -A libs=() total=()

	for ((i = 0; i < RUNS; i++)); do
		fresh
		chain_of_four
		wait_for 10 holds a
		sleep 2
		note_dirty "all four" hcheck vrrp-elect vip-bind "last will"
		fresh
		keepalived_start a "$(keepalived_conf)"
		wait_for 10 holds a
		sleep 2
		note_dirty keepalived "its parent" "its child"
	done
	for who in vrrp-elect vip-bind hcheck; do
		dirty_row "$who" "its child"
	done
	dirty_row "all four" keepalived
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

# foreign WHOSE: sets cpu, percent of a processor while others' adverts come.
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
	cpu=$(percent 5 $(lab pids a))
	end spit
}

bench_foreign() {
	local -A got=()

	in_turn cpu -- foreign
	row_of "CPU under 100,000 foreign adverts/s" % cpu
}
