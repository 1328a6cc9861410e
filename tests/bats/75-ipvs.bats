#!/usr/bin/env bats
# ipvsadm-lite: commands, errors, save and restore, in a kernel with IPVS.

load ../lab/helpers
load ../lab/ipvs

setup() {
	require_ipvs
	"$IPVS" -C
	"$IPVS" --set 900 120 300
}

teardown() {
	lab_teardown
	nodes_down
}

# gives CODE TEXT CMD...: its exit code, and a part of what it says.
gives() {
	run "${@:3}"
	((status == $1)) && [[ $output == *"$2"* ]] || {
		echo "code $status, not $1, or without \"$2\": $output" >&2
		return 1
	}
}

# saves: -S but for the timeouts.
saves() {
	"$IPVS" -S | grep -v ^--set
}

@test "-A -a -L -S: as asked, and as ipvsadm shows it" {
	"$IPVS" -A -t 192.0.2.10:80 -s wrr -p 300 -M 255.255.255.0
	"$IPVS" -a -t 192.0.2.10:80 -r 10.0.0.1:8080 -m -w 100
	"$IPVS" -a -t 192.0.2.10:80 -r 10.0.0.2 -g
	"$IPVS" -A -u '[2001:db8::1]:53' -s rr -o
	"$IPVS" -a -u '[2001:db8::1]:53' -r '[fd00::1]:53' -m
	"$IPVS" -A -f 5 -6 -s wlc
	diff <(saves) - <<-'END'
	-A -t 192.0.2.10:80 -s wrr -p 300 -M 255.255.255.0
	-a -t 192.0.2.10:80 -r 10.0.0.1:8080 -m -w 100
	-a -t 192.0.2.10:80 -r 10.0.0.2:80 -g -w 1
	-A -u [2001:db8::1]:53 -s rr -o
	-a -u [2001:db8::1]:53 -r [fd00::1]:53 -m -w 1
	-A -f 5 -6 -s wlc
	END
	diff <(saves) <(ipvsadm -Sn)
	diff <("$IPVS" -L) <(ipvsadm -Ln)
	diff <("$IPVS") <(ipvsadm -Ln)
}

@test "-e and -E change only what is named" {
	"$IPVS" -A -u 192.0.2.10:80 -s sh -p 300 -o -b sh-port
	"$IPVS" -a -u 192.0.2.10:80 -r 10.0.0.1:80 -m -w 5 -x 100 -y 50
	"$IPVS" -e -u 192.0.2.10:80 -r 10.0.0.1:80 -w 0
	"$IPVS" -E -u 192.0.2.10:80 -p 60
	diff <(saves) - <<-'END'
	-A -u 192.0.2.10:80 -s sh -p 60 -o -b sh-port
	-a -u 192.0.2.10:80 -r 10.0.0.1:80 -m -w 0 -x 100 -y 50
	END
	"$IPVS" -E -u 192.0.2.10:80 -p 0 --no-ops -b none -s rr
	"$IPVS" -e -u 192.0.2.10:80 -r 10.0.0.1:80 -x 0 -y 0
	diff <(saves) - <<-'END'
	-A -u 192.0.2.10:80 -s rr
	-a -u 192.0.2.10:80 -r 10.0.0.1:80 -m -w 0
	END
}

@test "-d, -D, -Z, -C" {
	"$IPVS" -A -t 192.0.2.10:80
	"$IPVS" -a -t 192.0.2.10:80 -r 10.0.0.1
	"$IPVS" -a -t 192.0.2.10:80 -r 10.0.0.2
	"$IPVS" -d -t 192.0.2.10:80 -r 10.0.0.1
	[[ $(saves | wc -l) == 2 ]]
	"$IPVS" -Z
	"$IPVS" -Z -t 192.0.2.10:80
	"$IPVS" -D -t 192.0.2.10:80
	[[ -z $(saves) ]]
	"$IPVS" -A -f 1
	"$IPVS" -A -f 2
	"$IPVS" -C
	[[ -z $(saves) ]]
}

@test "errors: ipvsadm's words; exit 1, 100 or 111" {
	local s=192.0.2.10:80

	gives 1 "No such service" "$IPVS" -D -t $s
	gives 1 "No such service" "$IPVS" -E -t $s -s rr
	gives 1 "No such service" "$IPVS" -Z -t $s
	gives 1 "No such service" "$IPVS" -L -t $s
	gives 1 "Service not defined" "$IPVS" -a -t $s -r 10.0.0.1
	gives 1 "Service not defined" "$IPVS" -d -t $s -r 10.0.0.1
	"$IPVS" -A -t $s
	gives 1 "Service already exists" "$IPVS" -A -t $s
	gives 1 "No such destination" "$IPVS" -d -t $s -r 10.0.0.1
	gives 1 "No such destination" "$IPVS" -e -t $s -r 10.0.0.1 -w 3
	"$IPVS" -a -t $s -r 10.0.0.1
	gives 1 "Destination already exists" "$IPVS" -a -t $s -r 10.0.0.1
	gives 100 "Scheduler or persistence engine not found" \
		"$IPVS" -A -t 192.0.2.11:80 -s nosuch
	gives 100 "Scheduler or persistence engine not found" \
		"$IPVS" -A -u 192.0.2.11:80 -s rr -p 9 --pe nosuch
	gives 100 "Invalid operation" "$IPVS" -a -t $s -r 224.0.0.1
	gives 100 "Lower threshold" "$IPVS" -a -t $s -r 10.0.0.2 -x 1 -y 2
	gives 1 "No daemon is running" "$IPVS" --stop-daemon master
	gives 100 "no such option" "$IPVS" -A -t $s --nosuch
	gives 100 "no command" "$IPVS" -t $s
	# one line each
	run "$IPVS" -A -t $s
	[[ $output == "ipvsadm-lite: -A -t $s -s wlc: Service already exists" ]]
	diff <(saves) - <<-END
	-A -t $s -s wlc
	-a -t $s -r 10.0.0.1:80 -g -w 1
	END
}

@test "errors: no right, a full stdout" {
	gives 111 "Permission denied (needs CAP_NET_ADMIN)" \
		setpriv --bounding-set=-all --inh-caps=-all "$IPVS" -L \
		--no-sandbox
	gives 111 "stdout" sh -c '"$0" -L >/dev/full' "$IPVS"
}

@test "an unprivileged user with CAP_NET_ADMIN is enough" {
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		--inh-caps=-all,+net_admin --ambient-caps=-all,+net_admin \
		--bounding-set=-all,+net_admin "$IPVS" -A -f 9
	[[ $(saves) == "-A -f 9 -s wlc" ]]
}

@test "-S | -R: thresholds, timeouts and daemons come back" {
	"$IPVS" -R <<-'END'
	# a comment, and a blank line

	ipvsadm -A -t 192.0.2.10:80 -s mh -b mh-fallback,mh-port -p 9
	ipvsadm-lite -a -t 192.0.2.10:80 -r 10.0.0.1 -w 3 -x 9 -y 4
	-a -t 192.0.2.10:80 -r 10.0.0.2 -i --tun-type gue --tun-port 99 --tun-csum # x
	-A -f 3 -s rr
	-a -f 3 -r 10.0.0.3 --localnode
	--set 1000 100 10
	--start-daemon master --mcast-interface lo --syncid 7
	--start-daemon backup --mcast-interface lo --syncid 8
	END
	"$IPVS" -S >"$T/saved"
	"$IPVS" --stop-daemon master
	"$IPVS" --stop-daemon backup
	"$IPVS" -C
	"$IPVS" --set 900 120 300
	"$IPVS" -R <"$T/saved"
	"$IPVS" -S | diff "$T/saved" -
	grep -q -e '-r 10.0.0.1:80 -g -w 3 -x 9 -y 4$' "$T/saved"
	grep -q '^--set 1000 100 10$' "$T/saved"
	(($(grep -c '^--start-daemon' "$T/saved") == 2))
	(($(grep -c localnode "$T/saved") == 1))
	"$IPVS" --stop-daemon master
	"$IPVS" --stop-daemon backup
}

@test "-R: every bad line is told, the good ones are done; exit 100 over 1" {
	run "$IPVS" -R <<-'END'
	-A -t 192.0.2.10:80
	-a -t 192.0.2.10:80 -r 10.0.0.1 -w x
	-L
	-a -t 192.0.2.99:80 -r 10.0.0.1
	-e -t 192.0.2.10:80 -r 10.0.0.7 -w 2
	-a -t 192.0.2.10:80 -r 10.0.0.2
	END
	((status == 100))
	((${#lines[@]} == 4))
	[[ ${lines[0]} == "ipvsadm-lite: line 2: x: not a number"* ]]
	[[ ${lines[1]} == "ipvsadm-lite: line 3: "* ]]
	[[ ${lines[2]} == *"line 4: "*"Service not defined" ||
		${lines[3]} == *"line 4: "*"Service not defined" ]]
	[[ $output == *"line 5: No such destination"* ]]
	[[ $(saves | wc -l) == 2 ]]
	run "$IPVS" -R <<<"-D -t 192.0.2.99:80"
	((status == 1))
}

@test "-R --atomic: one bad line, and nothing is done" {
	"$IPVS" -A -t 192.0.2.10:80 -s rr
	"$IPVS" -a -t 192.0.2.10:80 -r 10.0.0.1
	saves >"$T/before"
	run "$IPVS" -R --atomic <<-'END'
	-C
	-A -t 192.0.2.11:80
	-a -t 192.0.2.11:80 -r 10.0.0.1 -w x
	END
	((status == 100))
	saves | diff "$T/before" -
	run "$IPVS" -R --atomic <<-'END'
	-A -t 192.0.2.11:80
	-D -t 192.0.2.12:80
	END
	((status == 1))
	saves | diff "$T/before" -
	# only the kernel knows that there is no such scheduler
	run "$IPVS" -R --atomic <<-'END'
	-C
	-A -t 192.0.2.11:80
	-A -t 192.0.2.12:80 -s nosuch
	END
	((status == 100))
	[[ $output == *"nothing was applied"* ]]
	saves | diff "$T/before" -
	"$IPVS" -R --atomic <<-'END'
	-C
	-A -t 192.0.2.10:80 -s rr
	-a -t 192.0.2.10:80 -r 10.0.0.1
	-a -t 192.0.2.10:80 -r 10.0.0.2
	END
	diff <(saves) - <<-'END'
	-A -t 192.0.2.10:80 -s rr
	-a -t 192.0.2.10:80 -r 10.0.0.1:80 -g -w 1
	-a -t 192.0.2.10:80 -r 10.0.0.2:80 -g -w 1
	END
}

@test "--resolve: names in, names out; without it none" {
	# mounts are private to the run
	{ cat /etc/hosts; echo 192.0.2.10 lbhost; } >"$T/hosts"
	mount --bind "$T/hosts" /etc/hosts
	"$IPVS" -A -t lbhost:http --resolve
	[[ $(saves) == "-A -t 192.0.2.10:80 -s wlc" ]]
	gives 100 "illegal virtual server" "$IPVS" -A -t lbhost:81
	diff <("$IPVS" -L --resolve) <(ipvsadm -L)
	[[ $("$IPVS" -L --resolve) == *lbhost:http* ]]
	umount /etc/hosts
}

@test "no ip_vs: says modprobe ip_vs, 111; --modprobe loads it" {
	local modprobe

	[[ -e /.ipvslab ]] || skip "the module may be in use"
	modprobe=$(</proc/sys/kernel/modprobe)
	echo /bin/false >/proc/sys/kernel/modprobe
	awk '/^ip_vs_/ { print $1 }' /proc/modules | xargs -r rmmod
	rmmod ip_vs
	gives 111 "modprobe ip_vs" "$IPVS" -L
	"$IPVS" -L --modprobe
	echo "$modprobe" >/proc/sys/kernel/modprobe
	"$IPVS" -A -f 1 -s rr
}

@test "--json: everything, and counters as numbers" {
	"$IPVS" -R <<-'END'
	-A -t 192.0.2.10:80 -s sh -b sh-port -p 60 -M 255.255.255.0
	-a -t 192.0.2.10:80 -r 10.0.0.1 -i --tun-type gre --tun-csum -w 7 -x 5
	-A -f 9 -6 -s rr
	END
	"$IPVS" -L --json >"$T/json"
	jq -e '.services | length == 2' "$T/json"
	jq -e '.timeouts.tcp == 900 and .size > 0 and .daemons == []' "$T/json"
	jq -e '.services[0] | .service == "tcp:192.0.2.10:80" and
		.scheduler == "sh" and .flags == "sh-port" and .persistent and
		.timeout == 60 and .netmask == "255.255.255.0" and
		(.stats | length == 10 and all(type == "number"))' "$T/json"
	jq -e '.services[0].servers[0] | .address == "10.0.0.1" and
		.weight == 7 and .u_threshold == 5 and .active == 0 and
		.forward == "Tunnel" and .tunnel.type == "gre" and
		.tunnel.csum and (.stats | all(type == "number"))' "$T/json"
	jq -e '.services[1] | .fwmark == 9 and .family == "inet6"' "$T/json"
	"$IPVS" -L --json -f 9 -6 | jq -e '.services | length == 1'
}

@test "it is confined: no right but one, no user root, a filter" {
	local pid

	mkfifo "$T/in"
	background ipvs sh -c 'exec "$0" -R <"$1"' "$IPVS" "$T/in"
	exec {FEED}>"$T/in"
	pid=$(<"$T/ipvs.pid")
	confined() {
		grep -q "^CapEff:.*0000000000001000$" "/proc/$pid/status" &&
			grep -q "^NoNewPrivs:.*1" "/proc/$pid/status" &&
			grep -q "^Uid:.65534" "/proc/$pid/status" &&
			grep -q "^Seccomp:.*2" "/proc/$pid/status"
	}
	wait_for 10 confined
	echo "-A -f 77" >&$FEED
	exec {FEED}>&-
	wait_for 10 gone "$pid"
	[[ $(saves) == "-A -f 77 -s wlc" ]]
	run "$IPVS" -L --no-sandbox
	[[ $output == *"--no-sandbox"* ]]
}
