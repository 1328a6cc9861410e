#!/usr/bin/env bats
# examples/from-keepalived: what it converts of tests/golden/keepalived, and what
# it names (*.left).

load ../lab/helpers

GOLDEN=$ROOT/tests/golden/keepalived
CONVERT=$ROOT/examples/from-keepalived

setup_file() {
	local c

	((EUID == 0)) || return 0
	export NS=mvt$$
	ip netns add "$NS"
	for c in eth0 eth1; do
		ip -n "$NS" link add $c type veth peer name p-$c
		ip -n "$NS" link set $c up
		ip -n "$NS" link set p-$c up
	done
	ip -n "$NS" addr add 192.168.1.11/24 dev eth0
	ip -n "$NS" addr add fd00::11/64 dev eth0 nodad
}

teardown_file() {
	((EUID == 0)) || return 0
	ip netns del "$NS"
}

setup() {
	require_root
}

# converted CASE: exit code and names are those that are expected.
converted() {
	local want=0 dir=$T/$1

	[[ ! -e $GOLDEN/$1.left ]] || want=1
	cd "$GOLDEN" || return
	run "$CONVERT" -i main "$1.conf" "$dir"
	((status == want)) || {
		echo "$1: exit $status: $output"
		return 1
	}
	if ((want)); then
		diff "$GOLDEN/$1.left" <(echo "$output")
		diff "$GOLDEN/$1.left" "$dir/NOT-CONVERTED"
	else
		[[ -z $output && ! -e $dir/NOT-CONVERTED ]]
	fi
}

# 5 is an error; 6 a warning: that scripts run as root without script_security.
accepts() {
	run ip netns exec "$NS" keepalived -t -i main -f "$GOLDEN/$1.conf"
	[[ $status == 0 || ($status == 6 && $output == *script_security*) ]] || {
		echo "$1: $status: $output"
		return 1
	}
}

@test "each line that is not converted is named, and keepalived takes each file" {
	local c n=0

	for c in "$GOLDEN"/*.conf; do
		c=${c##*/}
		converted "${c%.conf}"
		[[ $c == left.conf ]] || accepts "${c%.conf}"
		n=$((n + 1))
	done
	((n >= 18))
}

@test "what was written is a shell's, is the same each time, and holds no secret for all" {
	local f

	converted sync-group
	converted unicast
	converted lvs-http
	while read -r f; do
		sh -n "$f"
		shellcheck -e SC1091,SC2153,SC2016 "$f"
	done < <(grep -rl '^#!/bin/sh' "$T")
	[[ $(stat -c %a "$T/unicast/cloud/auth") == 600 ]]
	[[ $(<"$T/unicast/cloud/auth") == s3cr3t-a ]]
	refute grep -rq s3cr3t "$T/unicast/cloud/run" "$T/unicast/README"
	mv "$T/unicast" "$T/first"
	converted unicast
	diff -r "$T/first" "$T/unicast"
}

@test "a directory that holds something, a file that is not there, misuse" {
	mkdir -p "$T/full"
	: >"$T/full/x"
	run "$CONVERT" "$GOLDEN/classic.conf" "$T/full"
	[[ $status == 100 && ${#lines[@]} == 1 && $output == *"is not empty"* ]]
	[[ $(ls "$T/full") == x ]]
	run "$CONVERT" "$T/missing" "$T/new"
	[[ $status == 111 && ${#lines[@]} == 1 && ! -e $T/new ]]
	run "$CONVERT" "$GOLDEN/classic.conf"
	[[ $status == 100 && $output == *usage* ]]
	printf 'vrrp_instance A {\n' >"$T/open.conf"
	run "$CONVERT" "$T/open.conf" "$T/new"
	[[ $status == 100 && $output == *"open.conf:1: { is not closed" && ! -e $T/new ]]
	printf 'a {\n}\n}\n' >"$T/shut.conf"
	run "$CONVERT" "$T/shut.conf" "$T/new"
	[[ $status == 100 && $output == *"shut.conf:3: } without {" ]]
}

@test "words of keepalived's that no shell may see" {
	cat >"$T/k.conf" <<-'CONF'
	vrrp_script s {
	    script "/bin/check 'two words' $HOME;reboot a'b'"
	    interval 0.5
	}
	vrrp_script h {
	    script "killall -0 haproxy"
	}
	vrrp_instance "V I" {
	    interface eth0
	    virtual_router_id 1
	    virtual_ipaddress {
	        192.168.1.1
	    }
	    track_script {
	        s
	        h weight 5
	    }
	    notify_master "/bin/m $(reboot) 'x y'" daemon
	}
	CONF
	run "$CONVERT" "$T/k.conf" "$T/out"
	[[ $status == 0 ]]
	grep -qF "/bin/check 'two words' '\$HOME;reboot' ab\"" "$T/out/V-I/checks"
	grep -qF 'every=500ms' "$T/out/V-I/checks"
	grep -qF '"exec:pgrep -x haproxy"' "$T/out/V-I/checks"
	grep -qF -- '--track s --track h=5' "$T/out/V-I/run"
	grep -qF "as daemon /bin/m '\$(reboot)' 'x y'" "$T/out/V-I/told"
	grep -q 'k.conf:6.*pgrep' "$T/out/README"
}

@test "what is no number, address or port is named and goes no further" {
	cat >"$T/k.conf" <<-'CONF'
	vrrp_instance "a\nreboot" {
	    interface "eth0;reboot"
	    virtual_router_id 5
	    priority "100;reboot"
	    unicast_src_ip "1.2.3.4;reboot"
	    unicast_peer {
	        "1.1.1.1;reboot"
	        10.0.0.2
	    }
	    virtual_ipaddress {
	        10.0.0.1 label "$(reboot)"
	        "10.0.0.2;reboot"
	    }
	}
	virtual_server 10.0.0.1 80 {
	    quorum "1;reboot"
	    real_server 10.0.0.1 "80;reboot" {
	    }
	}
	CONF
	run "$CONVERT" "$T/k.conf" "$T/out"
	[[ $status == 1 && ${#lines[@]} == 6 ]]
	[[ $(cut -d: -f2 <<<"$output" | paste -sd' ') == "4 5 7 12 16 17" ]]
	[[ $(grep -rhv '^#' "$T/out"/*/ |
		grep -o "['\"][^'\"]*[;(]reboot.*" | sort) == \
		"'\$(reboot)' \$HOLD1 -- \\"$'\n'"'eth0;reboot'" ]]
}
