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

half_after_advert() { # INTERVAL
	head -n 1 < <(exec tail -n 0 -f "$T/wire.out") >/dev/null
	sleep "$(calc "$(seconds_of "$1") / 2")"
}

# A little longer than a Backup waits.
down_time() {
	calc "$(seconds_of "$1") * 3.5 + 0.5"
}

stop_a() { # WHOSE
	if [[ $1 == ours ]]; then
		end pipe-a
	else
		keepalived_stop a
	fi
}

event_planned() { # WHOSE INTERVAL
	stop_a "$1"
	wait_for 10 probe_sees b
}

event_daemon() {
	if [[ $1 == ours ]]; then
		kill -KILL "$(part a elect)"
	else
		lab kill a
	fi
	sleep "$(calc "$(down_time "$2") + 2")"
}

event_node() {
	lab cut a silent
	lab kill a
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
	if [[ $1 == ours ]]; then
		pipeline a 200 "$2"
	else
		AS=again keepalived_start a "$(keepalived_conf priority=200 \
			interval="$(seconds_of "$2")")"
	fi
	wait_for 10 probe_sees a
}

# outage EVENT WHOSE INTERVAL: sets gap and two, in ms.
outage() {
	fresh
	"pair_$2" "$3"
	if [[ $1 == return ]]; then
		stop_a "$2"
		wait_for 10 holds b
	fi
	sleep 0.5
	probe_start "$VIP"
	holders_start "$VIP" a b
	wire_start
	sleep 0.3
	[[ $1 == return ]] || half_after_advert "$3"
	"event_$1" "$2" "$3"
	sleep 0.3
	probe_stop
	holders_stop
	wire_stop
	gap=$(probe_get .longest_gap_ms)
	two=$(holders_get .two_ms)
}

outage_row() { # EVENT INTERVAL
	local i whose gap two what="$1 at $2" runs=$RUNS
	local -A gaps=([ours]="" [keepalived]="") twos=([ours]="" [keepalived]="")

	[[ $1 != stall ]] || what="stall of ${STALL:-30} s at $2" runs=3
	for ((i = 0; i < RUNS && i < runs; i++)); do
		for whose in ours keepalived; do
			outage "$1" "$whose" "$2" || continue
			gaps[$whose]+=" $gap"
			twos[$whose]+=" $two"
		done
	done
	row "$what: client's longest gap" ms keepalived "${gaps[ours]}" \
		"${gaps[keepalived]}"
	# what is cut off holds it for nobody
	[[ $1 != node && $1 != silent ]] || return 0
	row "$what: two nodes hold the address" ms keepalived \
		"${twos[ours]}" "${twos[keepalived]}"
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
