#!/usr/bin/env bats
# Many targets in one process, and servers that would eat its memory.

load ../lab/helpers
load hcheck

# The sanitized build runs beside the other and is many times slower.
if [[ -n ${SANITIZED-} ]]; then
	HTTP_N=${HTTP_N:-1000} TLS_N=${TLS_N:-100} SECS=${SECS:-6}
else
	HTTP_N=${HTTP_N:-10000} TLS_N=${TLS_N:-1000} SECS=${SECS:-10}
fi

setup_file() {
	hc_setup_file
	[[ -n ${HC_NS-} ]] || return 0
	certs
	nginx_start nginx 8080 "
	server { listen 8080 backlog=8192; location / { return 200 ok; } }
	server { listen 8443 ssl backlog=8192;
	    ssl_certificate $HC_DIR/good.pem; ssl_certificate_key $HC_DIR/good.key;
	    location / { return 200 ok; } }"
	rogue headers='read|send:HTTP/1.1 200 OK\r\n|loop:X-A: bbbbbbbbbbbbbbbbbbbbbb\r\n' \
		body='read|send:HTTP/1.1 200 OK\r\n\r\n|loop:zzzzzzzzzzzzzzzzzzzzzzzzzzz' \
		chunks='read|send:HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n|loop:1\r\nx\r\n' \
		garbage='read|loop:\x00\xff\xfe\x01' drip='read|drip:50:HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|hold' \
		mute=hold closes=close resets='read|reset' lines='loop:220-x\r\n'
}

teardown_file() { hc_teardown_file; }
setup() { hc_setup; }
teardown() { lab_teardown; }

# targets N SCHEME PORT: each of 127.0.0.0/8 its own.
targets() {
	awk -v n="$1" -v s="$2" -v p="$3" 'BEGIN { for (i = 0; i < n; i++)
		printf "n%d %s://127.%d.%d.%d:%d/\n", i, s, 1 + int(i / 60000),
			int(i / 250) % 240, 1 + i % 250, p }'
}

rss() { awk '/^VmRSS/ { print $2 }' "/proc/$(<"$T/hc.pid")/status"; }
cpu() { awk '{ print $14 + $15 }' "/proc/$(<"$T/hc.pid")/stat"; }
lines() { [[ $(wc -l <"$T/hc.out") -ge $1 ]]; }

counters() { # KEY...: of what USR1 prints, all at one moment
	local key
	: >"$T/hc.err"
	kill -USR1 "$(<"$T/hc.pid")"
	wait_for 10 grep -q late-median "$T/hc.err"
	for key; do
		grep -o "$key=[0-9.]*" "$T/hc.err" | cut -d = -f 2
	done
}

# crowd N SCHEME PORT: all up, and none is down for $SECS seconds.
crowd() {
	local n=$1 c0 p0 c1 p1 t0 t1 late
	targets "$1" "$2" "$3" >"$T/f"
	hc --every 5s --fast 5s --rise 1 --fall 2 -t 4s -f "$T/f"
	wait_for 60 lines "$n"
	c0=$(cpu)
	read -rd '' t0 p0 < <(counters seconds probes) || :
	sleep "$SECS"
	c1=$(cpu)
	read -rd '' t1 p1 late < <(counters seconds probes late-median-ms) || :
	say "$2: $n targets every 5 s: $(calc "int(($p1 - $p0) / ($t1 - $t0))")" \
		"probes/s, CPU $(calc "($c1 - $c0) / ($t1 - $t0)") %," \
		"RSS $(rss) KB, late at the median under $late ms"
	# the pipe of lines repeats them upon USR1; none is DOWN
	refute grep -q ^DOWN "$T/hc.out"
	within "$late" 0 "$(calc "10 + $(noise)")"
	# the grid is kept: as many probes as points of it
	in_time "$(calc "1000 * (5 * ($p1 - $p0) / $n - ($t1 - $t0))")" -500 500
	within "$(rss)" 1 "$4"
	# closed with RST: no port is spent on TIME_WAIT
	within "$(ns ss -Htan state time-wait | wc -l)" 0 200
}

say() { echo "# $*" >&3; }

@test "$HTTP_N HTTP targets every 5 s: no false DOWN, no drift" {
	crowd "$HTTP_N" http 8080 ${SANITIZED:+5}80000
}

@test "$TLS_N TLS targets every 5 s likewise" {
	crowd "$TLS_N" https 8443 ${SANITIZED:+5}80000
}

@test "misbehaving servers: a verdict in time, and memory stays" {
	local p before after
	for p in headers body chunks garbage drip mute closes resets lines; do
		for i in 1 2 3 4 5 6 7 8; do
			echo "$p.http$i http://127.0.0.1:$(port $p)/$i body=x"
			echo "$p.tls$i tls://127.0.0.1:$(port $p) sni=x$i"
			echo "$p.smtp$i smtp://127.0.0.1:$(port $p) helo=x$i"
			echo "$p.tcp$i tcp://127.0.0.1:$(port $p) expect=never$i"
		done
	done >"$T/f"
	hc --every 500ms --fast 500ms -t 450ms --fall 2 -f "$T/f"
	wait_for 60 lines $((9 * 8 * 4))
	refute grep -q ^UP "$T/hc.out"
	p=$(counters probes)
	wait_for 60 more_probes $((p + 1000))
	before=$(rss)
	wait_for 60 more_probes $((p + 4000))
	after=$(rss)
	say "misbehaving: $((9 * 8 * 4)) targets, RSS $before KB, then $after KB"
	# (freed memory stays with ASan for a while)
	within "$after" 1 $((before + before / 4 +
		${SANITIZED:+30}3000))
	[[ -n ${SANITIZED-} ]] || within "$after" 1 25000
	# nobody waits for longer than the deadline, stalls apart
	refute grep -qE ' rtt=([1-9]|0\.9)' "$T/hc.out" ||
		within "$(counters stalls)" 1 1000000
}

more_probes() { (($(counters probes) >= $1)); }
