#!/usr/bin/env bats
# vrrp-dump's watch over files whose findings are known, the table and the
# picture.

load ../lab/helpers

DUMP=$B/vrrp-dump
GEN=$LAB_BIN/lab-gen
GOLDEN=$ROOT/tests/golden
export TZ=UTC

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }

setup() {
	cd "$T" || return 1
}

teardown() {
	[[ ! -e $T/tmux ]] || tmux -S "$T/tmux" kill-server 2>/dev/null || :
	lab_teardown
}

dump() {
	"$DUMP" "$@"
}

@test "a healthy hour: no finding, exit 0; the summary has its figures" {
	"$GEN" hour >hour.pcap
	run dump --check -r hour.pcap
	((status == 0))
	[[ -z $output ]]
	run dump --summary -r hour.pcap
	((status == 0))
	[[ $(grep -c 'missed 0, refused 0, takeovers 2$' <<<"$output") == 4 ]]
	[[ $(grep -c 'resigned after 0.41[0-9]* s (formula 0.414062)' \
		<<<"$output") == 4 ]]
	[[ $(grep -cE 'gap p50 1.00.* p99 1.00.* max 1.00' <<<"$output") == 4 ]]
}

@test "a bad minute: these findings, this summary, exit 1" {
	local code=0
	"$GEN" story >story.pcap
	dump --check --summary -r story.pcap >out || code=$?
	((code == 1))
	diff "$GOLDEN/story.check" out
	# the same as JSON
	dump --check --summary --json -r story.pcap >json || code=$?
	((code == 1))
	diff <(grep -oE '^(BEGIN|END) .*' out |
		awk '{ print $1, substr($3, 9) }') \
		<(jq -r 'select(.state) | .state + " " + .finding' json)
	[[ $(jq 'select(.summary) | .findings | length' json) == 9 ]]
	[[ $(jq -c 'select(.summary) | .masters[1] | [.who, .took, .formula]' \
		json) == '["10.77.0.2",0.4,0.414062]' ]]
}

@test "every finding has its name in the page" {
	local f
	for f in two-masters no-yield flapping interval-differs \
		addresses-differ version-differs auth-differs \
		checksum-differs adverts-missing no-successor \
		not-master-announces advert-refused; do
		grep -qx ".It $f" "$ROOT/man/vrrp-dump.8"
	done
}

@test "--check --print: packets and findings in one timeline" {
	"$GEN" story >story.pcap
	run dump --check --print --garp -r story.pcap
	((status == 1))
	[[ $(grep -c ' IP 10.77' <<<"$output") == 65 ]]
	[[ $(grep -c ' ARP, Announcement .*of vrid 51' <<<"$output") == 5 ]]
	# the first comes with the packet that shows it
	[[ $(grep -n '^BEGIN' <<<"$output" | head -n 1 | cut -d: -f 1) -lt \
		$(grep -n '^00:00:22.400000 IP' <<<"$output" | cut -d: -f 1) ]]
}

@test "--timeline: a picture, well-formed" {
	"$GEN" story >story.pcap
	dump --timeline s.svg -r story.pcap
	xmllint --noout s.svg
	for what in 'class="master"' 'class="second"' 'class="gap"' \
		'class="zero"' '>10.77.0.2<' '>two-masters<' '>50 s<'; do
		grep -qF "$what" s.svg
	done
	# lanes and spans of the hour
	"$GEN" hour >hour.pcap
	dump --timeline h.svg -r hour.pcap
	xmllint --noout h.svg
	[[ $(grep -c 'rect class="master" x="[0-9]*" y="[0-9]*" width' \
		h.svg) == 13 ]] # with what the colour means
	# nothing to see
	head -c 24 story.pcap >none.pcap
	dump --timeline n.svg -r none.pcap
	xmllint --noout n.svg
}

@test "--top: plain text where there is no terminal" {
	"$GEN" hour >hour.pcap
	run dump --top -r hour.pcap
	((status == 0 && ${#lines[@]} == 6))
	[[ ${lines[1]} =~ ^GROUP\ +MASTER\ +PRIO\ +INTVL\ +AGE\ +MISSED\ +TAKEN ]]
	[[ ${lines[2]} =~ ^vrrp.1@-\ +10.77.0.1\ +200\ +1s\ +0\.[0-9]+\ +0\ +2\ +-$ ]]
	[[ $output != *$'\033'* ]]
}

@test "--top: full screen, live, gone at the end; in tmux" {
	lab_setup
	screen() { tmux -S "$T/tmux" capture-pane -p -t top; }
	shows() { screen | grep -qE "$1"; }
	tmux -S "$T/tmux" -f /dev/null new-session -d -s top -x 100 -y 12 \
		"ip netns exec $LAB-cl sh -c 'trap : INT; echo before; \"$DUMP\" --top \
		-i eth0 --every 100ms; echo after \$?; sleep 100'" 3>&-
	wait_for 10 shows '^GROUP .*MASTER'
	refute shows before
	for vrid in 1 2 3 4 5 6 7 8 9 10 11 12; do
		spit a --fix "31$(printf %02x $vrid)640100640000c0000201"
	done
	wait_for 5 shows '^vrrp.1@eth0 +10.77.0.1 +100 +1s +[0-9.]+ +0 +0'
	# a row that is left over ends the screen, nothing scrolls
	wait_for 5 shows '^vrrp.9@eth0 '
	shows '^GROUP'
	refute shows '^vrrp.11@eth0'
	# the age grows by itself, and silence is found
	wait_for 5 shows '^vrrp.1@eth0 .* adverts-missing$'
	# a larger window is used
	tmux -S "$T/tmux" resize-window -t top -x 100 -y 20
	wait_for 5 shows '^vrrp.12@eth0'
	tmux -S "$T/tmux" send-keys -t top C-c
	wait_for 5 shows '^after 0$'
	shows '^before$'
}

@test "USR1 prints the summary so far" {
	lab_setup
	background d ip netns exec "$LAB-cl" "$DUMP" --summary -i eth0
	wait_for 5 grep -q 'listening on' d.err
	spit a --fix 3133640100640000c0000201
	wait_for 5 eval 'kill -USR1 "$(<d.pid)"
		grep -q "^vrrp.51@eth0 192.0.2.1$" d.out'
	end d
}
