#!/usr/bin/env bats
# make bench: that it measures something, not what.

load ../lab/helpers

setup() {
	require_root
	cd "$ROOT" || return 1
	export TSV=$BATS_TEST_TMPDIR/bench.tsv RUNS=1
}

# So many rows: name, unit, three figures, the peer, three figures; none of what
# is measured here takes ten seconds.
figures() {
	awk -F '\t' '{ for (i = 3; i <= 9; i++)
			if (i != 6 && ($i !~ /^-?[0-9]+$/ || $i^2 > 1e14))
				bad = 1 }
		END { exit bad || NR != n }' n="$1" "$TSV"
}

@test "a dead Master at 10 ms, one address: every figure is there" {
	BENCH="detect takeover" INTERVALS=10ms ADDRESSES=1 tests/bench/run
	figures 4
	grep -c '<rect .*fill="#\(2a7\|c44\)"' "${TSV%.tsv}.svg" | grep -qx 4
}

@test "a row that one side has no figure in is drawn on the line" {
	printf '%s\n' "ahead us 1 2 3 peer 4 5 6" "alone kB 1 2 3 none - - -" |
		tr ' ' '\t' | tests/bench/svg >"$TSV.svg"
	grep -q '>2 : 5 us<' "$TSV.svg"
	grep -q '>2 : - kB<' "$TSV.svg"
	grep -q '<rect x="640.0" .*width="1.0" .*fill="#999"' "$TSV.svg"
}
