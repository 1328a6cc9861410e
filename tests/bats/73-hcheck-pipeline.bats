#!/usr/bin/env bats
# The pipeline of DESIGN: hcheck in front of an election, and nginx that stops.

load ../lab/helpers
load pipeline

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
setup() { lab_setup; chmod 755 "$BATS_RUN_TMPDIR" "${T%/*}" "$T"; }
teardown() { lab_teardown; }

web() { # NODE
	cat >"$T/web-$1.conf" <<-CONF
	daemon off; master_process off; user root;
	pid $T/web-$1.pid2; error_log $T/web-$1.log;
	events { worker_connections 64; }
	http { access_log off; client_body_temp_path $T/1; proxy_temp_path $T/2;
	    fastcgi_temp_path $T/3; uwsgi_temp_path $T/4; scgi_temp_path $T/5;
	    server { listen 127.0.0.1:80; return 200 ok; } }
	CONF
	background "web-$1" ip netns exec "$LAB-$1" nginx -p "$T" \
		-c "$T/web-$1.conf"
}

# router NODE PRIORITY: a whole keepalived; files $T/pipe-NODE.*
router() {
	background "pipe-$1" ip netns exec "$LAB-$1" \
		"$B/hcheck" --every 200ms --fast 100ms --fall 2 --rise 1 \
		web=http://127.0.0.1/ -- \
		"$B/vrrp-elect" -i eth0 -r 51 -p "$2" --track web \
		--heartbeat 500ms --confirm 2s "$VIP/24" -- \
		"$B/vip-bind" follow --lease 2s -- \
		"$B/vrrp-elect" resign --follow
}

# When the wire was told first of node N's address as that of the Master.
since() { # NODE-NUMBER TIME
	wire "vrrp 10\.77\.0\.$1 " | awk -v t="$2" '$1 > t { print $1; exit }'
}

@test "nginx stopped on the Master: the Backup is Master; back, it returns" {
	local t took
	web a
	web b
	router a 200
	wait_for 15 says a MASTER
	wait_for 5 holds a
	router b 150
	wait_for 15 says b BACKUP
	wire_start
	wait_for 5 wire 'vrrp 10.77.0.1 '
	t=$(now)
	end web-a KILL
	wait_for 10 says b MASTER
	wait_for 5 refute holds a
	holds b
	wait_for 5 since 2 "$t"
	[[ -n $(since 2 "$t") ]]
	took=$(ms "$t" "$(since 2 "$t")")
	# one period until a probe sees it, fall - 1 fast ones, the skew of b
	say "nginx stopped: the Backup's first advert after $took ms;" \
		"formula at most $(calc "200 + 100 + (256 - 150) * 1000 / 256")"
	in_time "$took" 0 2000 # and under the 3.4 s of a silent death
	says a FAULT
	web a
	wait_for 15 says a MASTER
	wait_for 5 holds a
	wait_for 5 refute holds b
	# TERM to the first of each ends all of it
	end pipe-b
	end pipe-a
	refute holds a
	says a INIT
}
