# shellcheck shell=bash
# bench rows: one-shot tools: garp, vrrp-dump, ipvsadm-lite.

bench_garp() {
	local i ours=() theirs=()
	fresh
	vip add a
	for ((i = 0; i < RUNS * 4; i++)); do
		ours+=("$(took in_node a "$B/garp" -c 1 -i eth0 "$VIP")")
		theirs+=("$(took in_node a arping -q -U -c 1 -I eth0 \
			"$VIP")")
	done
	row "one announcement, exec to exit" ms arping "${ours[*]}" \
		"${theirs[*]}"
}

# by_ip add|del COUNT: as others() of timing.bash has them.
by_ip() {
	others "$2" | sed "s/^/addr $1 /; s/\$/ dev eth0/" >"$T/batch"
	took in_node a ip -batch "$T/batch"
}

by_vip_bind() {
	local quiet=()

	[[ $1 == del ]] || quiet=(--force --garp-count 0)
	# shellcheck disable=SC2046 # words on purpose
	took in_node a "$B/vip-bind" "$1" "${quiet[@]}" -i eth0 $(others "$2")
}

# Asked nobody and announced nothing, as ip(8) does it.
bench_bind() {
	local i verb n=200
	local -A ours=() theirs=()

	fresh
	for ((i = 0; i < RUNS * 4; i++)); do
		for verb in add del; do
			ours[$verb]+=" $(by_vip_bind $verb $n)"
		done
		for verb in add del; do
			theirs[$verb]+=" $(by_ip $verb $n)"
		done
	done
	row "vip-bind add of $n, exec to exit" ms "ip -batch" "${ours[add]}" \
		"${theirs[add]}"
	row "vip-bind del of $n, exec to exit" ms "ip -batch" "${ours[del]}" \
		"${theirs[del]}"
}

# decode PACKETS COMMAND... FILE: thousands of packets a second, peak RSS in MB.
decode() {
	command time -o "$T/time" -f '%e %M' "${@:2}" >/dev/null 2>&1
	awk -v n="$1" '{ printf "%.1f %.1f\n", n / $1 / 1000, $2 / 1024 }' \
		"$T/time"
}

# A tenth of the packets is malformed; they come from 16 networks of 16 routers.
# (tcpdump keeps every address it has seen in a table that gets slow.)
bench_dump() {
	local i n=${PACKETS:-1000000} pps rss few_rss
	local ours=() theirs=() sharks=() our_rss=() their_rss=() shark_rss=()

	"$LAB_BIN/lab-gen" mixed "$n" >"$T/many.pcap"
	"$LAB_BIN/lab-gen" mixed $((n / 10)) >"$T/few.pcap"
	for ((i = 0; i < RUNS; i++)); do
		read -r pps rss < <(decode "$n" "$B/vrrp-dump" -n -v -r \
			"$T/many.pcap")
		ours+=("$pps") our_rss+=("$rss")
		read -r pps rss < <(decode "$n" tcpdump -nn -v -r \
			"$T/many.pcap")
		theirs+=("$pps") their_rss+=("$rss")
	done
	read -r pps rss < <(decode "$n" tshark -n -r "$T/many.pcap")
	sharks+=("$pps") shark_rss+=("$rss")
	read -r _ few_rss < <(decode $((n / 10)) "$B/vrrp-dump" -n -v -r \
		"$T/few.pcap")
	row "text of $n packets, thousands" /s tcpdump "${ours[*]}" \
		"${theirs[*]}"
	row "the same, tshark once" /s tshark "${ours[*]}" "${sharks[*]}"
	row "peak RSS of it" MB tcpdump "${our_rss[*]}" "${their_rss[*]}"
	row "the same" MB tshark "${our_rss[*]}" "${shark_rss[*]}"
	row "peak RSS, $n and a tenth of it" MB itself "${our_rss[*]}" \
		"$few_rss"
}

ipvs_row() { # WHAT NAME PEER: what tests/bench/ipvs measured
	row "$2" ms "$3" "$(<"$T/ipvs/$1.ours")" "$(<"$T/ipvs/$1.theirs")"
}

bench_ipvs() {
	local dir=$B/bench-ipvs.$$

	mkdir -p "$dir"
	if tests/lab/ipvs-kernel tests/bench/ipvs "$dir" "$RUNS"; then
		rm -rf "$T/ipvs"
		mv "$dir" "$T/ipvs"
		ipvs_row restore "IPVS 1000 x 10: restore" ipvsadm
		ipvs_row save "IPVS 1000 x 10: save" ipvsadm
		ipvs_row list "IPVS 1000 x 10: list" ipvsadm
		ipvs_row changed "IPVS 1000 x 10: apply, 1% changed" "ipvsadm -R"
		ipvs_row same "IPVS 1000 x 10: apply, no change" "ipvsadm -R"
	else
		echo "bench: ipvs failed" >&2
		rm -rf "$dir"
	fi
}

