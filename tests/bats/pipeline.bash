# shellcheck shell=bash
# The pipeline of DESIGN 2.3 on a node of the lab, and what tests ask of it.
# Load after ../lab/helpers.

# pipeline NODE PRIORITY INTERVAL [ELECT-OPTION...]: elector, binder and last
# will as one process tree; files $T/pipe-NODE.{out,err,pid}.  VIPS="..." in
# place of the lab's IPv4 one, VIP_WATCHED the one that tests look at.
pipeline() {
	local node=$1 prio=$2 a=$3 beat=500ms lease=2s confirm=2s vips

	read -ra vips <<<"${VIPS:-$VIP/24}"

	case $a in
	100ms) beat=50ms lease=250ms confirm=500ms ;;
	10ms) beat=10ms lease=250ms confirm=500ms ;;
	esac
	background "pipe-$node" ip netns exec "$LAB-$node" \
		"$B/vrrp-elect" -v -i eth0 -r 51 -p "$prio" -t "$a" \
		--heartbeat $beat --confirm $confirm "${@:4}" "${vips[@]}" -- \
		"$B/vip-bind" follow -v --lease $lease -- \
		"$B/vrrp-elect" resign --follow
	wait_for 5 grep -q . "$T/pipe-$node.out"
}

# says NODE WORD: is that the last state its pipeline told?
says() {
	[[ $(tail -n 1 "$T/pipe-$1.out") == "$2 "* ]]
}

# told NODE: its states, each time they changed: "BACKUP MASTER".
told() {
	cut -d ' ' -f 1 "$T/pipe-$1.out" | uniq | paste -s -d ' '
}

# part NODE elect|bind|resign: the pid of that member of the pipeline.
part() {
	local top child

	top=$(<"$T/pipe-$1.pid")
	child=$(pgrep -P "$top")
	case $2 in
	elect) echo "$top" ;;
	bind) echo "$child" ;;
	resign) pgrep -P "$child" ;;
	esac
}

# pair A [OPTION...]: a is Master (priority 200), b Backup (150).
pair() {
	pipeline a 200 "$1" "${@:2}"
	wait_for 10 says a MASTER
	wait_for 5 holds a "${VIP_WATCHED:-$VIP}"
	pipeline b 150 "$1" "${@:2}"
	wait_for 5 says b BACKUP
}

# advert_time first|last NODE-NUMBER [REGEX]: of what lab-wire saw.
advert_time() {
	local pick="head"

	[[ $1 == first ]] || pick="tail"
	wire "vrrp 10\.77\.0\.$2 .*${3-}" | $pick -n 1 | cut -d ' ' -f 1
}

# masters: the senders of the adverts seen, each time it changes: "1 2 1".
masters() {
	wire ' vrrp ' | grep -v 'prio=0 ' |
		awk '{ n = $3; sub(/.*\./, "", n)
			if (n != was) printf "%s%s", was ? " " : "", n
			was = n }'
}

# say TEXT: a figure for the reader of the test's output.
say() {
	echo "# $*" >&3
}
