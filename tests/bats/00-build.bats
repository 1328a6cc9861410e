#!/usr/bin/env bats
# What the Makefile promises, and that nothing is left open at the end.

load ../lab/helpers

setup() { cd "$ROOT" || return 1; }

mk() { make -s --no-print-directory B="$B" "$@" 3>&-; }

@test "install puts every tool into DESTDIR, uninstall leaves nothing" {
	mk install DESTDIR="$T/root" PREFIX=/opt/vrrp
	for tool in vrrp-elect vip-bind garp hcheck ipvsadm-lite vrrp-dump; do
		[[ -x $T/root/opt/vrrp/sbin/$tool ]]
	done
	mk uninstall DESTDIR="$T/root" PREFIX=/opt/vrrp
	[[ -z $(find "$T/root" -type f) ]]
}

@test "CFLAGS and LDFLAGS are respected" {
	make -n B="$T/b" CFLAGS=-O3 LDFLAGS=-Wl,-zorigin >"$T/plan"
	grep -q -- '-O3' "$T/plan"
	grep -q -- '-Wl,-zorigin' "$T/plan"
}

hardened() { # PROGRAM
	readelf -hlW "$1" >"$T/elf"
	grep -q 'Type: *DYN ' "$T/elf"
	grep -q GNU_RELRO "$T/elf"
	grep -q 'GNU_STACK .* RW ' "$T/elf"
	readelf -dW "$1" | grep -qE 'FLAGS_1.*NOW PIE'
}

@test "every tool is a PIE, its relocations read-only, its stack not code" {
	for tool in vrrp-elect vip-bind garp hcheck ipvsadm-lite vrrp-dump; do
		hardened "$B/$tool"
	done
}

@test "vrrp-elect is linked statically without a warning; not with STATIC=" {
	if [[ -n ${SANITIZED-} ]]; then # it cannot be
		readelf -lW "$B/vrrp-elect" | grep INTERP
		return
	fi
	mkdir "$T/b"
	cp -a "$B/obj" "$B"/*.a "$T/b"
	make -s B="$T/b" "$T/b/vrrp-elect" 2>"$T/warnings" 3>&-
	cat "$T/warnings"
	[[ ! -s $T/warnings ]]
	hardened "$T/b/vrrp-elect"
	refute grep INTERP "$T/elf"
	rm "$T/b/vrrp-elect"
	make -s B="$T/b" STATIC= "$T/b/vrrp-elect" 3>&-
	hardened "$T/b/vrrp-elect"
	grep INTERP "$T/elf"
	make -n B="$T/c" CFLAGS=-fsanitize=undefined >"$T/plan"
	refute grep -e -static-pie "$T/plan"
}

@test "make pure fails on a clock, a descriptor, malloc or stdio" {
	local call
	mkdir "$T/src"
	cp -r lib Makefile "$T/src"
	for call in 'time(0);' 'write(1, "", 0);' 'malloc(1);' 'puts("");'; do
		cat >"$T/src/lib/pure/planted.c" <<-C
			#include <stdio.h>
			#include <stdlib.h>
			#include <time.h>
			#include <unistd.h>
			extern long planted(void);
			long planted(void) { return (long)$call }
		C
		refute make -s -C "$T/src" B=b pure >"$T/out" 2>&1
	done
	rm "$T/src/lib/pure/planted.c" "$T/src/b/libpure.a"
	make -s -C "$T/src" B=b pure
}

@test "every tool has --help on stdout and --version, exit 0" {
	for tool in vrrp-elect vip-bind garp hcheck ipvsadm-lite vrrp-dump; do
		run "$B/$tool" --help
		((status == 0))
		[[ $output == usage:* ]]
		run "$B/$tool" --version
		((status == 0))
		[[ $output == "$tool "* ]]
	done
}
