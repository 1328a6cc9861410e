#!/usr/bin/env bats
# Health lines and other elections on stdin, and tracked interfaces: what they
# do to priority and FAULT; and that nothing on stdin can do more.

load elect

# now_prio NAME PRIO: said, and sent by node a.
now_prio() {
	wait_for 1 has "$1" priority "$2" || return 1
	[[ $(last "$1") != MASTER* ]] || wait_for 1 adverts a "$2"
}

# The fed elector in a, once it is Master after these lines.
master() {
	feed "$@"
	wait_for 2 is a MASTER
}

# Still Master, and no advert of a was late since the start of the watch.
undisturbed() {
	sleep 0.3
	is a MASTER || return 1
	[[ $(words a) != *MASTER*[BF]* ]] || return 1
	adverts a | awk 'NR > 1 && $1 - t > 0.18 { print "late", $1 - t
		bad = 1 } { t = $1 } END { exit bad || NR < 3 }'
}

@test "--track NAME without a weight: unheard of and DOWN mean FAULT" {
	wire_start
	fed_elector a -t 100ms --track web --track db
	is a FAULT
	has a why waiting-web
	feed "UP web"
	wait_for 1 has a why waiting-db
	feed "DOWN db why=refused"
	wait_for 1 has a why track-db
	refute adverts a '.*'
	master "UP db"
	said a 'BACKUP .* was=FAULT why=fault-over'
	feed "DOWN other" "DOWN webb"
	never 0.2 is a FAULT
	feed "DOWN web why=status-503"
	wait_for 1 is a FAULT
	has a why track-web
	wait_for 1 adverts a 0
	[ "$(adverts a 0 | wc -l)" = 1 ]
	master "UP web"
	now_prio a 100
}

@test "--track NAME=W: keepalived's arithmetic" {
	wire_start
	fed_elector a -t 100ms -p 100 --track up=20 --track down=-30
	has a priority 100 # unheard of: neither
	feed "UP up"
	now_prio a 120
	master "UP down"
	now_prio a 120
	feed "DOWN down"
	now_prio a 90
	feed "DOWN up"
	now_prio a 70
	feed "UP down"
	now_prio a 100
	feed "UP up"
	now_prio a 120
	refute said a FAULT
	[ "$(words a | tr ' ' '\n' | uniq | paste -sd ' ')" = \
		"BACKUP MASTER" ]
}

@test "priorities are clamped to 1 and 254; an owner stays 255" {
	wire_start
	fed_elector a -t 100ms -p 100 --weight -200
	feed "DOWN x"
	now_prio a 1
	feed "UP x" "DOWN y weight=254" "UP z weight=+254"
	now_prio a 254
	feed_end
	ends a 0
	AS=p fed_elector b -r 8 -t 100ms -p 255 --weight -200
	feed "DOWN x" "DOWN y weight=-254"
	sleep 0.2
	[ "$(words p)" = MASTER ]
	has p priority 255
}

@test "--weight W: any subject, each with its weight" {
	fed_elector a -t 100ms -p 100 --weight -10
	master "UP one"
	feed "DOWN one"
	now_prio_line 90
	feed "DOWN two"
	now_prio_line 80
	feed "DOWN three addr=x"
	now_prio_line 70
	feed "UP two"
	now_prio_line 80
	refute said a FAULT
}

now_prio_line() {
	wait_for 1 has a priority "$1"
}

@test "--weight 0: any subject, DOWN means FAULT; named ones differ" {
	fed_elector a -t 100ms -p 100 --weight 0 --track web=-5
	master "UP x"
	feed "DOWN web"
	now_prio_line 95
	is a MASTER
	feed "DOWN unheard"
	wait_for 1 is a FAULT
	has a why track-unheard
	master "UP unheard"
	has a priority 95
}

@test "weight= on the line wins, whatever the word, and means no FAULT" {
	wire_start
	fed_elector a -t 100ms -p 100 --track web --track db=-10
	feed "UP web"
	master "DOWN db weight=-40"
	now_prio a 60
	feed "UP db weight=7"
	now_prio a 107
	feed "UP db" # without: as told by --track
	now_prio a 100
	feed "DOWN web weight=-3"
	now_prio a 97
	is a MASTER
	feed "DOWN web weight=lots" # no number: not there
	wait_for 1 is a FAULT
	feed "UP web weight=255" # not from -254 to 254: not there
	wait_for 1 is a BACKUP
	has a priority 100
}

@test "another election's lines: MASTER is UP, the rest is DOWN" {
	fed_elector a -t 100ms --track vrrp.7@eth1
	is a FAULT
	master "MASTER vrrp.7@eth1 if=eth1 vrid=7 priority=3 why=x"
	feed "BACKUP vrrp.7@eth1 if=eth1"
	wait_for 1 has a why track-vrrp.7@eth1
	master "MASTER vrrp.7@eth1"
	feed "FAULT vrrp.7@eth1 why=link-down"
	wait_for 1 is a FAULT
	master "MASTER vrrp.7@eth1"
	feed "INIT vrrp.7@eth1 why=stop"
	wait_for 1 is a FAULT
}

@test "a sync group: one elector's lines move the other" {
	AS=first elector a -r 7 -p 200 -t 100ms -- \
		"$ELECT" -i eth0 -r 51 -p 200 -t 100ms \
		--track vrrp.7@eth0 10.77.0.253/32
	AS=b1 elector b -r 7 -t 100ms
	AS=b2 elector b -r 51 -t 100ms
	wait_for 3 is first MASTER
	wire_start
	send first TERM
	ends first 0
	wait_for 2 adverts a 0 7
	wait_for 2 adverts a 0 51
	wait_for 2 is b2 MASTER
}

@test "a worse priority lets the Backup take over, a better one preempts" {
	wire_start
	fed_elector a -t 100ms -p 110 --weight -20
	elector b -t 100ms -p 100
	master "UP x"
	is b BACKUP
	feed "DOWN x"
	wait_for 2 is b MASTER
	has b why preempt
	wait_for 1 is a BACKUP
	feed "UP x"
	wait_for 2 is a MASTER
	wait_for 1 is b BACKUP
}

@test "end of input hands over as TERM does" {
	local zero

	wire_start
	elector b -t 100ms -p 100
	fed_elector a -t 100ms -p 200 --weight -10
	master "UP x"
	wait_for 1 is b BACKUP
	feed_end
	wait_for 1 adverts a 0
	ends a 0
	[ "$(words a)" = "BACKUP MASTER INIT" ]
	has a why stop
	wait_for 1 is b MASTER
	has b why released
	# b may have been Master before a came
	zero=$(first_advert a 0)
	in_time "$(ms "$zero" "$(adverts b 100 | after "$zero")")" \
		"$(calc "$(skew_ms 100 100) - 2")" \
		"$(calc "$(skew_ms 100 100) + 50")"
}

@test "end of input with --handover break: INIT, then priority 0" {
	wire_start
	vip add a
	fed_elector a -t 100ms --weight -10 --handover break
	master "UP x"
	feed_end
	wait_for 1 is a INIT
	refute adverts a 0
	vip del a
	wait_for 1 adverts a 0
	ends a 0
}

@test "without tracks stdin is not read: its end means nothing" {
	elector a -t 100ms # stdin is /dev/null
	wait_for 2 is a MASTER
	fed_elector b -r 9 -t 100ms
	feed "DOWN x" "FAULT vrrp.9@eth0"
	feed_end
	wait_for 2 is b MASTER
	never 0.2 is b INIT
}

@test "a line without its newline counts only when it is whole" {
	fed_elector a -t 100ms --track web
	printf 'UP w' >&"$FEED"
	never 0.2 is a BACKUP
	printf 'eb\n' >&"$FEED"
	wait_for 1 is a BACKUP
	printf 'DOWN web' >&"$FEED"
	feed_end
	ends a 0 # no line: DOWN was never said
	refute said a 'track-web'
}

@test "garbage, unknown words, control bytes, odd spaces" {
	wire_start
	fed_elector a -t 100ms --track web --weight -10
	master "UP web"
	feed "" " " "UP" "DOWN" "=" "DOWNweb" "down web" "Down web" \
		"WHATEVER web" "web DOWN" "X=DOWN web" "DOWN,web" '%s%n%s' \
		"$(printf 'DOWN web \001')" "$(printf 'DOWN\033 web')" \
		"$(printf 'DOWN web\r')" "$(printf 'UP \377\376 x=\200')"
	printf 'DOWN web\0\n\0\0\0\nDOWN \0web\n' >&"$FEED"
	undisturbed
	has a priority 100
	[ ! -s "$T/a.err" ]
	feed "  DOWN   web   a=b  =x  y=  why=%20%zz  " # odd, yet a line
	wait_for 1 is a FAULT
	has a why track-web
}

@test "10 MB of noise, and a line of 100 kB" {
	wire_start
	fed_elector a -t 100ms --track web
	master "UP web"
	head -c 10000000 /dev/urandom >&"$FEED"
	feed ""
	undisturbed
	{
		printf 'DOWN web '
		head -c 100000 /dev/zero | tr '\0' x
		printf '\n'
	} >&"$FEED"
	undisturbed
	yes 'UP web' | head -n 300000 >&"$FEED"
	undisturbed
	[ ! -s "$T/a.err" ]
	feed "DOWN web" # it still listens
	wait_for 1 is a FAULT
}

@test "more subjects than it can hold: the first ones count" {
	local i

	fed_elector a -t 100ms --weight -1 -p 100
	for i in {1..200}; do
		feed "DOWN s$i"
	done
	wait_for 1 has a priority 36
	wait_for 2 is a MASTER
	feed "UP s1"
	wait_for 1 has a priority 37
	feed "DOWN $(head -c 500 /dev/zero | tr '\0' n)"
	never 0.2 has a priority 36
}

@test "silence is no news" {
	wire_start
	fed_elector a -t 10ms --track web
	master "UP web"
	sleep 1
	is a MASTER
	# of 10 ms a busy machine may miss some: it says MASTER anew then
	[ "$(words a | tr ' ' '\n' | uniq | paste -sd ' ')" = \
		"FAULT BACKUP MASTER" ]
	within "$(adverts a | wc -l)" 60 300
}

@test "a producer that is killed is the end of input" {
	wire_start
	background a sh -c "{ echo UP web; exec sleep 60; } |
		exec ip netns exec $LAB-a $ELECT -i eth0 -r 51 -t 100ms \
			--track web $VIP/24"
	wait_for 2 is a MASTER
	kill -KILL "$(pgrep -f -P "$(<"$T/a.pid")" 'sleep 60')"
	wait_for 1 adverts a 0
	ends a 0
}

# ---- --track-if -----------------------------------------------------------

# A link in node a, and its peer, whose state is its carrier.
make_link() {
	ip -n "$LAB-a" -batch - <<-IP
	link add $1 type veth peer name $1p
	link set $1 up
	link set $1p up
	IP
}

peer() {
	ip -n "$LAB-a" link set "$1p" "$2"
}

@test "--track-if IF: FAULT while it is absent, down or without a carrier" {
	wire_start
	elector a -t 100ms --track-if up0
	is a FAULT
	has a why track-up0
	make_link up0
	wait_for 2 is a MASTER
	peer up0 down
	wait_for 1 is a FAULT
	has a why track-up0
	wait_for 1 adverts a 0
	peer up0 up
	wait_for 2 is a MASTER
	ip -n "$LAB-a" link set up0 down
	wait_for 1 is a FAULT
	ip -n "$LAB-a" link set up0 up
	wait_for 2 is a MASTER
	ip -n "$LAB-a" link del up0
	wait_for 1 is a FAULT
	make_link up0
	wait_for 2 is a MASTER
}

@test "--track-if IF=W: a positive weight while up, a negative while down" {
	make_link plus0
	make_link minus0
	wire_start
	elector a -t 100ms -p 100 --track-if plus0=50 --track-if minus0=-60
	has a priority 150
	wait_for 2 is a MASTER
	peer minus0 down
	now_prio a 90
	peer plus0 down
	now_prio a 40
	ip -n "$LAB-a" link del minus0
	sleep 0.1
	has a priority 40
	make_link minus0
	now_prio a 100
	peer plus0 up
	now_prio a 150
	[ "$(words a | tr ' ' '\n' | uniq | paste -sd ' ')" = \
		"BACKUP MASTER" ]
}

@test "--track-if and lines together" {
	make_link up0
	fed_elector a -t 100ms -p 100 --track-if up0=10 --track web=-50
	has a priority 110
	feed "DOWN web"
	wait_for 1 has a priority 60
	peer up0 down
	wait_for 1 has a priority 50
	feed "UP web"
	wait_for 1 has a priority 100
}
