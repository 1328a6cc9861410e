# shellcheck shell=bash
# Servers for hcheck in a network of their own.  Load after ../lab/helpers.
#
#	setup_file()    { hc_setup_file; ... }
#	teardown_file() { hc_teardown_file; }
#	setup()         { hc_setup; }
#	teardown()      { lab_teardown; }

HC=$B/hcheck

# ns CMD...: in this file's network, with its own resolver.
ns() {
	(ns_exec "$@")
}

# The same in place of the shell, for the background: $! is CMD's pid.
ns_exec() {
	# shellcheck disable=SC2016 # for the inner shell
	exec ip netns exec "$HC_NS" sh -c '
		mount --bind "$HC_DIR/resolv.conf" /etc/resolv.conf &&
		mount --bind "$HC_DIR/hosts" /etc/hosts || exit 111
		exec "$@"' - "$@" 3>&-
}

hc_setup_file() {
	((EUID == 0)) || return 0
	export HC_NS=hc$$ HC_DIR=$BATS_FILE_TMPDIR
	chmod 755 "$BATS_RUN_TMPDIR" "$HC_DIR" 2>/dev/null
	ip netns add "$HC_NS"
	ip -n "$HC_NS" link set lo up
	echo 'nameserver 127.0.0.53' >"$HC_DIR/resolv.conf"
	echo 'options timeout:1 attempts:1' >>"$HC_DIR/resolv.conf"
	printf '127.0.0.1 localhost web.test\n::1 six.test\n2001:db8::6 doc.test\n' >"$HC_DIR/hosts"
}

# The control process, as in lab_setup; and hcheck may read what is in $T.
hc_setup() {
	require_root
	chmod 755 "$BATS_RUN_TMPDIR" "${T%/*}" "$T"
	background noise "$LAB_BIN/lab-noise" "$T/noise"
}

hc_teardown_file() {
	[[ -n ${HC_NS-} ]] || return 0
	ip netns pids "$HC_NS" | xargs -r kill -KILL
	wait_for 5 hc_empty || :
	ip netns del "$HC_NS"
}

hc_empty() {
	[[ -z $(ip netns pids "$HC_NS") ]]
}

# serve NAME CMD...: a server for the whole file.
serve() {
	local name=$1

	shift
	ns_exec "$@" </dev/null >"$HC_DIR/$name.out" 2>"$HC_DIR/$name.err" 3>&- &
	echo $! >"$HC_DIR/$name.pid"
}

# listens ADDR PORT: does somebody accept there?
listens() {
	ns bash -c "exec 9<>/dev/tcp/$1/$2" 2>/dev/null
}

# rogue SCRIPT...: lab-rogue; a port is asked for by port NAME.
rogue() {
	serve rogue "$LAB_BIN/lab-rogue" "$@"
	wait_for 5 grep -q ^ready "$HC_DIR/rogue.out"
}

port() {
	awk -v n="$1" '$1 == n { print $2; exit }' "$HC_DIR/rogue.out"
}

# certs: a CA and what it signed, as $HC_DIR/NAME.pem with NAME.key.
certs() {
	local d=$HC_DIR

	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=test CA" -days 100 -keyout "$d/ca.key" \
		-out "$d/ca.pem" 2>/dev/null
	: >"$d/index"
	echo 01 >"$d/serial"
	cat >"$d/ca.cnf" <<-CNF
	[ca]
	default_ca = c
	[c]
	database = $d/index
	serial = $d/serial
	new_certs_dir = $d
	certificate = $d/ca.pem
	private_key = $d/ca.key
	default_md = sha256
	policy = p
	copy_extensions = copy
	unique_subject = no
	[p]
	commonName = supplied
	CNF
	# FROM and TO in days from now
	cert good web.test,IP:127.0.0.1 -1 60
	cert other other.test -1 60
	cert short web.test -1 5
	cert expired web.test -20 -2
	cert future web.test 3 60
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=web.test" -addext subjectAltName=DNS:web.test \
		-days 60 -keyout "$d/self.key" -out "$d/self.pem" 2>/dev/null
	chmod 644 "$d"/*.key
}

cert() { # NAME SAN FROM TO
	local d=$HC_DIR from to

	from=$(date -u -d "$3 days" +%Y%m%d%H%M%SZ)
	to=$(date -u -d "$4 days 1 hour" +%Y%m%d%H%M%SZ)
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=$1" -addext "subjectAltName=DNS:$2" \
		-keyout "$d/$1.key" -out "$d/$1.csr" 2>/dev/null
	openssl ca -batch -notext -config "$d/ca.cnf" -in "$d/$1.csr" \
		-startdate "$from" -enddate "$to" -out "$d/$1.pem" 2>/dev/null
}

# nginx_conf [SERVER-BLOCK...]: plain HTTP on 8080 in any case.
nginx_conf() {
	cat <<-CONF
	daemon off;
	pid $HC_DIR/nginx.pid2;
	worker_processes 1;
	worker_rlimit_nofile 20000;
	error_log $HC_DIR/nginx.log;
	events { worker_connections 12000; }
	http {
	    access_log off;
	    client_body_temp_path $HC_DIR/n1;
	    proxy_temp_path $HC_DIR/n2;
	    fastcgi_temp_path $HC_DIR/n3;
	    uwsgi_temp_path $HC_DIR/n4;
	    scgi_temp_path $HC_DIR/n5;
	    $*
	}
	CONF
}

nginx_start() { # NAME PORT BLOCK...
	nginx_conf "${@:3}" >"$HC_DIR/$1.conf"
	serve "$1" nginx -c "$HC_DIR/$1.conf" -p "$HC_DIR"
	wait_for 10 listens 127.0.0.1 "$2" || {
		cat "$HC_DIR/$1.err" "$HC_DIR/nginx.log" >&2
		return 1
	}
}

# judge UP|WHY URL [OPTION...]: one probe, its verdict and its exit code; failures
# are collected, so that a table shows all of them.
judge() {
	local want=$1 url=$2 out code=0 must=1 got

	shift 2
	rows=$((rows + 1))
	[[ $want != UP ]] || must=0
	out=$(ns timeout 30 "$HC" -t 8s "$@" "x=$url" 2>&1) || code=$?
	got=$(sed -n 's/^UP .*/UP/p; s/^DOWN .* why=\([^ ]*\).*/\1/p' <<<"$out")
	if [[ $got != "$want" ]] || ((code != must)); then
		bad+="want $want: $url $*"$'\n'"  got $code: $out"$'\n'
	fi
}

# table: after the rows.
table() {
	[[ -z ${bad-} ]] || {
		echo "$bad" >&2
		return 1
	}
	echo "# $rows cases" >&3
}

# said NAME WORD: is that the last line about it in $T/hc.out?
said() {
	[[ $(grep " $1 " "$T/hc.out" | tail -n 1) == "$2 "* ]]
}

# hc OPTION...: hcheck in the background; $T/hc.{out,err,pid}.
hc() {
	ns_exec "$HC" "$@" </dev/null >"$T/hc.out" 2>>"$T/hc.err" 3>&- 4>&- &
	echo $! >"$T/hc.pid"
}
