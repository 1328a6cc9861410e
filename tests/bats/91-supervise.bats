#!/usr/bin/env bats
# The service directories of examples/, node a under s6-svscan and node b
# under runsvdir: start, TERM, restart, kill -9 of each process and of all,
# exit 100.  What the client missed is printed.

load ../lab/helpers
load super

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
teardown() { lab_teardown; }

# Equal priorities, so nobody preempts.  (Of the database the one that starts
# later is the better, and does not preempt.)
common=(IF=eth0 PRIORITY=200 "ADDRS=$VIP/24")

conf_of() { # NODE: where it differs
	case $CASE,$1 in
	cloud,a) printf '%s\n' SOURCE=10.77.0.1 PEERS=10.77.0.2 ;;
	cloud,b) printf '%s\n' SOURCE=10.77.0.2 PEERS=10.77.0.1 ;;
	database,b) echo PRIORITY=210 ;;
	esac
	case $CASE in
	cloud) echo "MOVE='echo $1 >$T/api'" ;;
	database) echo "CHECK='exec:test -e $T/well-$1'" ;;
	esac
}

@test "dual-stack: both families on two interfaces go together" {
	local n
	for n in a b; do
		ip -n "$LAB-$n" link add eth1 type veth peer name peer1
		ip -n "$LAB-$n" link set eth1 up
		ip -n "$LAB-$n" link set peer1 up
	done
	pair dual-stack "${common[@]}" "ADDRS6=$VIP6/64" \
		'ADDRS2="10.99.0.1/24 fd99::1/64"'
	for n in "$VIP" "$VIP6" 10.99.0.1 fd99::1; do
		wait_for 5 holds a "$n"
		refute holds b "$n"
	done
	orders 50
	each_part "$(calc "$skew + 100")" 3500 3500 1000
	blow "kill -9 of all" kill_all
	in_time "$took" 0 1500
	ends_for_good "$S"
	for n in "$VIP" "$VIP6" 10.99.0.1 fd99::1; do
		wait_for 5 holds "$M" "$n"
		refute holds "$S" "$n"
	done
	blow "eth1 down" ip -n "$LAB-$M" link set eth1 down
}

web() { # NODE
	mkdir -p "$T/web"
	cat >"$T/web-$1.conf" <<-CONF
	daemon off; master_process off; user root;
	pid $T/web-$1.pid2; error_log $T/web-$1.log;
	events { worker_connections 64; }
	http { access_log off; client_body_temp_path $T/web/1;
	    proxy_temp_path $T/web/2; fastcgi_temp_path $T/web/3;
	    uwsgi_temp_path $T/web/4; scgi_temp_path $T/web/5;
	    server { listen 127.0.0.1:80; return 200 ok; } }
	CONF
	background "web-$1" ip netns exec "$LAB-$1" nginx -p "$T" \
		-c "$T/web-$1.conf"
}

@test "vip-nginx: the classic keepalived.conf, with keepalived's weight" {
	web a
	web b
	pair vip-nginx "${common[@]}"
	wait_for 5 wire 'vrrp 10\.77\.0\.1 v2 vrid=51'
	orders 50
	each_part 1000 "$(calc "$skew + 100")" 3500 1000
	blow "kill -9 of all" kill_all
	in_time "$took" 0 1500
	ends_for_good "$S"
	# weight -2: 198 is less than 200, but no fault
	blow "nginx ends" end "web-$M" KILL
	web "$S"
}

# The cloud: what goes to the VIP it sends to the node whose name it is told.
cloud() {
	mkfifo -m 622 "$T/api"
	# shellcheck disable=SC2016 # for the inner shell
	background cloud bash -c '
		while read -r node; do
			own=10.77.0.1
			[[ $node == a ]] || own=10.77.0.2
			ip netns exec "$LAB-cl" nft -f - <<-NFT
			table ip cloud
			delete table ip cloud
			table ip cloud {
				chain out {
					type route hook output priority -150
					ip daddr $VIP ip daddr set $own
				}
				chain in {
					type filter hook prerouting priority -150
					ip saddr $own udp sport $PORT ip saddr set $VIP
				}
			}
			NFT
			echo "$node"
		done <>"$0"' "$T/api"
}

@test "cloud: unicast, and the owner of the network moves the address" {
	cloud
	# shellcheck disable=SC2034 # by pair
	WIRE=b # others do not see what is unicast
	pair cloud "${common[@]}"
	wait_for 5 wire 'vrrp 10\.77\.0\.1 .* dst=10\.77\.0\.2'
	orders 1000
	each_part "$(calc "$skew + 100")" 1000 1000
	blow "kill -9 of all" kill_all # nothing here that the kernel removes
	in_time "$took" 0 4000
	ends_for_good "$S"
	# one call for each move, and none besides
	[[ $(uniq -c "$T/cloud.out" | awk '$1 > 1') == "" ]]
}

@test "database: never two holders, and no move back" {
	local n
	for n in a b; do
		: >"$T/well-$n"
	done
	pair database "${common[@]}"
	holders_start "$VIP" a b
	orders 1500
	each_part 1000 "$(calc "$skew + 100")" 3500 1000
	blow "kill -9 of all" kill_all
	in_time "$took" 0 3500
	ends_for_good "$S"
	blow "the check fails, so it is down" rm "$T/well-$M"
	wait_for 10 told "$S" FAULT
	: >"$T/well-$S"
	wait_for 10 told "$S" BACKUP
	mark "$S"
	never 4 told "$S" MASTER
	holders_stop
	say "two holders for $(holders_get .two_max_ms) ms"
	in_time "$(holders_get .two_max_ms)" 0 0
}
