# shellcheck shell=bash
# kinds.bash - the kinds of faults.  Each is a function that makes the fault,
# lets it last, and cures what a supervisor or an operator would cure; and a
# promise, in ms:
#	two    longest time with two holders, while the routers hear each other
#	none   longest time that the client has no answer
#	left   how long the address may stay on the node DEAD after the fault
#	dark   longest time without an answer that begins after a heal
#	still  1: nothing may change at all: no other Master, no other holder
# J is what processes need to wake and act; the judge adds the machine's own
# lateness.
# shellcheck disable=SC2034,SC2153

J=60

KINDS=(kill-elect kill-bind kill-will kill-all
	stop-elect stop-bind stop-will stop-all
	term power
	cut-silent cut-link cut-detach isolate flap
	address-deleted interface-remade
	flood pipe-full reader-stopped
	limit-fds limit-memory
	call-elect call-bind call-will call-start call-backup
	backup-kill backup-stop backup-cut)

promise() { # two none [left [still]]
	TWO=$1 NONE=$2 LEFT=${3:--} STILL=${4:-0}
}

# The address of a node that died whole, beside a Master elected meanwhile:
# a lease is renewed up to an interval after the last advert.
overlap() { # LEASE-AND-LATENESS
	OVER=$(($1 - 2 * A - SKEW))
	((OVER > 0)) || OVER=0
}

worst() { # MS...: the largest, WORST
	local v

	WORST=0
	for v; do
		((v <= WORST)) || WORST=$v
	done
}

still() {
	promise $J $J - 1
}

strike() { # WHAT...
	mark "fault $*"
}

cured() {
	mark cured
}

hit() { # NODE PART SIGNAL
	if [[ $2 == all ]]; then
		whole "$1"
		# stopped first, or those killed last would still let go
		kill -STOP "${PIDS[@]}"
		[[ $3 == STOP ]] || kill "-$3" "${PIDS[@]}"
	else
		part "$1" "$2"
		PIDS=("$PID")
		kill "-$3" "$PID"
	fi
}

# ---- deaths ---------------------------------------------------------------

death() { # PART
	draw 300 $((A == 1000 ? 5000 : 2500))
	strike "kill -KILL $1 of a, started again after $DRAWN ms"
	DEAD=a
	KEPT_DOWN[a]=1
	hit a "$1" KILL
	[[ $BREAK != zero || $1 != bind ]] ||
		in_node a "$B/vrrp-elect" resign -i eth0 -r 51 -t "${A}ms" \
			--vrrp "$V" "${VIPS[@]}"
	rest "$DRAWN"
	ended a
	KEPT_DOWN=()
	tend
	cured
}

# A member of the node died: in time all of it has ended.
ended() { # NODE
	await $((OUTLIVE + 1000)) gone "${TOP[$1]}" || VERDICT+=" hangs"
}

kind_kill_elect() {
	promise $((G + J)) $((SKEW + 200)) 200
	death elect
}

kind_kill_bind() {
	promise $((G + J)) $((SKEW + 200)) $((L + E + J))
	death bind
}

kind_kill_will() {
	promise $((G + J)) $((SKEW + 300)) 300
	death will
}

kind_kill_all() {
	overlap $((L + E))
	promise $((OVER + G + J)) $((DOWN + J)) $((L + E + J))
	death all
}

# The machine itself: power gone, and back.
kind_power() {
	promise $((G + J)) $((DOWN + J))
	draw 500 $((A == 1000 ? 5000 : 3000))
	strike "power of a lost, back after $DRAWN ms"
	KEPT_DOWN[a]=1
	lab cut a silent
	mark apart
	hit a all KILL
	rest "$DRAWN"
	ip -n "$LAB-a" addr flush to "$WATCHED"
	lab heal a
	mark joined
	KEPT_DOWN=()
	tend
	cured
}

kind_term() {
	promise $((G + J)) $J
	draw 500 3000
	strike "TERM to a, started again after $DRAWN ms"
	KEPT_DOWN[a]=1
	hit a elect TERM
	rest "$DRAWN"
	KEPT_DOWN=()
	tend
	cured
}

# ---- stops ----------------------------------------------------------------

# Short ones too, and those that end while the other takes over.
draw_stop() {
	pick $((A / 2)) $((2 * A)) $((DOWN - A)) $((DOWN + A)) $((LEASE + A)) \
		$((L + E + C + A)) 4000
	draw $((PICKED / 2)) "$PICKED"
	DRAWN=${LASTS:-$DRAWN}
}

stop() { # PART
	draw_stop
	strike "kill -STOP $1 of a, -CONT after $DRAWN ms"
	DEAD=a
	hit a "$1" STOP
	rest "$DRAWN"
	kill -CONT "${PIDS[@]}" 2>/dev/null
	cured
}

kind_stop_elect() {
	overlap $LEASE
	promise $((OVER + G + J)) $((DOWN + J)) $((LEASE + J))
	stop elect
}

kind_stop_bind() {
	promise $((G + J)) $((C + SKEW + J)) $((L + E + J))
	stop bind
}

kind_stop_will() {
	still
	stop will
}

kind_stop_all() {
	overlap $((L + E))
	promise $((OVER + G + J)) $((DOWN + J)) $((L + E + J))
	stop all
}

# ---- the wire -------------------------------------------------------------

cut() { # NODE HOW
	epoch_gap
	DARK=$((GAP + J))
	draw $((A / 2)) $((A == 1000 ? 5000 : 2500))
	strike "cut $1 $2 for $DRAWN ms"
	lab cut "$1" "$2"
	mark apart
	rest "$DRAWN"
	lab heal "$1"
	mark joined
	cured
}

# Two who announce at once may leave the client with the wrong one, until the
# Master tells again: not before an interval, or a quarter of a second.
epoch_gap() { # sets GAP
	GAP=$((A > 250 ? A : 250))
}

# Each side elects while they are apart; then one yields within an interval.
kind_cut_silent() {
	promise $((A + G + J)) $((DOWN + J))
	cut a silent
}

kind_cut_detach() {
	promise $((A + G + J)) $((DOWN + J))
	cut a detach
}

# The kernel may take a second to tell of the carrier.
kind_cut_link() {
	promise $((A + G + J)) $((DOWN + J)) $((1000 + 200))
	DEAD=a
	cut a link
}

# The routers do not hear each other, the client hears all.
kind_isolate() {
	epoch_gap
	promise $((A + G + J)) $((GAP + J))
	DARK=$((GAP + J))
	draw $((A / 2)) $((A == 1000 ? 5000 : 2000))
	strike "a isolated from the other routers for $DRAWN ms"
	ip netns exec "$LAB-sw" nft -f - <<-'NFT'
	table bridge split {
		set rest { type ifname; elements = { "p-b", "p-c" }; }
		chain forward {
			type filter hook forward priority 0
			iifname "p-a" oifname @rest drop
			iifname @rest oifname "p-a" drop
		}
	}
	NFT
	mark apart
	rest "$DRAWN"
	ip netns exec "$LAB-sw" nft delete table bridge split
	mark joined
	cured
}

kind_flap() {
	local i times

	promise $((A + G + J)) $((DOWN + J))
	draw 3 12
	times=$DRAWN
	strike "link of a flaps $times times"
	mark apart
	for ((i = 0; i < times; i++)); do
		draw 20 250
		ip -n "$LAB-sw" link set p-a down
		rest "$DRAWN"
		draw 20 250
		ip -n "$LAB-sw" link set p-a up
		rest "$DRAWN"
	done
	mark joined
	cured
}

# ---- the kernel -----------------------------------------------------------

kind_address_deleted() {
	local v

	promise $J $((100 + J))
	strike "${VIPS[*]} deleted from a"
	for v in "${VIPS[@]}"; do
		ip -n "$LAB-a" addr del "$v" dev eth0
	done
	rest $((A + 200))
	cured
}

kind_interface_remade() {
	promise $((A + G + J)) $((DOWN + J))
	draw 0 $((2 * DOWN))
	strike "eth0 of a deleted, made again after $DRAWN ms"
	ip -n "$LAB-a" link del eth0
	mark apart
	rest "$DRAWN"
	ip -n "$LAB-sw" -batch - <<-IP
	link add p-a type veth peer name eth0 address 02:77:00:00:00:01 netns $LAB-a
	link set p-a master br0 up
	IP
	ip -n "$LAB-a" -batch - <<-IP
	link set eth0 up
	addr add 10.77.0.1/24 brd + dev eth0
	addr add fd77::1/64 dev eth0 nodad
	IP
	mark joined
	cured
}

# ---- junk, full pipes -----------------------------------------------------

# Wrong sums, lengths, versions, types and counts, of this VRID and others.
kind_flood() {
	local v=() dst=224.0.0.18 from rate i

	still
	[[ $F == inet ]] || dst=ff02::12
	for i in {1..24}; do
		draw 0 0xffffff
		printf -v v[i] '%02x33%02x%02x%06x%04x0a4d00fe' \
			$((DRAWN & 0xff)) $((DRAWN >> 8 & 0xff)) \
			$((DRAWN >> 16 & 0x0f)) $((DRAWN ^ i << 7)) "$i"
	done
	pick cl c
	from=$PICKED
	draw 500 4000
	rate=$DRAWN
	draw 1500 3000
	strike "$rate junk packets/s from $from for $DRAWN ms"
	in_node "$from" "$LAB_BIN/lab-spit" -i eth0 -d $dst -r "$rate" \
		-n $((rate * DRAWN / 1000)) -t 254 "${v[@]}" >>"$T/spit.out"
	cured
}

# Fills what process PID writes to with whole lines that nobody knows.
fill() {
	local line

	printf -v line '%-63s' NOISE
	yes "$line" | timeout 1 dd bs=4096 count=64 iflag=fullblock \
		oflag=nonblock status=none 2>/dev/null >"/proc/$PID/fd/1"
}

# Whoever reads the last line stops: nothing may wait for it.
kind_pipe_full() {
	still
	draw 1500 4000
	strike "nobody reads a's last stage, its pipe is full, for $DRAWN ms"
	part a will
	kill -STOP "${READER[a]}"
	fill
	rest "$DRAWN"
	kill -CONT "${READER[a]}"
	cured
}

# The binder is stopped and what it has not read fills its pipe.
kind_reader_stopped() {
	promise $((G + J)) $((C + SKEW + J)) $((L + E + J))
	draw_stop
	strike "bind of a stopped, its pipe full, for $DRAWN ms"
	DEAD=a
	hit a bind STOP
	part a elect
	fill
	rest "$DRAWN"
	kill -CONT "${PIDS[@]}" 2>/dev/null
	cured
}

# ---- limits ---------------------------------------------------------------

# A switch asked for while one of the routers cannot do all it wants: it may
# do as if it were dead, then the other serves.
switch() {
	rest $((A * 2))
	KEPT_DOWN[a]=1
	gone "${TOP[a]}" || kill -TERM "${TOP[a]}"
	rest 1500
	KEPT_DOWN=()
	tend
}

switched() { # the promise for it
	skew_of a
	worst $DOWN $((C + SKEW)) $((L + E + SKEW)) $((1500 + 3 * A + MS + 600))
	promise $((G + J)) $((WORST + J))
}

# Set on a router that runs, which then has to take over or to let go.
limit() { # WHAT PRLIMIT-OPTION
	local who p

	switched
	pick a b
	who=$PICKED
	strike "$1 for $who, then TERM to a"
	whole "$who"
	for p in "${PIDS[@]}"; do
		prlimit --pid "$p" "$2" 2>/dev/null # dead of the last one?
	done
	switch
	cured
}

kind_limit_fds() {
	draw 0 16
	limit "at most $DRAWN descriptors" --nofile="$DRAWN:$DRAWN"
}

kind_limit_memory() {
	pick --as=65536:65536 --data=4096:4096 --stack=16384:16384 \
		--memlock=0:0 --fsize=0:0
	limit "${PICKED#--}" "$PICKED"
}

# ---- system calls that fail -----------------------------------------------

draw_errno() { # CALL: what it may fail with
	case $1 in
	send*) pick ENOBUFS EPERM ENETDOWN ENOMEM EAGAIN EINTR ;;
	recv*) pick ENOBUFS ENOMEM EAGAIN EINTR ENETDOWN ;;
	read) pick EIO EAGAIN EINTR ;;
	write) pick EAGAIN EIO EPIPE EINTR ;;
	poll* | ppoll) pick EINTR ENOMEM EINVAL ;;
	*) pick EINVAL ENOMEM ;;
	esac
	ERRNO=$PICKED
}

# Once, from the Nth on every so often, or from then on always.
draw_when() {
	draw 1 9
	WHEN=$DRAWN
	pick '' '' + "+$DRAWN"
	WHEN+=$PICKED
}

inject_start() { # NODE PART
	case $2 in
	elect) pick sendmsg recvmsg ppoll write ;;
	bind) pick read sendmsg recvmsg ppoll write ;;
	will) pick read poll write ;;
	esac
	CALL=$PICKED
	draw_errno "$CALL"
	draw_when
	draw 1000 5000
	strike "$CALL of $2 of $1 fails: $ERRNO when=$WHEN, for $DRAWN ms"
	part "$1" "$2"
	strace -f -qq -o "$T/strace" -p "$PID" -e trace="$CALL" \
		-e inject="$CALL:error=$ERRNO:when=$WHEN" 2>>"$T/strace.err" &
	STRACE=$!
}

count_failed() {
	FAILED=$(grep -c INJECTED "$T/strace")
	mark "$FAILED calls failed"
}

inject_end() {
	kill -TERM "$STRACE" 2>/dev/null
	wait "$STRACE" 2>/dev/null
	count_failed
	cured
}

inject() { # NODE PART: for a while
	worst $DOWN $((C + SKEW)) $((L + E + SKEW))
	promise $((G + J)) $((WORST + J))
	inject_start "$@"
	rest "$DRAWN"
	inject_end
}

# To a sandbox injected calls are number -1, and it would kill for that; and
# limits may be set only on processes of our own user.
kind_needs_bare() {
	[[ $kind == call-* || $kind == limit-* ]]
}

kind_call_elect() {
	inject a elect
}

kind_call_bind() {
	inject a bind
}

kind_call_will() {
	inject a will
}

# On a Backup, which then has to take over.
kind_call_backup() {
	switched
	pick elect bind will
	inject_start b "$PICKED"
	switch
	inject_end
}

# The Nth call of a router that starts fails; a serves as if nothing happened.
kind_call_start() {
	still
	pick socket bind setsockopt openat read pipe2 clone,clone3 mmap brk \
		prctl capset setresuid sendto,sendmsg recvmsg \
		write poll,ppoll getrandom fcntl dup2,dup3 close ioctl
	CALL=$PICKED
	pick ENOMEM EPERM EMFILE EINVAL EINTR ENOBUFS EAGAIN
	ERRNO=$PICKED
	draw 1 12
	WHEN=$DRAWN
	strike "b starts anew, its $CALL fails: $ERRNO when=$WHEN"
	KEPT_DOWN[b]=1
	hit b elect TERM
	await 5000 none_alive b
	UNDER[b]="strace -f -qq -o $T/strace -e trace=$CALL"
	UNDER[b]+=" -e inject=$CALL:error=$ERRNO:when=$WHEN"
	router b
	rest $((DOWN + 1000))
	UNDER=()
	count_failed
	"$LAB_DIR/lab" kill b
	KEPT_DOWN=()
	tend
	cured
}

# ---- the Backup -----------------------------------------------------------

kind_backup_kill() {
	still
	pick elect bind will all
	draw 300 4000
	strike "kill -KILL $PICKED of b, started again after $DRAWN ms"
	KEPT_DOWN[b]=1
	hit b "$PICKED" KILL
	rest "$DRAWN"
	ended b
	KEPT_DOWN=()
	tend
	cured
}

kind_backup_stop() {
	local what

	still
	pick elect bind will all
	what=$PICKED
	draw_stop
	strike "kill -STOP $what of b, -CONT after $DRAWN ms"
	hit b "$what" STOP
	rest "$DRAWN"
	kill -CONT "${PIDS[@]}" 2>/dev/null
	cured
}

# Alone it believes to be Master, and yields within an interval.
kind_backup_cut() {
	epoch_gap
	promise $((A + G + J)) $((GAP + J))
	pick silent link detach
	cut b "$PICKED"
}
