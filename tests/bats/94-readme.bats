#!/usr/bin/env bats
# Every command block of README.md is run.  A block of shell says how:
#	```sh		it ends by itself, run in a node of the lab
#	```sh unordered	so does this, and its lines come in any order
#	```sh stays	it runs until what is shown was said, then TERM
#	```sh ipvs	as the first, in a kernel with IPVS
#	```sh make	targets of the Makefile, other tests run them
# and a block of text right behind it is what it prints: the same lines (of what
# stays: these lines, in this order), where "..." is anything, and so are times.

load ../lab/helpers

setup_file() { lab_setup_file; }
teardown_file() { lab_teardown_file; }
teardown() { lab_teardown; }

setup() {
	lab_setup
	mkdir "$T/blocks" "$T/here"
	chmod 755 "$BATS_RUN_TMPDIR" "${T%/*}" "$T" "$T/here"
	ln -s "$ROOT/tests" "$T/here/tests"
	blocks
	cd "$T/here" || return 1
	export PATH=$B:$PATH
}

# blocks: $T/blocks/NNN-KIND and NNN-KIND.text.
blocks() {
	awk -v dir="$T/blocks" '
		/^```sh/ { n++; out = name = sprintf("%s/%03d-%s", dir, n,
				$2 ? $2 : "ends"); next }
		/^```text/ { out = near && name ? name ".text" : "/dev/null"; next }
		/^```/ { near = out == name; out = ""; if (!near) name = ""; next }
		out { print >out; next }
		/./ { near = 0; name = "" }' "$ROOT/README.md"
}

# alike FILE: times are no more than that.
alike() {
	sed -E 's/rtt=[0-9.]+/rtt=T/' "$1"
}

# matches LINE PATTERN-LINE
matches() {
	local pattern=

	[[ $2 != *...* ]] || pattern=${2#*...}
	[[ $1 == "$2" || $2 == *...* && $1 == "${2%%...*}"*"$pattern" ]]
}

# same SAID SHOWN: each line of the one is that of the other.
same() {
	local i said shown

	mapfile -t said < <(alike "$1")
	mapfile -t shown < <(alike "$2")
	for ((i = 0; i < ${#said[@]} || i < ${#shown[@]}; i++)); do
		matches "${said[i]-}" "${shown[i]-}" || {
			printf 'it says:    %s\nREADME has: %s\n' \
				"${said[i]-}" "${shown[i]-}"
			return 1
		}
	done
}

# among SAID SHOWN: the lines shown come in this order.
among() {
	local i=0 line shown

	mapfile -t shown <"$2"
	while read -r line; do
		! matches "$line" "${shown[i]}" || ((++i < ${#shown[@]})) ||
			return 0
	done <"$1"
	return 1
}

web() {
	cat >"$T/web.conf" <<-CONF
	daemon off; master_process off; user root;
	pid $T/web.pid2; error_log $T/web.log;
	events { worker_connections 64; }
	http { access_log off; client_body_temp_path $T/1;
	    proxy_temp_path $T/2; fastcgi_temp_path $T/3;
	    uwsgi_temp_path $T/4; scgi_temp_path $T/5;
	    server { listen 127.0.0.1:8080;
		location / { return 200 ok; }
		location /bad { return 503; } } }
	CONF
	background web ip netns exec "$LAB-a" nginx -p "$T" -c "$T/web.conf"
	wait_for 5 in_node a bash -c ': </dev/tcp/127.0.0.1/8080'
}

@test "a README of blocks that are run, and no other commands" {
	local f kinds

	kinds=$(for f in "$T"/blocks/*; do echo "${f##*-}"; done | sort -u)
	[[ $(echo "$kinds" | paste -s -d ' ') == "ends ends.text ipvs ipvs.text \
make stays stays.text unordered unordered.text" ]]
	(($(grep -c '^```sh' "$ROOT/README.md") == \
		$(find "$T/blocks" ! -name '*.text' -type f | wc -l)))
	refute grep -nE '^```(bash|shell|console)' "$ROOT/README.md"
	refute grep . <(sed '/^```/,/^```/d' "$ROOT/README.md" | grep -E '^(    |	)')
	# each tool has one
	for f in vrrp-elect vip-bind garp hcheck ipvsadm-lite vrrp-dump; do
		grep -lqE "^(exec )?$f " "$T"/blocks/*
	done
	# and the picture is there
	while read -r f; do
		[[ -s $ROOT/$f ]]
		xmllint --noout "$ROOT/$f"
	done < <(sed -n 's/^!\[.*](\(.*\))$/\1/p' "$ROOT/README.md" | grep .)
}

@test "blocks that end" {
	local f

	web
	for f in "$T"/blocks/*-ends; do
		in_node a bash "$f" >"$T/said" || :
		same "$T/said" "$f.text"
	done
	for f in "$T"/blocks/*-unordered; do
		in_node a bash "$f" | sort >"$T/said" || :
		sort "$f.text" >"$T/shown"
		same "$T/said" "$T/shown"
	done
}

@test "blocks that stay" {
	local f

	web
	for f in "$T"/blocks/*-stays; do
		background stays ip netns exec "$LAB-a" bash "$f"
		wait_for 15 among "$T/stays.out" "$f.text"
		end stays
		refute holds a 192.0.2.10
	done
}

@test "blocks for a kernel with IPVS" {
	local f

	[[ $B != *-asan ]] || PATH=${B%-asan}-ubsan:$PATH # no ASan in there
	for f in "$T"/blocks/*-ipvs; do
		IPVSLAB_TIMEOUT=60 "$ROOT/tests/lab/ipvs-kernel" bash "$f" \
			>"$T/said" 3>&- || :
		same "$T/said" "$f.text"
	done
}

@test "targets of make" {
	local line

	cat "$T"/blocks/*-make | while read -r line; do
		line=${line%%#*}
		[[ $line == make\ * ]]
		# shellcheck disable=SC2086 # words on purpose
		make -s -n -C "$ROOT" B="$B" ${line#make} 3>&- >/dev/null
	done
	# the others that it names
	for line in $(grep -oE '`make [a-z-]+`|`[a-z-]+`(, `[a-z-]+`)+,?$|^`bench` and `fresh`' \
		"$ROOT/README.md" | grep -oE '[a-z-]+' | grep -vxE 'make|and'); do
		grep -qE "^$line:" "$ROOT/Makefile"
	done
}
