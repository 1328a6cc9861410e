# shellcheck shell=bash
# group.bash - a group of routers under a fault: what is drawn for it, its
# pipelines under a little supervisor, and what may be asked while it runs.
#
# Drawn: N routers (a is the best, then b, c), V version, F family, A interval
# in ms, PRE preempt or nopreempt.  Follow from it: H heartbeat, LEASE, L the
# kernel's lease, C confirm, all in ms.
# shellcheck disable=SC2034 # much of it is for kinds.bash

# shellcheck source=tests/lab/helpers.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/helpers.bash"

declare -A PRIO=([a]=200 [b]=150 [c]=50) TOP=()

# ---- chance ---------------------------------------------------------------

# A stream of numbers for each (seed, number): splitmix64, the start hashed.
RNG=0

_mix() {
	local z=$1

	z=$(((z ^ (z >> 30 & 0x3ffffffff)) * 0x3f58476d1ce4e5b9))
	z=$(((z ^ (z >> 27 & 0x1fffffffff)) * 0x14d049bb133111eb))
	DRAWN=$(((z ^ (z >> 31 & 0x1ffffffff)) & 0x7fffffffffffffff))
}

chance_start() { # SEED NUMBER
	_mix "$1"
	_mix $((DRAWN + $2))
	RNG=$DRAWN
}

# draw LOW HIGH: DRAWN, both included.
draw() {
	RNG=$((RNG + 0x1e3779b97f4a7c15))
	_mix $RNG
	DRAWN=$(($1 + DRAWN % ($2 - $1 + 1)))
}

# pick WORD...: PICKED, one of them.
pick() {
	draw 1 $#
	PICKED=${!DRAWN}
}

draw_group() {
	pick 2 3
	N=$PICKED
	pick 1000 1000 100 100 100
	A=$PICKED
	pick inet inet inet6
	F=$PICKED
	pick 2 3
	V=$PICKED
	pick preempt preempt nopreempt
	PRE=$PICKED
}

# What the design promises for these (reliability.md 2): E is how late the
# kernel may be with a lease, G how long two hold at a hand-over.
derive() {
	# version 2 has neither IPv6 nor parts of a second
	[[ $F == inet && $A == 1000 ]] || V=3
	H=500 LEASE=2000 L=2000 C=2000 E=900
	((A == 1000)) || H=50 LEASE=250 L=1000 C=500
	[[ $F == inet ]] || E=1500
	G=$((A / 4 < 50 ? A / 4 : 50))
	skew_of b
	SKEW=$MS
	DOWN=$((3 * A + SKEW))
	# how long a release of the addresses may take
	OUTLIVE=$((C > 3 * A + 1000 ? C : 3 * A + 1000))
	NODES=(a b)
	((N == 2)) || NODES+=(c)
	WATCHED=$VIP VIPS=("$VIP/24")
	[[ $F == inet ]] || WATCHED=$VIP6 VIPS=("fe80::fe/64" "$VIP6/64")
}

skew_of() { # NODE: MS
	MS=$(((256 - PRIO[$1]) * (V == 2 ? 1000 : A) / 256))
}

# ---- time -----------------------------------------------------------------

us() {
	NOW=${EPOCHREALTIME/./}
}

# rest MS, without a process.
exec {NEVER}<> <(:)
rest() {
	local s

	printf -v s '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
	read -r -t "$s" -u "$NEVER" || :
}

# await MS CMD...: until it succeeds, tried every 30 ms, and after the time.
await() {
	local end

	us
	end=$((NOW + $1 * 1000))
	shift
	until "$@"; do
		us
		((NOW < end)) || return 1
		rest 30
	done
}

# A line of the story; the judge knows fault, apart, joined, cured, settled.
mark() {
	echo "$EPOCHREALTIME # $*" >>"$T/story"
}

# ---- pipelines ------------------------------------------------------------

# Each change of state with its time; heartbeats repeat the last one.
stamp() { # NODE
	local state facts was=

	trap '' TERM INT
	while read -r state _ facts; do
		[[ $state != "$was" ]] || continue
		was=$state
		echo "$EPOCHREALTIME $1 $state ${facts#* addrs=}" >>"$T/story"
		echo "$state $facts" >"$T/$1.state.new"
		mv "$T/$1.state.new" "$T/$1.state"
	done
}

# Breaks that must be found (see bite) change what is run here.
# shellcheck disable=SC2016
plan() { # NODE: PIPE
	local opts=(-i eth0 -r 51 -p "${PRIO[$1]}" -t "${A}ms" --vrrp "$V"
		--heartbeat "${H}ms")
	local bind=("$B/vip-bind" follow -v --lease "${LEASE}ms")
	local will=(-- "$B/vrrp-elect" resign --follow)

	[[ $PRE == preempt ]] || opts+=(--nopreempt)
	# either alone finds a binder that hangs
	if [[ $BREAK == confirm ]]; then
		opts+=(--stuck 60m)
	else
		opts+=(--confirm "${C}ms")
	fi
	[[ $BREAK != lease ]] || bind=("$B/vip-bind" follow -v)
	[[ $BREAK != will ]] || will=()
	if [[ ${BARE[$1]-} ]]; then
		opts+=(--no-sandbox)
		bind+=(--no-sandbox)
		((!${#will[@]})) || will+=(--no-sandbox)
	fi
	case $BREAK in
	deaf) bind=(sh -c 'gawk "/^MASTER/ { m = 1 } !m || /^MASTER/ {
		print; fflush() }" | exec "$@"' - "${bind[@]}") ;;
	beat) bind=(bash -c '{ while read -t 0.2 -r l || [ $? -gt 128 ]; do
		[ -z "$l" ] || was=$l; echo "$was"; done; } | exec "$@"' -
		"${bind[@]}") ;;
	esac
	PIPE=("$B/vrrp-elect" -v "${opts[@]}" "${VIPS[@]}" -- "${bind[@]}"
		"${will[@]}")
}

declare -A BARE=() UNDER=() PARTS=() READER=()

# UNDER: the words before the command; BARE: without its sandbox.
router() { # NODE
	local under lines

	plan "$1"
	read -ra under <<<"${UNDER[$1]-}"
	: >"$T/$1.state"
	exec {lines}> >(stamp "$1" {NEVER}>&-)
	READER[$1]=$!
	ip netns exec "$LAB-$1" "${under[@]}" "${PIPE[@]}" \
		</dev/null >&$lines 2>>"$T/$1.err" {lines}>&- {NEVER}>&- &
	TOP[$1]=$!
	disown
	exec {lines}>&-
	PARTS[$1]=
}

# part NODE elect|bind|will: PID
part() {
	local p=("${TOP[$1]}" '' '')

	if [[ ${PARTS[$1]} ]]; then
		read -ra p <<<"${PARTS[$1]}"
	else
		p[1]=$(pgrep -P "${p[0]}") && p[2]=$(pgrep -P "${p[1]}")
		PARTS[$1]="${p[*]}"
	fi
	case $2 in
	elect) PID=${p[0]} ;;
	bind) PID=${p[1]} ;;
	will) PID=${p[2]} ;;
	esac
}

whole() { # NODE: PIDS, all three
	part "$1" elect
	read -ra PIDS <<<"${PARTS[$1]}"
}

# ---- questions ------------------------------------------------------------

# state NODE: STATE, and WHY.
state() {
	local facts

	STATE='' WHY=''
	[[ ! -e $T/$1.state ]] || read -r STATE facts <"$T/$1.state" || :
	WHY=${facts##*why=}
	WHY=${WHY%% *}
}

says() { # NODE WORD
	state "$1"
	[[ $STATE == "$2" ]]
}

# The last word of lab-holders on each node: HOLDERS, "ab".
who_holds() {
	local n sign
	local -A has=()

	while read -r _ n sign _; do
		[[ $sign != [+-] ]] || has[$n]=$sign
	done <"$T/holders.out"
	HOLDERS=
	for n in "${NODES[@]}"; do
		[[ ${has[$n]-} != + ]] || HOLDERS+=$n
	done
}

holder_is() { # NODES
	who_holds
	[[ $HOLDERS == "$1" ]]
}

client_sees() { # NODE
	local l last=

	while read -r l; do
		[[ $l != +* ]] || last=${l#+}
	done <"$T/probe.err"
	[[ $last == "$1" ]]
}

# One Master, the others Backups, only the Master has the address, the client
# is with it; with preempt it is the best.  MASTER.
settled() {
	local n

	MASTER=
	for n in "${NODES[@]}"; do
		state "$n"
		case $STATE in
		MASTER) MASTER+=$n ;;
		BACKUP) ;;
		*) return 1 ;;
		esac
	done
	[[ ${#MASTER} == 1 && ($PRE == nopreempt || $MASTER == a) ]] &&
		holder_is "$MASTER" && client_sees "$MASTER"
}

# ---- the supervisor -------------------------------------------------------

alive() { # NODE: any process of its pipeline
	[[ $(ip netns pids "$LAB-$1" | while read -r p; do
		read -r comm <"/proc/$p/comm" || continue
		[[ $comm == lab-* || $comm == strace ]] || gone "$p" || echo x
	done) ]] 2>/dev/null
}

none_alive() {
	! alive "$1"
}

# A node whose first process ended is started anew when the rest is gone too,
# which must not take longer than a release of the addresses.
tend() {
	local n

	for n in "${NODES[@]}"; do
		[[ ! ${KEPT_DOWN[$n]-} ]] && gone "${TOP[$n]}" || continue
		if ! await $((OUTLIVE + 1000)) none_alive "$n"; then
			mark "$n: some of its processes did not end"
			VERDICT+=" leftover"
			"$LAB_DIR/lab" kill "$n"
		fi
		mark "$n: started again"
		router "$n"
	done
}

declare -A KEPT_DOWN=()

# tended CMD: as a condition, beside the supervisor's work.
tended() {
	tend
	"$@"
}

# ---- start and end --------------------------------------------------------

is_quiet() { # NODE: its group has begun
	says "$1" BACKUP
}

# Labs that come and go hold up the kernel for all: one that the last fault
# left as it was is used again.
lab_clean() {
	local n v

	[[ -e $CAMPAIGN_DIR/$LAB.clean ]] || return 1
	for n in a b c; do
		for v in "$VIP" "$VIP6" fe80::fe; do
			ip -n "$LAB-$n" addr flush to "$v" || return 1
		done
	done
	lab flush
}

group_start() {
	local n

	lab_clean || "$LAB_DIR/lab" up --owner "$CAMPAIGN_PID" || return 1
	rm -f "$CAMPAIGN_DIR/$LAB.clean"
	start_watchers || return 1
	router a
	await $((DOWN + 8000)) says a MASTER &&
		await 3000 holder_is a || return 1
	for n in "${NODES[@]:1}"; do
		router "$n"
	done
	for n in "${NODES[@]:1}"; do
		await 5000 is_quiet "$n" || return 1
	done
	for n in "${NODES[@]}"; do
		whole "$n"
	done
	# the interval is learned, the line is steady
	rest $((A + A / 2))
	await 3000 settled_a
}

settled_a() {
	settled && [[ $MASTER == a ]]
}

start_watchers() {
	local n args=()

	for n in "${NODES[@]}"; do
		args+=("$n")
	done
	holders_start "$WATCHED" "${args[@]}" && wire_start &&
		probe_start "$WATCHED" -i 4000
}

watchers_end() {
	watcher_end probe && watcher_end holders && end wire
}
