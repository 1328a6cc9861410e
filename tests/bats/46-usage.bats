#!/usr/bin/env bats
# vrrp-elect told what it cannot do: one line on stderr, exit 100, nothing on
# stdout, nothing on the wire.

load elect
bats_require_minimum_version 1.5.0

# The table: arguments, as the shell takes them apart.
misuses() {
	cat <<-'ARGS'

	-i eth0
	-r 51
	-i eth0 -r 51
	-i eth0 10.0.0.1
	-r 51 10.0.0.1
	-i eth0 -r 0 10.0.0.1
	-i eth0 -r 256 10.0.0.1
	-i eth0 -r 0x33 10.0.0.1
	-i eth0 -r '51 ' 10.0.0.1
	-i eth0 -r -1 10.0.0.1
	-i eth0 -r '' 10.0.0.1
	-i '' -r 51 10.0.0.1
	-i a-name-far-too-long -r 51 10.0.0.1
	-i eth0 -r 51 -p 0 10.0.0.1
	-i eth0 -r 51 -p 256 10.0.0.1
	-i eth0 -r 51 -p high 10.0.0.1
	-i eth0 -r 51 -p 1e2 10.0.0.1
	-i eth0 -r 51 -p 18446744073709551716 10.0.0.1
	-i eth0 -r 51 -t 0 10.0.0.1
	-i eth0 -r 51 -t 5ms 10.0.0.1
	-i eth0 -r 51 -t 15ms 10.0.0.1
	-i eth0 -r 51 -t 41s 10.0.0.1
	-i eth0 -r 51 -t 1x 10.0.0.1
	-i eth0 -r 51 -t -1s 10.0.0.1
	-i eth0 -r 51 -t 1.2.3s 10.0.0.1
	-i eth0 -r 51 -t '' 10.0.0.1
	-i eth0 -r 51 --vrrp 1 10.0.0.1
	-i eth0 -r 51 --vrrp 4 10.0.0.1
	-i eth0 -r 51 --vrrp 2 -t 100ms 10.0.0.1
	-i eth0 -r 51 --vrrp 2 -t 1500ms 10.0.0.1
	-i eth0 -r 51 --vrrp 2 -t 256s 10.0.0.1
	-i eth0 -r 51 --vrrp 2 fe80::1
	-i eth0 -r 51 --vrrp 2 --checksum plain 10.0.0.1
	-i eth0 -r 51 10.0.0
	-i eth0 -r 51 10.0.0.256
	-i eth0 -r 51 10.0.0.1/33
	-i eth0 -r 51 10.0.0.1/
	-i eth0 -r 51 10.0.0.1/24x
	-i eth0 -r 51 fe80::1%eth0
	-i eth0 -r 51 fd00::1/129
	-i eth0 -r 51 localhost
	-i eth0 -r 51 ''
	-i eth0 -r 51 224.0.0.1
	-i eth0 -r 51 0.0.0.0
	-i eth0 -r 51 127.0.0.1
	-i eth0 -r 51 ::1
	-i eth0 -r 51 ff02::1
	-i eth0 -r 51 10.0.0.1 fd00::1
	-i eth0 -r 51 10.0.0.1 10.0.0.1/24
	-i eth0 -r 51 --auth secret 10.0.0.1
	-i eth0 -r 51 --vrrp 2 --auth pass: 10.0.0.1
	-i eth0 -r 51 --vrrp 2 --auth pass:/no/such/file 10.0.0.1
	-i eth0 -r 51 --vrrp 2 --auth pass:/dev/null 10.0.0.1
	-i eth0 -r 51 --vrrp 2 --auth pass:/ 10.0.0.1
	-i eth0 -r 51 --auth pass:/proc/version 10.0.0.1
	-i eth0 -r 51 -p 255 --nopreempt 10.0.0.1
	-i eth0 -r 51 --nopreempt --preempt-delay 1s 10.0.0.1
	-i eth0 -r 51 --preempt-delay 0 10.0.0.1
	-i eth0 -r 51 --start-delay soon 10.0.0.1
	-i eth0 -r 51 --handover both 10.0.0.1
	-i eth0 -r 51 --peer 10.0.0 10.0.0.1
	-i eth0 -r 51 --peer fd00::1 10.0.0.1
	-i eth0 -r 51 --peer 224.0.0.18 10.0.0.1
	-i eth0 -r 51 --peer 0.0.0.0 10.0.0.1
	-i eth0 -r 51 --peer fd00::2 fd00::1
	-i eth0 -r 51 --vmac --peer 10.0.0.2 10.0.0.1
	-i eth0 -r 51 --vmac=02:00:00:00:00:01 10.0.0.1
	resign --vmac -i eth0 -r 51 10.0.0.1
	-i eth0 -r 51 --min-ttl 254 10.0.0.1
	-i eth0 -r 51 --peer 10.0.0.2 --min-ttl 0 10.0.0.1
	-i eth0 -r 51 --source 10.0.0.300 10.0.0.1
	-i eth0 -r 51 --source fe80::1 10.0.0.1
	-i eth0 -r 51 --allow 10.0.0.0/40 10.0.0.1
	-i eth0 -r 51 --allow fd00::/8 10.0.0.1
	-i eth0 -r 51 --checksum none 10.0.0.1
	-i eth0 -r 51 -t 1s --max-interval 500ms 10.0.0.1
	-i eth0 -r 51 --track-if '' 10.0.0.1
	-i eth0 -r 51 --track-if eth1=255 10.0.0.1
	-i eth0 -r 51 --track-if eth1= 10.0.0.1
	-i eth0 -r 51 --track-if a-name-far-too-long 10.0.0.1
	-i eth0 -r 51 --track web=x 10.0.0.1
	-i eth0 -r 51 --track web --track web=5 10.0.0.1
	-i eth0 -r 51 --track '' 10.0.0.1
	-i eth0 -r 51 --weight 300 10.0.0.1
	-i eth0 -r 51 --heartbeat never 10.0.0.1
	-i eth0 -r 51 --confirm 0s 10.0.0.1
	-i eth0 -r 51 --stuck 1y 10.0.0.1
	-i eth0 -r 51 --stuck 99999d 10.0.0.1
	-i eth0 -r 51 --name 'a b' 10.0.0.1
	-i eth0 -r 51 --name a/b 10.0.0.1
	-i eth0 -r 51 --name '' 10.0.0.1
	-i eth0 -r 51 --ready-fd x 10.0.0.1
	-i eth0 -r 51 --ready-fd -1 10.0.0.1
	-i eth0 -r 51 --no-such-option 10.0.0.1
	-i eth0 -r 51 -x 10.0.0.1
	-i eth0 -r 51 --json=yes 10.0.0.1
	-i eth0 -r 51 --follow 10.0.0.1
	-i eth0 -r 51 10.0.0.1 -p
	-i eth0 -r 51 10.0.0.1 --peer
	-i eth0 -r 51 10.0.0.1 --
	resign
	resign -i eth0 -r 51
	resign -i eth0 10.0.0.1
	resign -i eth0 -r 51 10.0.0.1 -- cat
	resign --follow 10.0.0.1
	resign --follow -i eth0
	resign --follow -r 51
	resign --follow --
	ARGS
}

@test "misuse: one line on stderr, exit 100, nothing on stdout" {
	local args code n=0 bad=0

	wire_start a
	while IFS= read -r args; do
		code=0
		eval "set -- $args"
		in_node a timeout 2 "$ELECT" "$@" >"$T/out" 2>"$T/err" \
			</dev/null || code=$?
		if ((code != 100)) || [[ -s $T/out ]] ||
			[[ $(wc -l <"$T/err") != 1 ]] ||
			! grep -q '^vrrp-elect: .' "$T/err"; then
			echo "exit $code: vrrp-elect $args"
			cat "$T/out" "$T/err"
			bad=1
		fi
		n=$((n + 1))
	done < <(misuses)
	[ "$bad" = 0 ]
	[ "$n" -ge 100 ]
	refute wire vrrp
}

@test "misuse says what is wrong, by the name of the option" {
	local args want

	while IFS='|' read -r want args; do
		eval "set -- $args"
		run "$ELECT" "$@"
		[ "$status" = 100 ]
		[[ $output == *"$want"* ]] || {
			echo "$output, not $want"
			return 1
		}
	done <<-'ARGS'
	-i IF is missing|-r 51 10.0.0.1
	-r VRID is missing|-i eth0 10.0.0.1
	no address|-i eth0 -r 51
	--vrid: 256: not a number from 1 to 255|-i eth0 -r 256 10.0.0.1
	--interval: 1x: not a duration|-i eth0 -r 51 -t 1x 10.0.0.1
	unknown option: --bogus|-i eth0 --bogus
	unknown option: -x|-i eth0 -x
	option needs an argument: -p|-i eth0 -p
	--handover: both|-i eth0 -r 51 --handover both
	--auth: /no/such/file: No such file|-i eth0 -r 51 --vrrp 2 --auth pass:/no/such/file 10.0.0.1
	needs --source|-i eth0 -r 51 --peer fd00::2 fd00::1
	ARGS
}

@test "help and version: stdout, exit 0" {
	run --separate-stderr "$ELECT" --help
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[[ $output == "usage: vrrp-elect -i IF"* ]]
	[ "$(printf '%s\n' "$output" | awk 'length > 80' | wc -l)" = 0 ]
	run --separate-stderr "$ELECT" -V
	[ "$status" = 0 ]
	[[ $output =~ ^vrrp-elect\ [0-9.]+$ ]]
}
