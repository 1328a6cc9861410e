#!/usr/bin/env bats
# Pages, installation, completion: what an operator meets first.

load ../lab/helpers

setup() { cd "$ROOT" || return 1; }

mk() { make -s --no-print-directory B="$B" "$@" 3>&-; }

tools() {
	make -s --no-print-directory -f - tools <<-'MAKE'
	include Makefile
	tools: ; @printf '%s\n' $(TOOLS)
	MAKE
}

# The help of a tool and of its verbs.
help_of() {
	"$B/$1" --help
	[[ $1 != ipvsadm-lite ]] || for verb in apply drain follow syncd; do
		"$B/$1" $verb --help
	done
}

# Words on stdin, one space between any two; remarks behind three are none.
squeeze() {
	sed -E 's/^ +//; s/   .*//' | tr -s ' \n' ' '
}

usage_of() {
	"$B/$1" --help | sed -n '1s/^usage: *//p; 2,/^\([^ ]\|$\)/s/^       *//p' |
		squeeze
}

synopsis_of() {
	mandoc -Tascii "man/$1.8" | sed 's/.\x08//g' |
		sed -n '/^SYNOPSIS/,/^[A-Z]/s/^     //p' | squeeze
}

options_in_help() {
	help_of "$1" | grep -oE -- '(^|[[ ,|(])--?[A-Za-z0-9][A-Za-z0-9-]*' |
		sed 's/^[^-]*//' | sort -u
}

# Of the lines of mdoc on stdin: what stands behind Fl, up to the next macro.
flags() {
	awk '{
		for (i = 1; i <= NF; i++) {
			if ($i != "Fl" && $i != ".Fl") continue
			dash = "-"
			if ($(i + 1) == "Fl") { dash = "--"; i++ }
			for (; $(i + 1) ~ /^[A-Za-z0-9][A-Za-z0-9-]*$/ &&
				$(i + 1) !~ /^(Ar|Cm|Fl|Op|Ns|No|Oc|Oo|Pc)$/ ||
				$(i + 1) ~ /^[|,]$/; i++)
				if ($(i + 1) !~ /^[|,]$/) print dash $(i + 1)
		} }' | sort -u
}

@test "mandoc -Tlint finds nothing" {
	# but for pages that are not installed here
	mandoc -Tlint -Wstyle man/*.[578] >"$T/lint" 2>&1 || :
	refute grep -vE 'referenced manual not found|outdated mandoc.db' "$T/lint"
}

@test "every tool has a page, and each page its sections" {
	local tool section

	for tool in $(tools); do
		for section in NAME SYNOPSIS DESCRIPTION SIGNALS 'EXIT STATUS' \
			EXAMPLES SECURITY 'SEE ALSO'; do
			grep -q "^\.Sh $section\$" "man/$tool.8" || {
				echo "$tool: no $section"
				return 1
			}
		done
	done
	[[ -e man/vrrp-line.5 && -e man/vrrp-tools.7 ]]
}

@test "SYNOPSIS is what the tool says" {
	local tool

	for tool in $(tools); do
		[[ -n $(usage_of "$tool") ]]
		diff <(usage_of "$tool" | tr ' ' '\n') \
			<(synopsis_of "$tool" | tr ' ' '\n')
	done
}

@test "options of the page are those of --help" {
	local tool

	for tool in $(tools); do
		options_in_help "$tool" >"$T/help"
		sed '1,/^\.Sh DESC/d; /^\.Sh E[XN]/,$d' "man/$tool.8" |
			flags >"$T/all"
		grep '^\.It' "man/$tool.8" | flags >"$T/items"
		(($(wc -l <"$T/help") >= 8))
		echo "$tool: in --help, not in the page:"
		refute grep . <(comm -23 "$T/help" "$T/all")
		echo "$tool: in the page, not in --help:"
		refute grep . <(comm -13 "$T/help" "$T/items")
	done
}

@test "install: tools, pages, completion, examples; uninstall leaves nothing" {
	local tool at=$T/root/opt/vrrp

	mk install DESTDIR="$T/root" PREFIX=/opt/vrrp
	for tool in $(tools); do
		[[ -x $at/sbin/$tool ]]
		[[ -e $at/share/man/man8/$tool.8 ]]
		[[ -e $at/share/bash-completion/completions/$tool ]]
	done
	[[ -e $at/share/man/man5/vrrp-line.5 ]]
	[[ -e $at/share/man/man7/vrrp-tools.7 ]]
	diff -r examples "$at/share/doc/vrrp-tools/examples"
	[[ $(cd examples && find . -type f -perm /1 | sort) == \
		$(cd "$at/share/doc/vrrp-tools/examples" &&
			find . -type f -perm /1 | sort) ]]
	touch "$at/sbin/another"
	mk uninstall DESTDIR="$T/root" PREFIX=/opt/vrrp
	[[ $(find "$T/root" ! -type d) == "$at/sbin/another" ]]
	[[ -z $(find "$T/root" -name 'vrrp-tools*') ]]
}

@test "make setcap: those who are not root can run what is installed" {
	require_root
	mk install DESTDIR="$T/root" PREFIX=/opt
	mk setcap DESTDIR="$T/root" PREFIX=/opt
	[[ $(getcap "$T/root/opt/sbin/vip-bind") == *cap_net_admin,cap_net_raw=ep ]]
	[[ $(getcap "$T/root/opt/sbin/garp") == *cap_net_raw=ep ]]
	chmod 755 "$BATS_RUN_TMPDIR" "${T%/*}" "$T"
	nobody=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
	# no interface to speak by, but the way there needs the privilege
	run unshare --net "${nobody[@]}" "$T/root/opt/sbin/vip-bind" add \
		--force -i lo 192.0.2.1
	echo "$output"
	((status == 0))
	run unshare --net "${nobody[@]}" "$B/vip-bind" add \
		--force -i lo 192.0.2.1
	((status == 111))
	[[ $output == *CAP_NET_ADMIN* ]]
}

# complete_line WORD...: the last one is to be completed.
complete_line() {
	PATH=$B:$PATH bash -c '. examples/bash-completion
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_vrrp_tools "$1" "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
		printf "%s\n" "${COMPREPLY[@]}" | paste -sd " "' - "$@"
}

@test "bash completes options, verbs, interfaces, schedulers, in chains" {
	[[ $(complete_line vrrp-elect --pri) == --priority ]]
	[[ $(complete_line vrrp-elect --track) == "--track --track-if" ]]
	[[ " $(complete_line vrrp-elect -i '') " == *" lo "* ]]
	[[ $(complete_line vrrp-elect --handover o) == overlap ]]
	[[ $(complete_line vip-bind f) == follow ]]
	[[ $(complete_line vip-bind '') == "add del show follow" ]]
	[[ $(complete_line vrrp-elect -i eth0 -- vip-bind follow --lea) == --lease ]]
	[[ $(complete_line garp --pr) == --probe ]]
	[[ $(complete_line ipvsadm-lite -A -t 192.0.2.1:80 -s w) == "wrr wlc" ]]
	[[ ! -x $B/ipvsadm-lite ]] ||
		[[ $(complete_line ipvsadm-lite follow --quo) == --quorum ]]
}

@test "bash-completion finds it where it is installed" {
	mk install DESTDIR="$T/root" PREFIX=/usr
	# shellcheck disable=SC2016
	run env XDG_DATA_DIRS="$T/root/usr/share" PATH="$B:$PATH" \
		BASH_COMPLETION_USER_DIR="$T/none" bash -c '
		. /usr/share/bash-completion/bash_completion
		__load_completion vip-bind && complete -p vip-bind'
	[[ $output == *"-F _vrrp_tools vip-bind" ]]
}

@test "systemd takes the unit, for each service directory" {
	local d

	cp -r examples "$T/etc"
	for d in "$T"/etc/*/run; do
		d=${d%/run}
		sed "s#/etc/vrrp-tools#$T/etc#" \
			"examples/systemd/vrrp-tools@.service" \
			>"$T/vrrp-tools@${d##*/}.service"
		run systemd-analyze verify --man=no \
			"$T/vrrp-tools@${d##*/}.service"
		echo "$output"
		[[ $status == 0 && -z $output ]] # it ignores what it does not know
	done
}
