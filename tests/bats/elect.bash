# shellcheck shell=bash
# elect.bash - what the 4x files share: electors in a lab, and their adverts.
#
#	load elect
#
# Each test has a fresh lab.  Times of adverts are those of lab-wire.

# shellcheck source=tests/lab/helpers.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/helpers.bash"

ELECT=$TOOLS/vrrp-elect

setup_file() {
	lab_setup_file
}

teardown_file() {
	lab_teardown_file
}

setup() {
	lab_setup
}

teardown() {
	lab_teardown
}

# ---- electors -------------------------------------------------------------

# raw_elector NODE ARGS...: in the background, as AS (default NODE).
raw_elector() {
	background "${AS:-$1}" ip netns exec "$LAB-$1" "$ELECT" "${@:2}"
}

# elector NODE OPTION...: the same, on eth0 for VRID 51 and ADDRS (default the
# VIP) unless told; until its first line.  Lines are in $T/AS.out, words for
# people in $T/AS.err.
elector() {
	local addrs

	read -ra addrs <<<"${ADDRS:-$VIP/24}"
	raw_elector "$1" -i eth0 -r 51 "${addrs[@]}" "${@:2}"
	wait_for 5 test -s "$T/${AS:-$1}.out" || {
		cat "$T/${AS:-$1}.err" >&2
		return 1
	}
}

# The same with lines from a FIFO, to be written by feed.
fed_elector() {
	local name=${AS:-$1} addrs

	read -ra addrs <<<"${ADDRS:-$VIP/24}"
	mkfifo "$T/$name.in"
	# shellcheck disable=SC2016
	background "$name" sh -c 'in=$1; shift; exec "$@" <"$in"' - \
		"$T/$name.in" ip netns exec "$LAB-$1" "$ELECT" -i eth0 -r 51 \
		"${addrs[@]}" "${@:2}"
	exec {FEED}>"$T/$name.in"
	wait_for 5 test -s "$T/$name.out"
}

# feed LINE...: each a line.
feed() {
	printf '%s\n' "$@" >&"$FEED"
}

feed_end() {
	exec {FEED}>&-
}

# said NAME REGEX: one of its lines so far.
said() {
	grep -E -- "$2" "$T/$1.out"
}

# warned NAME REGEX: on stderr.
warned() {
	grep -E -- "$2" "$T/$1.err"
}

last() {
	tail -n 1 "$T/$1.out"
}

# is NAME WORD: does its last line, perhaps stamped, begin so?
is() {
	[[ $(last "$1") =~ ^([0-9.]+\ )?$2\  ]]
}

# fact NAME KEY: of its last line.
fact() {
	last "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"
}

has() {
	[[ $(fact "$1" "$2") == "$3" ]]
}

lines() {
	wc -l <"$T/$1.out"
}

at_least_lines() {
	(($(lines "$1") >= $2))
}

words() {
	sed -E 's/^[0-9.]+ //' "$T/$1.out" | cut -d ' ' -f 1 | paste -sd ' '
}

# A reader for `-- PROG`: passes lines on with their time.
# shellcheck disable=SC2016,SC2034
STAMP='while read -r l; do echo "$EPOCHREALTIME $l"; done'

# stamp NAME REGEX: the time of the first such line.
stamp() {
	said "$1" "$2" | head -n 1 | cut -d ' ' -f 1
}

# ends NAME CODE [SECONDS]: by itself, with that exit code.
ends() {
	local pid code=0

	pid=$(<"$T/$1.pid")
	wait_for "${3:-5}" gone "$pid" || return 1
	wait "$pid" || code=$?
	rm "$T/$1.pid"
	((code == $2)) || {
		echo "$1: exit $code, not $2" >&2
		return 1
	}
}

send() {
	kill "-$2" "$(<"$T/$1.pid")"
}

# ---- adverts --------------------------------------------------------------

# addr_of NODE: its own IPv4 address.
addr_of() {
	case $1 in
	a) echo 10.77.0.1 ;;
	b) echo 10.77.0.2 ;;
	c) echo 10.77.0.3 ;;
	*) echo "$1" ;;
	esac
}

# adverts NODE [PRIO [VRID]]: their times; PRIO a regex, default any but 0.
# Fails if there are none.
adverts() {
	local seen

	seen=$(wire "vrrp $(addr_of "$1") .* vrid=${3:-51} \
prio=${2:-[1-9][0-9]*} ") || return 1
	cut -d ' ' -f 1 <<<"$seen"
}

first_advert() {
	adverts "$@" | head -n 1
}

last_advert() {
	adverts "$@" | tail -n 1
}

# after TIME: of the times on stdin the first one later than that.
after() {
	awk -v t="$1" '$1 > t { print $1; exit }'
}

# skew_ms PRIO INTERVAL_MS [VERSION], down_ms the same.
skew_ms() {
	calc "(256 - $1) * (${3:-3} == 2 ? 1000 : $2) / 256"
}

down_ms() {
	calc "3 * $2 + $(skew_ms "$@")"
}

# Does NODE (and nobody else) send adverts now?  Looks at SECONDS of them.
only_sender() {
	local from

	from=$(now)
	sleep "$2"
	[[ $(awk -v t="$from" '$2 == "vrrp" && $1 > t { print $3 }' \
		"$T/${AS:-wire}.out" | sort -u) == "$(addr_of "$1")" ]]
}
