#!/usr/bin/env bats
# Every probe, up and down for each reason, against real servers and against
# one that misbehaves.

load ../lab/helpers
load hcheck

OK='HTTP/1.1 200 OK\r\n'

setup_file() {
	hc_setup_file
	[[ -n ${HC_NS-} ]] || return 0
	certs
	start_nginx
	start_dns
	serve redis redis-server --port 6379 --bind 127.0.0.1 --save '' \
		--dir "$HC_DIR"
	start_smtp
	start_tls
	start_rogue
	wait_for 10 listens 127.0.0.1 6379
}

teardown_file() { hc_teardown_file; }
setup() { hc_setup; rows=0 bad=; }
teardown() { lab_teardown; }

tls_block() { # PORT CERT [MORE]
	echo "server { listen 127.0.0.1:$1 ssl; ssl_certificate" \
		"$HC_DIR/$2.pem; ssl_certificate_key $HC_DIR/$2.key;" \
		"location / { return 200 \"sni=\$ssl_server_name\"; } $3 }"
}

start_nginx() {
	mkdir "$HC_DIR/www"
	printf 'line one\nstatus: fine\n' >"$HC_DIR/www/body"
	head -c 3000000 /dev/zero >"$HC_DIR/www/big"
	echo 'user:{PLAIN}secret' >"$HC_DIR/htpasswd"
	printf 'user:secret\n' >"$HC_DIR/auth"
	printf 'user:wrong\n' >"$HC_DIR/auth-wrong"
	chmod 755 "$HC_DIR/www"
	nginx_start nginx 8080 "
	server {
	    listen 127.0.0.1:8080; listen [::1]:8080;
	    root $HC_DIR/www;
	    location = / { add_header X-Test yes; return 200 'hello world'; }
	    location = /empty { return 200 ''; }
	    location ~ ^/s/([0-9]+)\$ { return 200; }
	    location = /404 { return 404; }
	    location = /503 { return 503; }
	    location = /301 { return 301 http://127.0.0.1:8080/; }
	    location = /204 { return 204; }
	    location = /host { return 200 \$host; }
	    location = /agent { return 200 \$http_x_mine; }
	    location = /method { return 200 \$request_method; }
	    location = /version { return 200 \$server_protocol; }
	    location = /from { return 200 \$remote_addr; }
	    location = /auth { auth_basic x; auth_basic_user_file $HC_DIR/htpasswd;
	        try_files /body =404; }
	}
	server { listen 127.0.0.1:8081 proxy_protocol;
	    location / { return 200 \"for=\$proxy_protocol_addr\"; } }
	$(tls_block 8443 good) $(tls_block 8444 expired)
	$(tls_block 8445 short) $(tls_block 8446 self) $(tls_block 8447 other)
	$(tls_block 8449 future)
	$(tls_block 8448 good "ssl_client_certificate $HC_DIR/ca.pem;
	    ssl_verify_client on;")
	$(tls_block 8450 good 'ssl_protocols TLSv1.2;')"
}

start_dns() {
	cat >"$HC_DIR/unbound.conf" <<-CONF
	server:
	    interface: 127.0.0.1@5353
	    interface: 127.0.0.53@53
	    do-daemonize: no
	    username: ""
	    chroot: ""
	    directory: "$HC_DIR"
	    pidfile: ""
	    use-syslog: no
	    num-threads: 1
	    access-control: 127.0.0.0/8 allow
	    local-zone: "test." static
	    local-zone: "refused.example." refuse
	    local-zone: "." static
	    local-data: "a.test. A 192.0.2.1"
	    local-data: "a.test. A 192.0.2.2"
	    local-data: "a.test. AAAA 2001:db8::1"
	    local-data: "test. SOA ns.test. h.test. 1 2 3 4 5"
	    local-data: "test. NS ns.test."
	    local-data: "c.test. CNAME a.test."
	    local-data: "a.test. MX 10 m.test."
	    local-data: "a.test. TXT text"
	    local-data: "1.2.0.192.in-addr.arpa. PTR a.test."
	    local-data: "_s._tcp.test. SRV 1 2 80 a.test."
	    local-data: "moving.test. A 127.0.0.1"
	remote-control:
	    control-enable: no
	CONF
	serve unbound unbound -d -c "$HC_DIR/unbound.conf"
	wait_for 10 listens 127.0.0.1 5353
}

# OpenSMTPD in the clear (its TLS is broken in Debian 12), aiosmtpd with TLS.
start_smtp() {
	cat >"$HC_DIR/smtpd.conf" <<-CONF
	listen on 127.0.0.1 port 2525
	action "local" mbox
	match for local action "local"
	CONF
	# its spool and socket have fixed names
	# shellcheck disable=SC2016
	serve smtpd sh -c 'mount -t tmpfs -o mode=755 none /run &&
		mount -t tmpfs -o mode=711 none /var/spool &&
		mkdir -m 711 /var/spool/smtpd &&
		exec smtpd -d -f "$HC_DIR/smtpd.conf"'
	serve aiosmtpd aiosmtpd -n -c aiosmtpd.handlers.Sink -l 127.0.0.1:2526 \
		--tlscert "$HC_DIR/good.pem" --tlskey "$HC_DIR/good.key"
	wait_for 20 listens 127.0.0.1 2525
	wait_for 20 listens 127.0.0.1 2526
}

start_tls() {
	serve s_server openssl s_server -accept 127.0.0.1:9443 -naccept 999 \
		-cert "$HC_DIR/good.pem" -key "$HC_DIR/good.key" -www \
		-alpn http/1.1
	serve s_client_ca openssl s_server -accept 127.0.0.1:9444 -quiet \
		-cert "$HC_DIR/good.pem" -key "$HC_DIR/good.key" -www -tls1_2 \
		-CAfile "$HC_DIR/ca.pem" -Verify 1 -verify_return_error
	wait_for 10 listens 127.0.0.1 9443
	wait_for 10 listens 127.0.0.1 9444
}

start_rogue() {
	rogue mute=hold closes=close resets=reset \
		reads_closes='read|close' reads_resets='read|reset' \
		reads_mute='read|hold' \
		short_head='read|send:HTTP/1.1 200|close' \
		half_head="read|send:${OK}Content-Le|close" \
		stuck_head="read|send:${OK}Content-Le|hold" \
		short_body="read|send:${OK}Content-Length: 10\r\n\r\nabc|close" \
		stuck_body="read|send:${OK}Content-Length: 10\r\n\r\nabc|hold" \
		reset_body="read|send:${OK}Content-Length: 10\r\n\r\nabc|reset" \
		chunks="read|send:${OK}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nA: b\r\n\r\n|hold" \
		bad_chunk="read|send:${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello|hold" \
		wrong_chunk="read|send:${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n|hold" \
		short_chunk="read|send:${OK}Transfer-Encoding: chunked\r\n\r\n9\r\nhello|close" \
		huge_chunk="read|send:${OK}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx|hold" \
		two_lengths="read|send:${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab|hold" \
		bad_length="read|send:${OK}Content-Length: -1\r\n\r\nab|hold" \
		no_colon="read|send:${OK}rubbish\r\n\r\n|hold" \
		garbage='read|send:\x00\xff\xfe\x01|hold' \
		not_http='send:SSH-2.0-x\r\n|hold' \
		http2='read|send:HTTP/2 200\r\n\r\n|hold' \
		bad_status='read|send:HTTP/1.1 2000 OK\r\n\r\n|hold' \
		headers="read|send:${OK}|loop:X-A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n" \
		long_header="read|send:${OK}X: |loop:y" \
		body="read|send:${OK}\r\n|loop:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz" \
		endless_chunks="read|send:${OK}Transfer-Encoding: chunked\r\n\r\n|loop:1\r\nx\r\n" \
		til_close="read|send:HTTP/1.0 200 OK\r\n\r\nhello world|close" \
		interim='read|send:HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok|hold' \
		interims='read|loop:HTTP/1.1 100 Continue\r\n\r\n' \
		bare_lf='read|send:HTTP/1.1 200 OK\nContent-Length: 2\n\nok|hold' \
		drip="read|drip:500:${OK}Content-Length: 0\r\n\r\n" \
		banner='send:+OK ready\r\n|hold' \
		echo_hex='read|send:\x10\x2f\x30|hold' \
		banner_closes='send:nothing\r\n|close' \
		smtp_554='send:554 no\r\n|hold' \
		smtp_long='send:220-a\r\n|loop:220-b\r\n' \
		smtp_mix='send:220-a\r\n250 b\r\n|hold' \
		smtp_no_ehlo='send:220 hi\r\n|read|send:502 what\r\n|hold' \
		smtp_closes='send:220 hi\r\n|read|close' \
		smtp_quits='send:220 hi\r\n|read|send:250 x\r\n|read|close' \
		u_mute=hold u_pong='pong\x01' \
		u_dns_bad='\2\x81\x80\x00\x01\x00\x09\x00\x00\x00\x00\x01a\x04test\x00\x00\x01\x00\x01\xc0' \
		u_dns_foreign='xx\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00' \
		u_dns_servfail='\2\x81\x82\x00\x00\x00\x00\x00\x00\x00\x00' \
		dns_tcp_short='read|send:\x00\x20ab|close' \
		dns_tcp_huge='read|send:\xff\xff|hold'
}

r() { # WANT SCHEME ROGUE [PATH] [OPTION...]
	judge "$1" "$2://127.0.0.1:$(port "$3")${4-}" "${@:5}"
}

@test "http: up and down for each reason" {
	local u=http://127.0.0.1:8080
	judge UP $u/
	judge UP http://[::1]:8080/
	judge UP http://web.test:8080/
	judge UP http://localhost:8080 --http 1.0
	judge UP $u/version --http 1.0 --body '^HTTP/1.0$'
	judge UP $u/version --body '^HTTP/1.1$'
	judge status-404 $u/404
	judge UP $u/404 --status 200-299,404
	judge status-503 $u/503
	judge status-301 $u/301
	judge UP $u/301 --status 200-399
	judge status-200 $u/ --status 201-299
	judge UP $u/204
	judge UP $u/ --body 'hello w[a-z]+d'
	judge body $u/ --body 'bye'
	judge body-not $u/ --body-not 'world'
	judge UP $u/ --body-not 'bye' --body hello
	judge UP $u/body --body '^status: fine$'
	judge UP $u/ --match-header 'x-test: ^yes$'
	judge header $u/ --match-header 'x-test: ^no$'
	judge header $u/ --match-header 'x-absent: .'
	judge UP $u/host --host www.test --body '^www.test$'
	judge UP $u/agent --header 'X-Mine: 4711' --body 4711
	judge UP $u/ --method HEAD
	judge UP $u/method --method OPTIONS --body OPTIONS
	judge UP $u/empty
	judge UP $u/auth --auth "$HC_DIR/auth"
	judge status-401 $u/auth --auth "$HC_DIR/auth-wrong"
	judge status-401 $u/auth
	judge body-too-long $u/big
	judge UP $u/big --body-max 3000000
	judge digest $u/ --digest sha256:$(printf %064d 0)
	judge UP $u/ --digest sha256:$(printf 'hello world' | sha256sum | cut -c -64)
	judge UP $u/ --digest md5:$(printf 'hello world' | md5sum | cut -c -32)
	judge refused http://127.0.0.1:1/
	judge UP $u/from --source 127.0.0.9 --body '^127.0.0.9$'
	judge UP http://192.0.2.77:8080/host --at 127.0.0.1 --body '^192.0.2.77$'
	judge UP http://127.0.0.1:8081/ --proxy-protocol 1 --body '^for=127.0.0.1$'
	judge UP http://127.0.0.1:8081/ --proxy-protocol 2 --body '^for=127.0.0.1$'
	judge UP $u/ --bind-if lo
	judge UP $u/ --mark 7
	table
}

@test "http: a server that misbehaves, each time another reason" {
	r timeout-first-byte http mute / -t 300ms
	r timeout-first-byte http reads_mute / -t 300ms
	r empty http reads_closes /
	r reset http reads_resets /
	r short http short_head /
	r short http half_head /
	r timeout-head http stuck_head / -t 1500ms
	r short http short_body /
	r timeout-body http stuck_body / -t 1500ms
	r reset http reset_body /
	r UP http chunks / --body '^hello world$'
	r chunk-bad http bad_chunk /
	r chunk-bad http wrong_chunk /
	r chunk-bad http huge_chunk /
	r short http short_chunk /
	r header-bad http two_lengths /
	r header-bad http bad_length /
	r header-bad http no_colon /
	r not-http http garbage /
	r not-http http not_http /
	r not-http http http2 /
	r not-http http bad_status /
	r header-too-long http headers /
	r header-too-long http long_header /
	r body-too-long http body / --body-max 20000
	r body-too-long http endless_chunks / --body-max 20000
	r UP http til_close / --body '^hello world$'
	r UP http interim / --body '^ok$'
	r header-too-long http interims /
	r UP http bare_lf / --body '^ok$'
	r timeout-head http drip / -t 2500ms
	table
}

@test "tls and https: up and down for each reason" {
	local ca=$HC_DIR/ca.pem
	judge UP tls://127.0.0.1:8443
	judge UP https://127.0.0.1:8443/
	judge UP https://127.0.0.1:8443/ --ca "$ca"
	judge UP https://web.test:8443/ --ca "$ca" --body '^sni=web.test$'
	judge UP https://127.0.0.1:8443/ --sni web.test --body '^sni=web.test$'
	judge UP https://127.0.0.1:8443/ --host web.test --body '^sni=web.test$'
	judge tls-name https://localhost:8443/ --ca "$ca"
	judge tls-name https://web.test:8447/ --ca "$ca"
	judge UP https://web.test:8447/
	judge tls-expired https://web.test:8444/ --ca "$ca"
	judge UP https://web.test:8444/
	judge tls-expired https://web.test:8444/ --cert-days 1
	judge tls-not-yet-valid https://web.test:8449/ --ca "$ca"
	judge cert-days https://web.test:8445/ --cert-days 6
	judge UP https://web.test:8445/ --cert-days 4
	judge tls-self-signed https://web.test:8446/ --ca "$ca"
	judge tls-verify https://web.test:8443/ --verify
	judge UP https://web.test:8448/ --cert "$HC_DIR/good.pem" \
		--key "$HC_DIR/good.key" --ca "$ca"
	judge status-400 https://web.test:8448/
	judge tls-handshake https://127.0.0.1:8450/ --tls-min 1.3
	judge UP https://127.0.0.1:8450/ --tls-min 1.2
	judge UP tls://127.0.0.1:9443 --alpn h2,http/1.1
	judge tls-handshake tls://127.0.0.1:9443 --alpn h2
	judge tls-alpn tls://127.0.0.1:9444 --alpn h2 --cert "$HC_DIR/good.pem" \
		--key "$HC_DIR/good.key"
	judge tls-handshake tls://127.0.0.1:9444
	judge UP tls://127.0.0.1:9443 --send 'GET / HTTP/1.0\r\n\r\n' \
		--expect 'HTTP/1.0 200'
	judge refused tls://127.0.0.1:1
	r timeout-tls tls mute '' -t 300ms
	r tls-closed tls reads_closes
	r tls-reset tls reads_resets
	r tls-handshake tls not_http
	table
}

@test "tcp: connection, dialogue, starttls" {
	judge UP tcp://127.0.0.1:6379
	judge UP tcp://127.0.0.1:6379 --send 'PING\r\n' --expect '+PONG'
	judge no-match tcp://127.0.0.1:6379 --send 'PUNG\r\nQUIT\r\n' \
		--expect '+PONG'
	judge UP tcp://127.0.0.1:6379 --send 'PING\r\n' --expect '+PONG' \
		--send 'INFO server\r\n' --expect 're:redis_version:[0-9.]+'
	judge refused tcp://127.0.0.1:1
	judge net-unreachable tcp://203.0.113.1:80
	judge UP tcp://web.test:6379 -4
	judge UP tcp://six.test:8080 -6
	judge resolve-no-name tcp://nothing.test:80
	judge resolve-no-name tcp://doc.test:8080 -4
	r UP tcp banner '' --expect 're:^\+OK'
	r UP tcp banner '' --expect 'hex:2b 4f ?b'
	r timeout-expect tcp banner '' --expect never -t 1500ms
	r timeout-first-byte tcp mute '' --expect x -t 300ms
	r no-match tcp banner_closes '' --expect x
	r closed tcp closes '' --expect x
	r reset tcp resets '' --expect x
	r UP tcp echo_hex '' --send hex:0102 --expect hex:10?f30
	judge UP tcp://127.0.0.1:2526 --expect '220 ' --send 'EHLO x\r\n' \
		--expect 're:^250 ' --send 'STARTTLS\r\n' --expect '220 ' \
		--starttls --send 'EHLO y\r\n' --expect '250' --ca "$HC_DIR/ca.pem" \
		--sni web.test
	table
}

@test "smtp: banner, EHLO, STARTTLS, QUIT" {
	judge UP smtp://127.0.0.1:2525
	judge UP smtp://127.0.0.1:2526 --starttls --ca "$HC_DIR/ca.pem"
	judge no-starttls smtp://127.0.0.1:2525 --starttls
	judge UP smtp://web.test:2526 --starttls --verify --ca "$HC_DIR/ca.pem" \
		--cert-days 9
	judge cert-days smtp://web.test:2526 --starttls --cert-days 900
	judge tls-name smtp://localhost:2526 --starttls --ca "$HC_DIR/ca.pem"
	judge smtp-ehlo-501 smtp://127.0.0.1:2525 --helo '?'
	r smtp-banner-554 smtp smtp_554
	r not-smtp smtp smtp_long
	r not-smtp smtp smtp_mix
	r not-smtp smtp not_http
	r smtp-ehlo-502 smtp smtp_no_ehlo
	r closed smtp smtp_closes
	r UP smtp smtp_quits
	r closed smtp closes
	r timeout-banner smtp mute '' -t 300ms
	judge refused smtp://127.0.0.1:1
	table
}

@test "dns: every type, rcode, answers" {
	local s=dns://127.0.0.1:5353
	judge UP $s/a.test
	judge UP "$s/a.test?type=A" --answers 2
	judge dns-answers-2 "$s/a.test?type=A" --answers 3
	judge UP "$s/a.test?type=AAAA"
	judge UP "$s/test?type=NS"
	judge UP "$s/test?type=SOA"
	judge UP "$s/c.test?type=CNAME"
	judge UP "$s/a.test?type=MX"
	judge UP "$s/a.test?type=TXT"
	judge UP "$s/1.2.0.192.in-addr.arpa?type=PTR"
	judge UP "$s/_s._tcp.test?type=SRV"
	judge dns-answers-0 "$s/test?type=A"
	judge dns-nxdomain $s/nothing.test
	judge UP $s/nothing.test --rcode nxdomain
	judge dns-noerror $s/a.test --rcode nxdomain
	judge dns-refused $s/refused.example
	judge UP "$s/a.test?type=A&tcp=1"
	judge refused dns://127.0.0.1:1/a.test
	judge refused 'dns://127.0.0.1:1/a.test?tcp=1'
	r timeout-first-byte dns u_mute /a.test -t 300ms
	r timeout-first-byte dns u_dns_foreign /a.test -t 300ms
	r dns-malformed dns u_dns_bad /a.test
	r dns-servfail dns u_dns_servfail /a.test
	r short dns dns_tcp_short '/a.test?tcp=1'
	r dns-too-long dns dns_tcp_huge '/a.test?tcp=1'
	table
}

@test "udp: reply required, or no ICMP error" {
	r UP udp u_pong '' --send x
	r UP udp u_pong '' --send x --expect pong
	r UP udp u_pong '' --send x --expect hex:6f6e6701
	r no-match udp u_pong '' --send x --expect ping
	r timeout-first-byte udp u_mute '' --send x -t 300ms
	r UP udp u_mute '' --send x --udp no-error -t 300ms
	judge refused udp://127.0.0.1:1 --send x
	judge refused udp://127.0.0.1:1 --udp no-error
	judge refused udp://[::1]:1 --udp no-error
	table
}

@test "icmp: raw and ping socket, both families" {
	judge UP icmp://127.0.0.1
	judge UP icmp://[::1]
	judge UP icmp://web.test
	judge net-unreachable icmp://203.0.113.1
	ns ip route add unreachable 203.0.113.9/32
	judge host-unreachable icmp://203.0.113.9
	ns nft 'table inet t { chain i { type filter hook input priority 0;
		ip daddr 127.0.0.66 drop; }; }'
	judge timeout-reply icmp://127.0.0.66 -t 300ms
	ns sysctl -q net.ipv4.ping_group_range='0 65535'
	judge UP icmp://127.0.0.1
	judge UP icmp://[::1]
	judge UP icmp://127.0.0.1 --source 127.0.0.3
	judge timeout-reply icmp://127.0.0.66 -t 300ms
	ns sysctl -q net.ipv4.ping_group_range='1 0'
	judge timeout-connect tcp://127.0.0.66:80 -t 300ms
	ns nft flush ruleset
	table
}

@test "exec and file" {
	local f=$HC_DIR/switch
	judge UP exec:/bin/true
	judge exit-1 exec:/bin/false
	judge exit-3 "exec:sh -c 'exit 3'"
	judge UP "exec:sh -c 'exit 3'" --dynamic
	judge exit-1 "exec:sh -c 'exit 1'" --dynamic
	# shellcheck disable=SC2016
	judge signal-9 'exec:sh -c "kill -9 $$"'
	judge timeout-exec 'exec:sleep 60' -t 300ms
	judge timeout-exec "exec:sh -c 'trap \"\" TERM; sleep 60; sleep 60'" \
		-t 300ms
	judge exec-enoent exec:/nonexistent
	judge exec-eacces exec:/etc/passwd
	judge UP "file:$f"
	echo 10 >"$f"
	judge UP "file:$f"
	echo down >"$f"
	judge file "file:$f"
	: >"$f"
	judge file "file:$f"
	echo rubbish >"$f"
	judge file-no-number "file:$f"
	judge file-is-folder "file:$HC_DIR"
	chmod 600 "$f"
	judge file-eacces "file:$f"
	table
}
