# shellcheck shell=bash
# bench rows: what a client sees when a Master goes, in six ways, at three
# intervals; and for how long two nodes hold the address.  How long a Backup
# waits depends on when in the interval the Master went: each event comes half
# an interval after an advert.

seconds_of() { # INTERVAL
	case $1 in
	*ms) calc "${1%ms} / 1000" ;;
	*) echo "${1%s}" ;;
	esac
}

pair_ours() { # INTERVAL
	pair "$1"
}

pair_keepalived() {
	local s

	s=$(seconds_of "$1")
	keepalived_start a "$(keepalived_conf priority=200 interval="$s")"
	wait_for 10 holds a
	keepalived_start b "$(keepalived_conf priority=150 interval="$s")"
}

# Who skews less is the Master.
ucarp_start() { # NODE NUMBER SKEW
	local verb

	for verb in add del; do
		cat >"$T/ucarp-$verb" <<-SCRIPT
		#!/bin/sh
		exec ip addr $verb "\$2/32" dev "\$1"
		SCRIPT
		chmod 755 "$T/ucarp-$verb"
	done
	background "ucarp-$1" ip netns exec "$LAB-$1" ucarp -i eth0 -v 51 \
		-s "10.77.0.$2" -p secret -a "$VIP" -b 1 -k "$3" -P -z \
		-u "$T/ucarp-add" -d "$T/ucarp-del"
}

pair_ucarp() { # INTERVAL: 1s
	ucarp_start a 1 0
	wait_for 10 holds a
	ucarp_start b 2 100
	sleep 1
}

half_after_advert() { # INTERVAL
	head -n 1 < <(exec tail -n 0 -f "$T/wire.out") >/dev/null
	sleep "$(calc "$(seconds_of "$1") / 2")"
}

# A little longer than a Backup waits.
down_time() {
	calc "$(seconds_of "$1") * 3.5 + 0.5"
}

stop_a() { # WHOSE
	case $1 in
	ours) end pipe-a ;;
	ucarp) end ucarp-a ;;
	*) keepalived_stop a ;;
	esac
}

event_planned() { # WHOSE INTERVAL
	stop_a "$1"
	wait_for 10 probe_sees b
}

event_daemon() {
	if [[ $1 == ours ]]; then
		quietly kill -KILL "$(part a elect)"
	else
		quietly lab kill a
	fi
	sleep "$(calc "$(down_time "$2") + 2")"
}

event_node() {
	lab cut a silent
	quietly lab kill a
	wait_for 10 probe_sees b
}

event_silent() {
	lab cut a silent
	wait_for 10 probe_sees b
}

# Two hold for all of the stall, or until the lease runs out: a whole second
# at least, whatever the interval.
event_stall() {
	lab pause a
	sleep "${STALL:-30}"
	lab resume a
	sleep "$(down_time "$2")"
}

event_return() {
	case $1 in
	ours) pipeline a 200 "$2" ;;
	ucarp) ucarp_start a 1 0 ;;
	*) AS=again keepalived_start a "$(keepalived_conf priority=200 \
		interval="$(seconds_of "$2")")" ;;
	esac
	wait_for 10 probe_sees a
}

# outage WHOSE EVENT INTERVAL: sets gap and two, in ms.
outage() {
	fresh
	"pair_$1" "$3"
	if [[ $2 == return ]]; then
		stop_a "$1"
		wait_for 10 holds b
	fi
	sleep 0.5
	probe_start "$VIP"
	holders_start "$VIP" a b
	wire_start
	sleep 0.3
	[[ $2 == return ]] || half_after_advert "$3"
	"event_$2" "$1" "$3" || return 1
	sleep 0.3
	probe_stop
	holders_stop
	wire_stop
	gap=$(probe_get .longest_gap_ms)
	two=$(holders_get .two_ms)
}

outage_row() { # EVENT INTERVAL
	local what="$1 at $2" RUNS=$RUNS
	local -A got=()

	if [[ $1 == stall ]]; then
		what="stall of ${STALL:-30} s at $2"
		((RUNS < 3)) || RUNS=3
	fi
	in_turn gap two -- outage "$1" "$2"
	row_of "$what: client's longest gap" ms gap
	# what is cut off holds it for nobody
	[[ $1 != node && $1 != silent ]] || return 0
	row_of "$what: two nodes hold the address" ms two
}

# OUTAGES="planned ..." and INTERVALS="1s ..." for less of it; STALL=SECONDS.
bench_outage() {
	local event a

	for event in ${OUTAGES:-planned daemon node silent stall return}; do
		for a in ${INTERVALS:-1s 100ms 10ms}; do
			outage_row "$event" "$a"
		done
	done
}

# It has whole seconds.
bench_ucarp() {
	local event PEER=ucarp

	for event in planned daemon node return; do
		outage_row $event 1s
	done
}
