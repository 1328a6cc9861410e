#!/usr/bin/env bats
# What a probe does not need is not loaded or read: OpenSSL is there for TLS and
# digests and --auth alone, and when it comes late, it comes in spite of the sandbox.

load ../lab/helpers
load hcheck

setup_file() {
	hc_setup_file
	[[ -n ${HC_NS-} ]] || return 0
	certs
	nginx_start nginx 8080 "
	server { listen 8080; location / { return 200 ok; } }
	server { listen 8443 ssl; ssl_certificate $HC_DIR/good.pem;
	    ssl_certificate_key $HC_DIR/good.key; location / { return 200 ok; } }"
}

teardown_file() { hc_teardown_file; }
setup() { hc_setup; }
teardown() { lab_teardown; }

hc_pid() { cat "$T/hc.pid"; }

mapped() { grep -q '/libcrypto\.so' "/proc/$(hc_pid)/maps"; }

# code_kb: how much of libcrypto's code is resident.
code_kb() {
	awk '/^[0-9a-f]+-/ { x = /\/libcrypto\.so/ && $2 ~ /x/ }
		/^Rss:/ && x { print $2 }' "/proc/$(hc_pid)/smaps"
}

# runs OPTION...: hcheck goes on with them, confined, and has said something.
runs() {
	rm -f "$T/hc.out"
	hc --every 1h --fast 50ms --rise 1 --fall 1 "$@"
	wait_for 10 test -s "$T/hc.out"
}

hc_end() {
	kill -TERM "$(hc_pid)"
	wait_for 10 gone "$(hc_pid)"
	wait "$(hc_pid)"
}

libssl() {
	/sbin/ldconfig -p | awk '$1 ~ /^libssl\.so\.[0-9]/ { print $NF; exit }'
}

# without CMD...: where libssl is no library.
without() {
	# shellcheck disable=SC2016 # for the inner shell
	ns sh -c 'mount --bind /dev/null "$0" && exec "$@"' "$(libssl)" "$@"
}

U=http://127.0.0.1:8080 S=https://127.0.0.1:8443

@test "OpenSSL is loaded for TLS, digests and --auth, not for other targets" {
	echo user:secret >"$T/auth"
	chmod 644 "$T/auth"
	while read -r args; do
		# shellcheck disable=SC2086 # words on purpose
		runs $args
		refute mapped || { echo "for $args" >&2; return 1; }
		hc_end
	done <<-F
	tcp://127.0.0.1:8080
	tcp://127.0.0.1:1
	smtp://127.0.0.1:1
	icmp://127.0.0.1 exec:true dns://127.0.0.1:1/x udp://127.0.0.1:1
	F
	while read -r args; do
		# shellcheck disable=SC2086
		runs $args
		mapped || { echo "not for $args" >&2; return 1; }
		hc_end
	done <<-F
	$S/
	tls://127.0.0.1:8443
	$U/ --digest sha256
	$U/ --auth $T/auth
	smtp://127.0.0.1:1 --starttls
	tcp://127.0.0.1:1 --starttls
	F
}

@test "https under the sandbox, from the start and by HUP" {
	runs "x=$S/" --ca "$HC_DIR/ca.pem"
	said x UP
	hc_end
	echo "a $U/" >"$T/f"
	runs -f "$T/f"
	mapped
	(($(code_kb) == 0)) # it may never be used
	echo "x $S/ ca=$HC_DIR/ca.pem" >>"$T/f"
	echo "y $U/ digest=sha256" >>"$T/f"
	kill -HUP "$(hc_pid)"
	wait_for 10 said x UP
	wait_for 10 said y UP
	(($(code_kb) > 0))
	[[ -n ${SANITIZED-} ]] ||
		grep -q '^Seccomp:.2' "/proc/$(hc_pid)/status"
	hc_end
}

@test "what openssl.cnf names is loaded before the sandbox" {
	cat >"$T/cnf" <<-'C'
	openssl_conf = init
	[init]
	providers = p
	[p]
	default = on
	legacy = on
	[on]
	activate = 1
	C
	export OPENSSL_CONF=$T/cnf
	runs "y=$U/" --digest sha256
	said y UP
	grep -q '/legacy\.so' "/proc/$(hc_pid)/maps"
	hc_end
	echo "a $U/" >"$T/f"
	runs -f "$T/f"
	echo "x $S/" >>"$T/f"
	kill -HUP "$(hc_pid)"
	wait_for 10 said x UP
	hc_end
}

@test "without OpenSSL: 111 and one line where it is needed, else as ever" {
	local why="OpenSSL cannot be loaded (package libssl"
	for args in "$S/" "tls://127.0.0.1:8443" "--digest md5 $U/" \
		"--starttls smtp://127.0.0.1:1" "--every 1s $S/"; do
		# shellcheck disable=SC2086
		run without "$HC" $args
		echo "$args: $status $output"
		((status == 111 && ${#lines[@]} == 1))
		[[ $output == "hcheck: $why"*"): "*libssl.so.* ]]
	done
	run without "$HC" "$U/" "tcp://127.0.0.1:8080"
	((status == 0))
	echo "a $U/" >"$T/f"
	# shellcheck disable=SC2016
	ns_exec sh -c 'mount --bind /dev/null "$0" && exec "$@"' "$(libssl)" \
		"$HC" --every 1h --fast 50ms --rise 1 -f "$T/f" \
		>"$T/hc.out" 2>"$T/hc.err" 3>&- 4>&- &
	echo $! >"$T/hc.pid"
	wait_for 10 said a UP
	[[ ! -s $T/hc.err ]]
	echo "x $S/" >>"$T/f"
	kill -HUP "$(hc_pid)"
	wait_for 10 grep -qF "f line 2: $S/: $why" "$T/hc.err"
	grep -q '; nothing has changed$' "$T/hc.err"
	hc_end
}

@test "--verify without a file of authorities: 100, and what to do" {
	# shellcheck disable=SC2016 # for the inner shell
	run ns sh -c 'mount -t tmpfs none /etc/ssl/certs && exec "$@"' - \
		"$HC" "$S/" --verify
	((status == 100))
	[[ $output == "hcheck: $S/: verify: no file of authorities"*"--ca FILE" ]]
	run ns "$HC" "$S/" --verify --ca "$HC_DIR/ca.pem"
	((status == 0))
}

@test "a one-shot opens few files: no /proc, no nsswitch.conf, no OpenSSL" {
	run ns env ASAN_OPTIONS=detect_leaks=0 strace -e trace=open,openat \
		-o "$T/opened" "$HC" -q "tcp://127.0.0.1:1"
	((status == 1))
	cat "$T/opened"
	grep -q '"/etc/passwd"' "$T/opened"
	[[ -n ${SANITIZED-} ]] || # that has its own
		refute grep -E '"/proc/[0-9s]|nsswitch|libssl|libcrypto' \
		<(grep -v '"/proc/sys/kernel/cap_last_cap"' "$T/opened")
}
