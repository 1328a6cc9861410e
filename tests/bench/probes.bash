# shellcheck shell=bash
# bench rows: hcheck beside the monitoring plugins, curl and haproxy.

# ---- hcheck: servers and probers in one network of their own.

hc_begin() {
	export BATS_FILE_TMPDIR=$T BATS_RUN_TMPDIR=$T
	# shellcheck source=tests/bats/hcheck.bash
	. tests/bats/hcheck.bash
	hc_setup_file
	nginx_start nginx 8080 \
		"server { listen 8080 backlog=8192; return 200 ok; }"
}

# took_inside CMD...: as took, but the way into the network is not counted.
took_inside() {
	# shellcheck disable=SC2016 # for the inner shell
	calc "$(ns bash -c 't=${EPOCHREALTIME/./}
		"$@" >/dev/null 2>&1
		echo $((${EPOCHREALTIME/./} - t))' - "$@") / 1000"
}

# peak CMD...: kB resident at most, of a process alone.
peak() {
	ns /usr/bin/time -o "$T/peak" -f %M "$@" >/dev/null 2>&1
	cat "$T/peak"
}

hc_pair() { # NAME PEER THEIRS... : against hcheck URL
	local i name=$1 peer=$2 url=$3 ours=() theirs=() mem=() their_mem=()
	shift 3
	for ((i = 0; i < RUNS * 4; i++)); do
		ours+=("$(took_inside "$HC" -q "$url")")
		theirs+=("$(took_inside "$@")")
		mem+=("$(peak "$HC" -q "$url")")
		their_mem+=("$(peak "$@")")
	done
	row "$name, exec to exit" ms "$peer" "${ours[*]}" "${theirs[*]}"
	row "$name, resident at most" kB "$peer" "${mem[*]}" "${their_mem[*]}"
}

# cpu_of PID: percent of one, over 10 s.
cpu_of() {
	local c
	c=$(awk '{ print $14 + $15 }' "/proc/$1/stat")
	sleep 10
	calc "($(awk '{ print $14 + $15 }' "/proc/$1/stat") - $c) / 10"
}

# 1000 servers, 127.1.x.y, each probed every second.
steady_hcheck() {
	awk 'BEGIN { for (i = 0; i < 1000; i++) printf "n%d http://127.1.%d.%d:8080/\n",
		i, i / 250, 1 + i % 250 }' >"$T/f"
	hc --every 1s --fast 1s -f "$T/f"
	sleep 5
	cpu_of "$(<"$T/hc.pid")"
	kill "$(<"$T/hc.pid")"
}

steady_haproxy() {
	{
		printf '%s\n' global '  nbthread 1' '  maxconn 4000' defaults \
			'  mode http' '  timeout connect 2s' '  timeout server 2s' \
			'  timeout client 2s' 'frontend f' \
			'  bind 127.0.0.1:9' '  default_backend b' 'backend b' '  option httpchk GET /'
		awk 'BEGIN { for (i = 0; i < 1000; i++)
			printf "  server n%d 127.1.%d.%d:8080 check inter 1s\n",
			i, i / 250, 1 + i % 250 }'
	} >"$T/haproxy.cfg"
	ns_exec haproxy -db -f "$T/haproxy.cfg" >/dev/null 2>&1 &
	sleep 5
	cpu_of $!
	kill $!
}

# us_each CMD...: microseconds of a processor, of one run among a hundred.
us_each() {
	# shellcheck disable=SC2016 # for the inner shell
	ns /usr/bin/time -o "$T/us" -f '%U %S' bash -c 'for i in {1..100}; do
		"$@"; done' - "$@" >/dev/null 2>&1
	awk '{ print ($1 + $2) * 1e4 }' "$T/us"
}

bench_hcheck() {
	local plugins=/usr/lib/nagios/plugins i cpu ours=() theirs=()
	local each=() their_each=()

	hc_begin
	hc_pair "one TCP probe" check_tcp tcp://127.0.0.1:8080 \
		"$plugins/check_tcp" -H 127.0.0.1 -p 8080
	hc_pair "one HTTP probe" check_http http://127.0.0.1:8080/ \
		"$plugins/check_http" -H 127.0.0.1 -p 8080
	hc_pair "one HTTP probe" curl http://127.0.0.1:8080/ \
		curl -fs http://127.0.0.1:8080/
	hc_pair "one ICMP probe" fping icmp://127.0.0.1 fping -q 127.0.0.1
	for ((i = 0; i < RUNS; i++)); do
		cpu=$(steady_hcheck)
		ours+=("$cpu")
		each+=("$(calc "$cpu * 10")")
		their_each+=("$(us_each "$plugins/check_http" -I 127.0.0.1 \
			-p 8080)")
		theirs+=("$(steady_haproxy)")
	done
	row "1000 HTTP probes a second, CPU" % haproxy "${ours[*]}" \
		"${theirs[*]}"
	row "one of these, CPU" us check_http "${each[*]}" "${their_each[*]}"
	quietly hc_teardown_file
}

# Not in the list below: BENCH=hcheck-campaign.  10,000 HTTP targets every 5 s
# for a minute, then 1,000 TLS targets; see the bats file.
bench_hcheck-campaign() {
	SECS=60 B=$B bats -f 'targets every' tests/bats/72-hcheck-scale.bats
}

