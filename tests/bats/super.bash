# shellcheck shell=bash
# super.bash - the service directories of examples/ under real supervisors.
# Load after ../lab/helpers.

declare -gA SUPER # by node: s6 or runit
declare -gA MARK  # by node: lines of its log that are old
WIRE=cl         # where its adverts are heard
skew=218.75     # of priority 200, in ms

setup() {
	lab_setup
	chmod 755 "$BATS_RUN_TMPDIR" "${T%/*}" "$T"
}

# say TEXT: a figure for the reader of the test's output.
say() {
	echo "# $*" >&3
}

# service NODE CASE LINE...: a copy of the example, its conf with these lines.
service() {
	local dir=$T/sv-$1/$2

	mkdir "$T/sv-$1"
	cp -r "$ROOT/examples/$2" "$dir"
	printf '%s\n' "LOG=$T/log-$1" "${@:3}" >>"$dir/conf"
	CASE=$2
}

# supervise NODE s6|runit: starts the supervisor of its services.
supervise() {
	local run=(runsvdir "$T/sv-$1")

	[[ $2 == runit ]] || run=(s6-svscan "$T/sv-$1")
	SUPER[$1]=$2
	MARK[$1]=0
	background "super-$1" ip netns exec "$LAB-$1" \
		env PATH="$B:$PATH" "${run[@]}"
	wait_for 10 told "$1" BACKUP
}

# told NODE WORD: has it (or notify for it) said so since the mark?
told() {
	tail -n "+$((MARK[$1] + 1))" "$T/log-$1/current" 2>/dev/null |
		grep -qE "(^| )$2 vrrp\.| INSTANCE [^ ]* $2 "
}

mark() {
	local n

	for n; do
		MARK[$n]=$(wc -l <"$T/log-$n/current")
	done
}

# ctl NODE start|stop|restart: asks the supervisor.
ctl() {
	local dir=$T/sv-$1/$CASE
	local -A s6=([start]=-u [stop]=-d [restart]=-r)
	local -A sv=([start]=up [stop]=down [restart]=term)

	case ${SUPER[$1]} in
	s6) s6-svc "${s6[$2]}" "$dir" ;;
	runit) sv "${sv[$2]}" "$dir" >/dev/null ;;
	esac
}

# is_up NODE
is_up() {
	case ${SUPER[$1]} in
	s6) [[ $(s6-svstat -o up "$T/sv-$1/$CASE") == true ]] ;;
	runit) [[ $(sv status "$T/sv-$1/$CASE") == run:* ]] ;;
	esac
}

# stays_down NODE: down, though it normally is up.  (A runsv that waits before
# the next start says "down" too, but that it wants it up.)
stays_down() {
	local said

	case ${SUPER[$1]} in
	s6) said=$(s6-svstat "$T/sv-$1/$CASE") ;;
	runit) said=$(sv status "$T/sv-$1/$CASE") ;;
	esac
	[[ $said == down*"normally up"* && $said != *"want up"* ]] || return 1
	[[ ${SUPER[$1]} == runit || $said == *"(exitcode 100"* ]]
}

# chain NODE: the pids of the chain, from the first.
chain() {
	local pid

	case ${SUPER[$1]} in
	s6) pid=$(s6-svstat -o pid "$T/sv-$1/$CASE") ;;
	runit) pid=$(<"$T/sv-$1/$CASE/supervise/pid") ;;
	esac
	while [[ -n $pid ]]; do
		echo "$pid"
		pid=$(next_of "$pid")
	done
}

# next_of PID: its child in the chain; hcheck has others.
next_of() {
	local p comm

	for p in $(pgrep -P "$1"); do
		read -r comm <"/proc/$p/comm"
		case $comm in
		vrrp-elect | vip-bind | ipvsadm-lite | notify) echo "$p" ;;
		esac
	done
}

# part N: of the chain of the Master that blow found, what it is.
part() {
	tr '\0' ' ' <"/proc/${CHAIN[$1]}/cmdline" |
		sed -E 's/^[^ ]*\///; s/^(vrrp-elect resign|[^ ]*).*/\1/'
}

# ---- a pair: the Master "$M" and the Backup $S, of equal priority.

swap() {
	local was=$M

	M=$S
	S=$was
}

# pair CASE LINE...: a under s6 is Master, b under runit Backup.
pair() {
	local n

	for n in a b; do
		CASE=$1
		service $n "$@" "$(conf_of $n)"
	done
	pair_up
}

pair_up() {
	supervise a s6
	wait_for 15 told a MASTER
	wait_for 5 serves a
	supervise b runit
	M=a S=b
	wire_start "$WIRE"
}

# serves NODE: does the client get its answers there?
serves() {
	[[ $(in_node cl "$LAB_BIN/lab-probe" -v -d 1 -w 100 "$VIP" $PORT 2>&1) == *"+$1"* ]]
}

# first_of NODE: when its first advert came since $t0, in ms.
first_of() {
	local n=1

	[[ $1 == a ]] || n=2
	ms "$t0" "$(wire "vrrp 10\.77\.0\.$n .*prio=[1-9]" |
		awk -v t="$t0" '$1 > t { print $1; exit }')"
}

takes_over() {
	[[ $(first_of "$1") != -* ]]
}

# blow WHAT CMD...: does it to the Master; until the Backup serves, and the
# other is its Backup.  $took is when the Backup's first advert came.
blow() {
	local what=$1

	shift
	mark a b
	probe_start "$VIP"
	wait_for 5 probe_sees "$M"
	mapfile -t CHAIN < <(chain "$M")
	[[ $what != *%s* ]] || what="kill -9 of $(part "$2")"
	t0=$(now)
	"$@"
	wait_for 15 told "$S" MASTER
	wait_for 10 probe_sees "$S"
	wait_for 5 takes_over "$S"
	took=$(first_of "$S")
	[[ $what == *" down"* ]] || wait_for 15 told "$M" BACKUP
	probe_stop
	swap
	say "$CASE, ${SUPER[$S]}, $what: Backup is Master after $took ms," \
		"client's longest gap $(probe_get .longest_gap_ms) ms"
}

kill_part() {
	kill -KILL "${CHAIN[$1]}"
}

# Stopped first: those killed last would let go in order.
kill_all() {
	kill -STOP "${CHAIN[@]}"
	kill -KILL "${CHAIN[@]}"
}

# each_part BOUND...: kill -9 of the Nth process, for each bound of ms.
each_part() {
	local i=0 bound

	for bound; do
		blow %s kill_part "$i"
		in_time "$took" 0 "$bound"
		i=$((i + 1))
	done
}

# orders GAP: the client misses no more than that of a planned switch.
orders() {
	blow "told to go down" ctl "$M" stop
	in_time "$took" 0 "$(calc "$skew + 100")"
	in_time "$(probe_get .longest_gap_ms)" 0 "$1"
	wait_for 5 refute is_up "$S"
	mark "$S"
	ctl "$S" start
	wait_for 10 told "$S" BACKUP
	blow "restart" ctl "$M" restart
	in_time "$(probe_get .longest_gap_ms)" 0 "$1"
}

# ends_for_good NODE: exit 100, and it is not started again.
ends_for_good() {
	echo 'VRID=0' >>"$T/sv-$1/$CASE/conf"
	ctl "$1" restart
	wait_for 15 stays_down "$1"
	never 2 refute stays_down "$1"
	[[ $(grep -c 'vrid: 0' "$T/log-$1/current") == 1 ]]
	sed -i '$d' "$T/sv-$1/$CASE/conf"
	mark "$1"
	ctl "$1" start
	wait_for 10 told "$1" BACKUP
}
