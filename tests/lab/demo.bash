# shellcheck shell=bash
# demo.bash - what both acts of the demo share: the clock, the voices.
# The caller sets dir (its own) and t0 (EPOCHREALTIME without the dot), and reads
# verdict.
# shellcheck disable=SC2034,SC2154

tell() { # WHO WHAT...
	local us=$((${EPOCHREALTIME/./} - t0))

	printf '%3d.%03d  %-10s %s\n' $((us / 1000000)) \
		$((us / 1000 % 1000)) "$1" "${*:2}"
}

# Says each line of a pipeline that is news (heartbeats repeat the last one).
follow() { # NODE KIND
	local state facts was=

	while read -r state _ facts; do
		[[ $state != "$was" ]] || continue
		was=$state
		echo "$state" >>"$dir/$1.states"
		facts=${facts##*why=}
		tell "$2 $1" "$state  (why: ${facts%% *})"
	done
}

# within SECONDS CMD...: until CMD succeeds.
within() {
	local i

	for ((i = 0; i < $1 * 50; i++)); do
		"${@:2}" && return
		sleep 0.02
	done
	return 1
}

is() { # NODE STATE
	[[ $(tail -n 1 "$dir/$1.states") == "$2" ]]
}

# Waits at most 8 s for a state that a node comes to.
comes() { # NODE STATE
	within 8 is "$@" && return
	tell demo "$1 did not become $2 in 8 s"
	verdict=1
	return 1
}
