# shellcheck shell=bash
# bench rows: many routers on a node, all Masters or all Backups: memory and
# processor.  250 at most an interface, for the VRIDs.

PER_IF=250

interfaces() { # COUNT
	echo $((($1 + PER_IF - 1) / PER_IF))
}

# join_nodes COUNT: a and b, by m1 and so on.  (Macvlans would not do: keepalived
# wants a VRID once on what they are based on.)
join_nodes() {
	local n k

	for ((k = 1; k <= $(interfaces "$1"); k++)); do
		ip -n "$LAB-a" link add "m$k" type veth peer name "m$k" \
			netns "$LAB-b"
		for n in a:1 b:2; do
			ip -n "$LAB-${n%:*}" addr add "10.80.$k.${n#*:}/16" \
				dev "m$k"
			ip -n "$LAB-${n%:*}" link set "m$k" up
		done
	done
}

# lead_to_client COUNT: m1 and so on of a, whose adverts the client hears.
lead_to_client() {
	local k

	for ((k = 1; k <= $(interfaces "$1"); k++)); do
		ip -n "$LAB-a" link add "m$k" link eth0 type macvlan mode bridge
		ip -n "$LAB-a" addr add "10.80.$k.1/16" dev "m$k"
		ip -n "$LAB-a" link set "m$k" up
	done
}

# lines_of INTERFACE COUNT PRIORITY: routers of a file, from the first on.
lines_of() {
	awk -v k="$1" -v n="$2" -v p="$3" -v per="$PER_IF" 'BEGIN {
		for (i = (k - 1) * per + 1; i <= n && i <= k * per; i++)
			printf "r%d -i m%d -r %d -p %d 10.81.%d.%d/32\n", i,
				k, i - (k - 1) * per, p, k,
				i - (k - 1) * per }'
}

file_of() { # NODE COUNT PRIORITY
	local k

	for ((k = 1; k <= $(interfaces "$2"); k++)); do
		lines_of "$k" "$2" "$3"
	done >"$T/$1.all"
}

one_process() { # NODE COUNT PRIORITY
	file_of "$@"
	background "many-$1" ip netns exec "$LAB-$1" "$B/vrrp-elect" -q \
		-f "$T/$1.all" -- "$B/vip-bind" follow
}

# The elector alone, all of them in one process.
electors_only() {
	file_of "$@"
	background "many-$1" ip netns exec "$LAB-$1" "$B/vrrp-elect" -q \
		-f "$T/$1.all"
}

a_process_each() {
	local i=0 words

	file_of "$@"
	while read -ra words; do
		background "each-$((i++))" ip netns exec "$LAB-$1" \
			"${ELECTOR:-$B/vrrp-elect}" -q "${words[@]:1}"
	done <"$T/$1.all"
}

each_without_pie() {
	ELECTOR=$B/fixed/vrrp-elect a_process_each "$@"
}

keepalived_many() {
	local conf k i

	conf=$(for ((k = 1; k <= $(interfaces "$2"); k++)); do
		for ((i = 1; i <= PER_IF && (k - 1) * PER_IF + i <= $2; i++)); do
			keepalived_conf name="v$k-$i" if="m$k" vrid="$i" \
				priority="$3" vips="10.81.$k.$i/32" |
				sed '1,/^}/d'
		done
	done)
	printf '%s\n' "global_defs {" "router_id lab" "}" "$conf" >"$T/ka.conf"
	background "ka-$1" ip netns exec "$LAB-$1" keepalived --dont-fork \
		--no-syslog --vrrp -f "$T/ka.conf" -p "$T/ka.p" -r "$T/ka.r" \
		-c "$T/ka.c"
}

# memory KEY NODE: kB of all its processes.
memory() {
	local p

	for p in $(lab pids "$2"); do
		cat "/proc/$p/smaps_rollup" 2>/dev/null
	done | awk -v k="^$1" '$1 ~ k { n += $2 } END { print n + 0 }'
}

# said NODE STATE COUNT: have so many routers of ours there said so?
said() {
	(($(cat "$T/many-$1.out" "$T"/each-*.out 2>/dev/null |
		grep -c "^$2") >= $3))
}

bound_in() { # NODE COUNT
	(($(ip -n "$LAB-$1" -o addr show to 10.81.0.0/16 | wc -l) == $2))
}

# up HOW COUNT STATE: until all of node a are what they shall be.  What
# keepalived's Backups are shows nowhere: they live.
up() {
	case $1,$3 in
	keepalived_many,Master | one_process,Master)
		wait_for $((20 + $2 / 50)) bound_in a "$2" ;;
	keepalived_many,*)
		sleep $((2 + $2 / 100))
		! gone "$(<"$T/ka-a.pid")" ;;
	one_process,*) sleep $((2 + $2 / 100)) ;;
	*) wait_for $((20 + $2 / 50)) said a "${3^^}" "$2" ;;
	esac
}

# measure HOW COUNT STATE: sets kb, own (of a router) and cpu.
measure() {
	fresh
	join_nodes "$2"
	if [[ $3 == Backup ]]; then
		electors_only b "$2" 200
		wait_for $((20 + $2 / 50)) said b MASTER "$2" || return 1
	fi
	"$1" a "$2" 100
	up "$@" || return 1
	sleep 8 # past what is announced a second time
	kb=$(memory Pss: a)
	own=$(calc "$(memory Private_ a) / $2")
	# few adverts tell little
	# shellcheck disable=SC2046 # words on purpose
	cpu=$(percent $(($2 < 50 ? 20 : 10)) $(lab pids a))
}

many_rows() { # HOW NAME OF: its PSS and CPU beside keepalived's
	row "$3, $2: PSS" kB keepalived "${kbs[$1]-}" "${kbs[keepalived_many]-}"
	row "$3, $2: CPU" % keepalived "${cpus[$1]-}" "${cpus[keepalived_many]-}"
}

many_row() { # COUNT STATE
	local i how kb own cpu of="$1 x $2"
	local -A kbs=() cpus=() owns=()

	for ((i = 0; i < RUNS && i < 3; i++)); do # they hardly vary
		for how in keepalived_many one_process electors_only \
			a_process_each each_without_pie; do
			# one router is a process each; too many are no use
			[[ $how != *each* || ($1 -gt 1 && $1 -le 200) ]] ||
				continue
			measure "$how" "$1" "$2" || {
				echo "bench: $how $1 $2: failed" >&2
				continue
			}
			kbs[$how]+=" $kb"
			owns[$how]+=" $own"
			cpus[$how]+=" $cpu"
		done
	done
	many_rows one_process "with vip-bind" "$of"
	many_rows electors_only "the elector" "$of"
	[[ ${kbs[a_process_each]-} ]] || return 0
	many_rows a_process_each "a process each" "$of"
	row "$of, a process each: private, of each" kB bound \
		"${owns[a_process_each]}" 60
	row "$of, each without PIE: private, of each" kB bound \
		"${owns[each_without_pie]-}" 60
}

# COUNTS="1 200 ..." and STATES="Master Backup" for less of it.
bench_many() {
	local n state

	for n in ${COUNTS:-1 50 200 1000}; do
		for state in ${STATES:-Master Backup}; do
			many_row "$n" "$state"
		done
	done
}

# By how much, in percent of the interval, adverts come late at the client,
# each counted from the one before: the worst, and the 99th of 100.
late() { # COUNT
	fresh
	lead_to_client "$1"
	wire_start
	electors_only a "$1" 100
	sleep $((10 + $1 / 200))
	wire ' vrrp ' | awk '{ match($0, /vrid=[0-9]+/)
		k = $3 substr($0, RSTART, RLENGTH)
		if (n[k]++ >= 2) print ($1 - t[k] - 1) * 100
		t[k] = $1 }' | sort -g >"$T/late"
	wire_stop
	worst=$(tail -n 1 "$T/late")
	most=$(awk '{ v[NR] = $1 } END { print v[int(NR * 0.99)] }' "$T/late")
}

# No peer: the bound is a tenth.
bench_late() {
	local i n worst most all most_all

	for n in ${COUNTS:-1 200 2000}; do
		all='' most_all=''
		for ((i = 0; i < RUNS; i++)); do
			late "$n"
			all+=" $worst" most_all+=" $most"
		done
		row "$n Masters: latest advert, of its interval" % bound \
			"$all" 10
		row "$n Masters: 99 of 100 adverts" % bound "$most_all" 10
	done
}
