#!/usr/bin/env bats
# What examples/from-keepalived writes, and keepalived with the same file, do the
# same (tests/lab/moving: all at once, begun before the first test).

load ../lab/helpers

GOLDEN=$ROOT/tests/golden/keepalived

setup_file() {
	local c p

	((EUID == 0)) || return 0
	export LABS=$BATS_FILE_TMPDIR/labs
	mkdir "$LABS"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$LABS"
	for c in $(cd "$GOLDEN" && grep -l 'lab: ' -- *.conf); do
		for p in a b; do
			lab_of "$p" "$c"
		done
	done
}

# lab_of PHASE CONF: begins it.
lab_of() {
	local at=$LABS/${2%.conf}-$1

	[[ $1 == a ]] || ! grep -q phases=1 "$GOLDEN/$2" || return 0
	{
		"$LAB_DIR/moving" "$1" "$GOLDEN/$2" "$at" >"$at.log" 2>&1
		echo $? >"$at.exit"
	} </dev/null 3>&- 4>&- &
}

setup() {
	require_root
}

# alike CASE: the labs of both phases ended well, and saw the same.
alike() {
	local at=$LABS/$1 p

	for p in a ${2-b}; do
		wait_for 240 test -s "$at-$p.exit"
		[[ $(<"$at-$p.exit") == 0 ]] || {
			cat "$at-$p.log" "$at-$p/transcript"
			tail -v -n 15 "$at-$p"/?/out "$at-$p"/?/log-*/current
			return 1
		}
	done
	[[ -n ${2+x} ]] || diff "$at-a/transcript" "$at-b/transcript"
	grep -v '^	' "$at-a/transcript" | paste -sd';' | sed "s/^/# $1: /" >&3
}

@test "beside keepalived: the classic one, with weight -2" { alike classic; }
@test "beside keepalived: preempt_delay 30, dont_track_primary" { alike preempt-delay; }
@test "beside keepalived: nopreempt, a check without a weight" { alike nopreempt; }
@test "beside keepalived: a sync group, and what its scripts are told" { alike sync-group; }
@test "beside keepalived: unicast, notify" { alike unicast; }
@test "beside keepalived: version 3, half a second" { alike v3-subsecond; }
@test "beside keepalived: IPv6" { alike ipv6; }
@test "beside keepalived: both families, track_interface" { alike dual-stack; }
@test "beside keepalived: labels, devices, virtual_routes" { alike routes; }
@test "beside keepalived: include, variables, @host, ~SEQ" { alike vars; }
@test "beside keepalived: the virtual MAC" { alike vmac; }
@test "beside keepalived: authentication AH" { alike ah; }
@test "beside keepalived: track_file" { alike track-file; }
@test "beside keepalived: track_process" { alike track-process ''; }
@test "beside keepalived: its own sample" { alike sample; }
@test "beside keepalived: two groups of one number on two links" { alike two; }
