# table.awk - the results of a campaign, a line a kind of fault and interval.
# Exit 1 when a fault has no result, or more than one in ten were undecided.

function top(map, key, value) {
	if (!(key in map) || value + 0 > map[key] + 0)
		map[key] = value
}

# The longest time, and the promise that this fault had.
function longest(map, key, value, promise) {
	if (!(key in map) || value + 0 > map[key] + 0)
		map[key] = sprintf("%6s %5s", value, promise)
}

{
	key = sprintf("%-17s %6s", $2, $3 " ms")
	verdict = $13
	count[key]++
	survived[key] += verdict == "ok"
	longest(two, key, $4, $5)
	longest(none, key, $6, $7)
	longest(left, key, $9 == "-" ? "-" : $8, $9)
	total++
	good += verdict == "ok"
	late += verdict ~ /^late/
	repeated += $12 - 1
	calls += $10 != "-"
	hits += $10 > 0
	top(noise, "all", $11)
}

END {
	line = "# %-25s %6s %8s  %12s  %12s  %12s\n"
	printf line, "fault, interval", "times", "survived", "two holders",
		"no answer", "address left"
	printf line, "", "", "", "ms  most", "ms  most", "ms  most"
	for (key in count)
		printf line, key, count[key], survived[key], two[key],
			none[key], left[key] | "sort -k 2,2 -k 3,3n"
	close("sort -k 2,2 -k 3,3n")
	printf "# seed %s: %d faults, %d survived, %d undecided, in %d s\n",
		seed, total, good, late, secs
	printf "# %d were repeated for the machine was late; its worst in " \
		"those that count: %s ms\n", repeated, noise["all"]
	printf "# of %d faults by system calls %d made some fail\n", calls, hits
	exit total < want || late > total / 10
}
