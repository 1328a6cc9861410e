#!/usr/bin/env bats
# The notify runner, and what it is shown with: mail, a webhook, a unit.

load ../lab/helpers

NOTIFY=$ROOT/examples/notify

setup() { background noise "$LAB_BIN/lab-noise" "$T/noise"; }
teardown() { lab_teardown; }

# A command that writes down its last four arguments, then takes a while.
# shellcheck disable=SC2016
slow='echo "$*" >>"$0"; while [ -e "$0.hold" ]; do sleep 0.02; done'

@test "keepalived's arguments; a repeated line is no news, a new epoch is" {
	printf '%s\n' 'BACKUP vi@eth0 priority=100 why=start' \
		'BACKUP vi@eth0 priority=100 why=start' 'UP web rtt=0.1' \
		'WHATEVER vi@eth0' '' 'MASTER ../vi epoch=1' >"$T/in"
	sh "$NOTIFY/notify" echo A <"$T/in" >"$T/out" 2>"$T/err"
	[[ ! -s $T/out ]]
	grep -v ^notify "$T/err" | sort | diff - <(printf '%s\n' \
		'A HEALTH web UP 0' 'A INSTANCE vi@eth0 BACKUP 100' \
		'A INSTANCE vi@eth0 STOP 0' | sort) ||
		# the end came before the first state was told: newest wins
		grep -qx 'A INSTANCE vi@eth0 STOP 0' "$T/err"
}

@test "one at a time, newest state wins, the pipe never blocks" {
	local i pid

	: >"$T/told.hold"
	{
		echo 'BACKUP vi priority=100'
		wait_for 5 test -s "$T/told"
		for ((i = 0; i < 100; i++)); do # more than a pipe holds
			printf 'MASTER vi priority=100 epoch=%d x=%0900d\n' $i 0
		done
		echo 'FAULT vi priority=100'
		: >"$T/written"
		wait_for 20 test ! -e "$T/told.hold"
		wait_for 30 grep -q FAULT "$T/told"
		echo 'INIT vi priority=100'
	} | timeout 120 sh "$NOTIFY/notify" sh -c "$slow" "$T/told" 2>/dev/null 3>&- 4>&- &
	pid=$!
	wait_for 60 test -e "$T/written"
	[[ $(<"$T/told") == "INSTANCE vi BACKUP 100" ]]
	rm "$T/told.hold"
	wait $pid
	# what was read after that may be told in between, in order
	[[ $(cut -d ' ' -f 3 "$T/told" | uniq | paste -sd ' ') =~ \
		^BACKUP\ (MASTER\ )?FAULT\ STOP$ ]]
	(($(wc -l <"$T/told") < 100))
}

@test "a command that hangs is ended; misuse; TERM ends it with STOP" {
	run sh "$NOTIFY/notify"
	((status == 100))
	echo 'MASTER vi priority=7 epoch=1' |
		timeout 20 sh "$NOTIFY/notify" -t 0.3 sh -c "sleep 100" 2>"$T/err"
	grep -q 'exit 124' "$T/err"
	mkfifo "$T/lines"
	exec {FEED}<>"$T/lines"
	sh "$NOTIFY/notify" sh -c "$slow" "$T/told" <"$T/lines" 2>"$T/err" \
		3>&- 4>&- &
	echo $! >"$T/n.pid"
	echo 'MASTER vi priority=7 epoch=1' >&"$FEED"
	wait_for 5 grep -q MASTER "$T/told"
	end n
	wait_for 5 grep -q 'INSTANCE vi STOP' "$T/told"
}

@test "mail, webhook and unit do what they say" {
	mkdir "$T/bin"
	# what sends mail and what talks to systemd are the machine's own
	# shellcheck disable=SC2016
	printf '#!/bin/sh\ncat\n' >"$T/bin/sendmail"
	printf '#!/bin/sh\necho "$@"\n' >"$T/bin/systemctl"
	printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' >"$T/bin/curl"
	chmod +x "$T"/bin/*
	run env SENDMAIL="$T/bin/sendmail" sh "$NOTIFY/mail" root INSTANCE vi MASTER 100
	[[ ${lines[0]} == "To: root" && ${lines[1]} == "Subject: ["*"] vi is MASTER" ]]
	run env PATH="$T/bin:$PATH" sh "$NOTIFY/unit" db INSTANCE vi MASTER 100
	[[ $output == "--no-block start db" ]]
	run env PATH="$T/bin:$PATH" sh "$NOTIFY/unit" db INSTANCE vi FAULT 100
	[[ $output == "--no-block stop db" ]]
	run env PATH="$T/bin:$PATH" sh "$NOTIFY/webhook" http://h/ INSTANCE vi MASTER 100
	[[ $output == *state=MASTER* && ${lines[-1]} == http://h/ ]]
}

@test "the copies in examples are one" {
	local d

	cmp "$NOTIFY/notify" "$ROOT/examples/cloud/notify"
	for d in vip-nginx lvs-director dual-stack cloud database; do
		cmp "$ROOT/examples/$d/check" "$ROOT/examples/cloud/check"
		cmp "$ROOT/examples/$d/log/run" "$ROOT/examples/cloud/log/run"
	done
}
