#!/usr/bin/env bats
# ipvsadm-lite: apply, drain, syncd and follow, in a kernel with IPVS.

load ../lab/helpers
load ../lab/ipvs

VIP=192.0.2.10:80

setup() {
	require_ipvs
	"$IPVS" -C
	"$IPVS" -R <<-END
	-A -t $VIP -s rr
	-a -t $VIP -r 10.0.0.1:80 -m -w 1
	-a -t $VIP -r 10.0.0.2:80 -m -w 2
	-a -t $VIP -r 10.0.0.3:80 -m -w 3
	END
}

teardown() {
	lab_teardown
	for role in master backup; do
		"$IPVS" --stop-daemon $role 2>/dev/null || :
	done
}

saves() {
	"$IPVS" -S | grep -v ^--set
}

# weights: of the servers, by address: "1 2 3"
weights() {
	ipvsadm -Sn | sed -n "s/^-a -t $VIP .*-w \([0-9]*\).*/\1/p" |
		paste -s -d ' '
}

is() {
	[[ $(weights) == "$1" ]]
}

# follow ARGS...: with lines by say.
follow() {
	mkfifo "$T/in"
	background follow sh -c 'in=$1; shift; exec "$@" <"$in"' - "$T/in" \
		"$IPVS" follow -v "$@"
	exec {FEED}>"$T/in"
	wait_for 20 grep -q "^UP tcp:$VIP" "$T/follow.out"
}

say() {
	echo "$*" >&"$FEED"
}

# ends CODE
ends() {
	local c=0 pid

	exec {FEED}>&-
	pid=$(<"$T/follow.pid")
	wait_for 20 gone "$pid"
	wait "$pid" || c=$?
	rm "$T/follow.pid"
	((c == $1))
}

told() {
	grep -qE -- "$1" "$T/follow.out"
}

# ---- apply

@test "apply: the fewest edits, in order; --diff; twice is once" {
	local want="$T/want"

	cat >"$want" <<-END
	-A -t $VIP -s wrr
	-a -t $VIP -r 10.0.0.1:80 -m -w 1
	-a -t $VIP -r 10.0.0.2:80 -m -w 9
	-a -t $VIP -r 10.0.0.4:80 -m -w 1
	-A -u 192.0.2.11:53 -s rr
	END
	run "$IPVS" apply --diff <"$want"
	((status == 1))
	diff - <(echo "$output") <<-END
	-A -u 192.0.2.11:53 -s rr
	-E -t $VIP -s wrr
	-a -t $VIP -r 10.0.0.4:80 -m -w 1
	-e -t $VIP -r 10.0.0.2:80 -m -w 9
	-d -t $VIP -r 10.0.0.3:80
	END
	is "1 2 3"
	run "$IPVS" apply -v <"$want"
	((status == 0))
	[[ $output == "ipvsadm-lite: 5 edits" ]]
	diff <(saves | sort) <(sort "$want")
	run "$IPVS" apply -v <"$want"
	[[ $output == "ipvsadm-lite: 0 edits" ]]
	run "$IPVS" apply --diff <"$want"
	((status == 0))
	[[ -z $output ]]
	# what -S wrote is a table, too
	"$IPVS" -S | "$IPVS" apply --diff
	# and the edits are lines for -R
	"$IPVS" -S >"$T/now"
	"$IPVS" -C
	"$IPVS" apply --diff <"$T/now" | "$IPVS" -R
	"$IPVS" -S | diff "$T/now" -
}

@test "apply: a bad line, or nothing at all: nothing is changed" {
	run "$IPVS" apply <<<"-A -t 1.2.3.4:80 -w 3"
	((status == 100))
	run "$IPVS" apply <<<"-D -t $VIP"
	((status == 100))
	run "$IPVS" apply <<<"-a -t 1.2.3.4:80 -r 10.0.0.1"
	((status == 100))
	run "$IPVS" apply </dev/null
	((status == 100))
	is "1 2 3"
	run "$IPVS" apply <<<"-A -t 1.2.3.4:80 -s nosuch"
	((status == 100))
	"$IPVS" apply --empty </dev/null
	[[ -z $(saves) ]]
}

@test "apply --only: other services are left alone" {
	"$IPVS" -A -f 7 -s rr
	"$IPVS" apply --only -f 7 -f 8 <<<"-A -f 8 -s rr"
	is "1 2 3"
	[[ $(saves) == *"-f 8"* && $(saves) != *"-f 7"* ]]
	run "$IPVS" apply -f 7 <<<"-A -f 8 -s rr"
	((status == 100))
}

# ---- drain

@test "drain: no connections: gone at once; unknown: 1; --max: 99" {
	"$IPVS" drain -t $VIP -r 10.0.0.3:80
	is "1 2"
	run "$IPVS" drain -t $VIP -r 10.0.0.3:80
	((status == 1))
	[[ $output == *"No such destination"* ]]
	run "$IPVS" drain -t 1.2.3.4:5 -r 10.0.0.3:80
	((status == 1))
	run "$IPVS" drain -t $VIP
	((status == 100))
}

# ---- follow

@test "follow: DOWN is weight 0, UP the configured one; lines are passed on" {
	follow
	say "DOWN web2 addr=10.0.0.2:80 why=test"
	wait_for 10 told '^DOWN web2'
	is "1 0 3"
	say "UP web2 addr=10.0.0.2:80"
	wait_for 10 told '^UP web2'
	is "1 2 3"
	say "DOWN 10.0.0.3:80"
	wait_for 10 told '^DOWN 10.0.0.3'
	is "1 2 0"
	say "UP 10.0.0.3 weight=8"
	say "UP 10.0.0.3:80 weight=7"
	wait_for 10 told '^UP 10.0.0.3:80'
	is "1 2 7"
	ends 0
	is "1 2 7"
	grep -q 'the table stays as it is' "$T/follow.err"
}

@test "follow: level, not edge: what others change is mended" {
	follow --resync 200ms
	say "DOWN web2 addr=10.0.0.2:80"
	wait_for 10 is "1 0 3"
	"$IPVS" -e -t $VIP -r 10.0.0.2:80 -w 5
	wait_for 10 is "1 0 3"
	"$IPVS" -e -t $VIP -r 10.0.0.2:80 -w 5 # on a line, too
	say "DOWN web2 addr=10.0.0.2:80"
	wait_for 10 is "1 0 3"
	say "UP web2 addr=10.0.0.2:80"
	wait_for 10 is "1 5 3"
	ends 0
}

@test "follow --table: the table is the file's; HUP reads it again" {
	"$IPVS" -S >"$T/table"
	"$IPVS" -e -t $VIP -r 10.0.0.1:80 -w 0 # a predecessor's doing
	follow --table "$T/table" --resync 200ms
	is "1 2 3"
	"$IPVS" -C
	wait_for 10 is "1 2 3"
	say "DOWN web2 addr=10.0.0.2:80"
	wait_for 10 is "1 0 3"
	sed 's/-w 3/-w 4/; s/-w 2/-w 6/' "$T/table" >"$T/table.new"
	mv "$T/table.new" "$T/table"
	kill -HUP "$(<"$T/follow.pid")"
	wait_for 10 is "1 0 4"
	echo nonsense >"$T/table"
	kill -HUP "$(<"$T/follow.pid")"
	wait_for 10 grep -q 'not used' "$T/follow.err"
	say "UP web2 addr=10.0.0.2:80"
	wait_for 10 is "1 6 4"
	ends 0
}

@test "follow --quorum --sorry: in before the others go, out after they came" {
	follow --quorum 4 --hysteresis 1 --sorry 10.0.0.9:80
	say "DOWN c addr=10.0.0.3:80"
	wait_for 10 told '^DOWN c'
	is "1 2 0"
	refute told '^DOWN tcp'
	say "DOWN a addr=10.0.0.1:80"
	wait_for 10 told "^DOWN tcp:$VIP live=2 quorum=4 up=1 servers=3 sorry=yes"
	is "0 0 0 1"
	say "UP a addr=10.0.0.1:80"
	say "UP c addr=10.0.0.3:80"
	wait_for 10 told "^UP tcp:$VIP live=6 .*sorry=no"
	wait_for 10 is "1 2 3"
	ends 0
}

@test "follow --json --heartbeat; USR1 repeats the lines of the services" {
	mkfifo "$T/in"
	# shellcheck disable=SC2016 # the inner shell's
	background follow sh -c 'exec "$0" follow --json --heartbeat 300ms <"$1"' \
		"$IPVS" "$T/in"
	exec {FEED}>"$T/in"
	beats() { (($(wc -l <"$T/follow.out") >= 3)); }
	wait_for 20 beats
	jq -es 'all(.state == "UP" and .subject == "tcp:192.0.2.10:80" and
		.live == 6 and .servers == 3)' "$T/follow.out"
	ends 0
	rm "$T/in"
	follow
	kill -USR1 "$(<"$T/follow.pid")"
	again() { (($(grep -c "^UP tcp:$VIP" "$T/follow.out") == 2)); }
	wait_for 10 again
	ends 0
}

@test "follow: end of input at once, and a table that is empty" {
	run "$IPVS" follow </dev/null
	((status == 0))
	is "1 2 3"
	"$IPVS" -C
	run "$IPVS" follow <<<"DOWN a addr=10.0.0.1:80"
	((status == 0))
	[[ $output == *"DOWN a addr=10.0.0.1:80"* ]]
	[[ -z $(saves) ]]
}

@test "follow --down remove, --server, --eof down, -t" {
	"$IPVS" -A -f 3 -s rr
	"$IPVS" -a -f 3 -r 10.0.0.2:80 -m -w 5
	follow -t $VIP --down remove --server check2=10.0.0.2:80 --eof down
	say "DOWN check2 url=http://10.0.0.2:8080/ addr=10.0.0.2:8080"
	wait_for 10 told '^DOWN check2'
	is "1 3"
	ends 0
	is ""
	told '^DOWN tcp'
	[[ $(saves) == *"-a -f 3 -r 10.0.0.2:80 -m -w 5"* ]]
}

@test "follow: a slow start" {
	"$IPVS" -e -t $VIP -r 10.0.0.3:80 -w 100
	follow --slow-start 4s
	say "DOWN c addr=10.0.0.3:80"
	wait_for 10 is "1 2 0"
	say "UP c addr=10.0.0.3:80"
	wait_for 10 told '^UP c '
	(($(weights | cut -d ' ' -f 3) < 100))
	wait_for 20 is "1 2 100"
	ends 0
}

@test "follow: noise, silence and a full reader never empty the table" {
	local i

	follow --resync 100ms
	for i in {1..40}; do
		head -c 3000 /dev/urandom >&"$FEED"
		say "DOWN"
		say "DOWN x addr="
		say "DOWN x addr=[::]:"
		say "UP y weight=-1 addr=10.0.0.1:80"
		say "DOWN 10.0.0.4:80"
		say "MASTER vrrp.51@eth0 addrs=10.0.0.1"
	done
	say "DOWN b addr=10.0.0.2:80"
	wait_for 20 is "1 0 3"
	ends 0
	is "1 0 3"
}

@test "follow -- PROG: one process tree; TERM ends it, a dead reader does" {
	mkfifo "$T/in"
	# shellcheck disable=SC2016 # the inner shell's
	background follow sh -c 'in=$1; shift; exec "$@" <"$in"' - "$T/in" \
		"$IPVS" follow -- sh -c 'while read -r l; do echo "got $l"; done; echo end'
	exec {FEED}>"$T/in"
	wait_for 20 grep -q "^got UP tcp" "$T/follow.out"
	say "DOWN b addr=10.0.0.2:80"
	wait_for 10 grep -q "^got DOWN b" "$T/follow.out"
	kill "$(<"$T/follow.pid")"
	ends 0
	grep -q "^end$" "$T/follow.out"
	rm "$T/in"
	mkfifo "$T/in"
	background follow sh -c 'in=$1; shift; exec "$@" <"$in"' - "$T/in" \
		"$IPVS" follow -- head -n 1
	exec {FEED}>"$T/in"
	wait_for 20 grep -q "^UP tcp" "$T/follow.out"
	ends 111
}

# ---- syncd

daemon() {
	[[ $("$IPVS" -L --daemon) == "$1"* ]]
}

@test "syncd: the role follows the lines; what others stop runs again" {
	mkfifo "$T/in"
	background follow sh -c 'in=$1; shift; exec "$@" <"$in"' - "$T/in" \
		"$IPVS" syncd -i lo --syncid 5 --mcast-ttl 2 --resync 200ms
	exec {FEED}>"$T/in"
	say "BACKUP vrrp.51@eth0"
	wait_for 10 told ^BACKUP
	daemon "backup sync daemon (mcast=lo, syncid=5,"
	say "MASTER vrrp.51@eth0"
	wait_for 10 told ^MASTER
	daemon "master sync daemon (mcast=lo, syncid=5,"
	[[ $("$IPVS" -L --daemon | wc -l) == 1 ]]
	"$IPVS" --stop-daemon master
	wait_for 10 daemon master
	say "FAULT vrrp.51@eth0"
	wait_for 10 daemon backup
	ends 0
	[[ -z $("$IPVS" -L --daemon) ]]
	[[ $(cut -d ' ' -f 1 "$T/follow.out" | paste -s -d ' ') == \
		"BACKUP MASTER FAULT" ]]
}

# The kernel leaves that without an answer.
@test "syncd: a daemon that is stopped before it ran is gone at once" {
	for ((i = 0; i < 20; i++)); do
		echo "BACKUP vrrp.51@eth0" |
			timeout 5 "$IPVS" syncd -i lo --syncid 5 >"$T/out"
		[[ -z $("$IPVS" -L --daemon) ]]
	done
}

@test "misuse of the verbs: 100 and one line" {
	local args

	for args in "follow --nosuch" "follow --quorum x" "follow --sorry 1.2.3.4" \
		"follow extra" "follow --eof stop" "follow --down 3" "syncd" \
		"syncd -i lo --syncid 256" "drain -t $VIP" "apply --only" \
		"apply -r 10.0.0.1" "follow -g" "follow --table /nonexistent" \
		"follow --server x" "drain -t $VIP -r 10.0.0.1 --max x"; do
		# shellcheck disable=SC2086 # words on purpose
		run "$IPVS" $args </dev/null
		((status == 100)) || {
			echo "$args: $status: $output" >&2
			return 1
		}
		[[ $output == "ipvsadm-lite: "* ]]
	done
	for args in apply drain follow syncd; do
		run "$IPVS" $args --help
		((status == 0))
		[[ $output == "usage: ipvsadm-lite $args"* ]]
	done
}
