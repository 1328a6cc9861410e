# judge.awk - one fault's timeline against its promise.
#
# Reads files named story, holders.out, wire.out, gaps (t0 t1 ms), noise*
# (t ms); -v two= none= left= dark= recover= (promises in ms, - for
# none), dead= still= limit=.
# Prints: TWO NONE LEFT RECOVERED NOISE VERDICT..., VERDICT being ok, late (the
# machine was: nothing is proved) or the words of what was broken.

function file() {
	return FILENAME ~ /noise/ ? "noise" : gensub(/.*\//, "", 1, FILENAME)
}

function broken(word) {
	verdict = verdict " " word
}

function more(a, b) {
	return a > b ? a : b
}

file() == "story" && $2 == "#" {
	if (!($3 in at) || $3 == "settled")
		at[$3] = $1
	if ($3 == "unsettled")
		delete at["settled"]
	next
}
file() == "story" && $3 == "MASTER" && $2 != "a" {
	other[$1 + 0] = $2
}
file() == "holders.out" && $3 ~ /^[+-]$/ {
	h++
	ht[h] = $1; hn[h] = $2; hs[h] = $3
}
file() == "wire.out" && $2 == "vrrp" && !/ prio=0 / && / vrid=51 / \
	&& / ttl=255 / {
	w++
	wt[w] = $1; wn[w] = $3
}
file() == "gaps" {
	g++
	g0[g] = $1; g1[g] = $2; gms[g] = $3
}
file() == "noise" {
	n++
	nt[n] = $1; nms[n] = $2
}

# The longest time with two holders from the fault on, but not while apart.
function two_holders(	i, k, c, from, t, run, best) {
	apart = "apart" in at ? at["apart"] : 0
	joined = "joined" in at ? at["joined"] : 0
	for (i = 1; i <= h; i++) {
		has[hn[i]] = hs[i] == "+"
		c = 0
		for (k in has)
			c += has[k]
		t = i < h ? ht[i + 1] : at["end"]
		from = more(ht[i], at["fault"])
		if (c < 2) {
			run = 0
			continue
		}
		if (apart && from < joined && t > apart) {
			if (from < apart)
				best = more(best, run + apart - from)
			run = 0
			from = joined
		}
		if (t > from) {
			run += t - from
			best = more(best, run)
		}
	}
	return best * 1000
}

function no_answer(	i, best) {
	for (i = 1; i <= g; i++)
		if (g1[i] > at["fault"] && g0[i] < at["end"])
			best = more(best, gms[i])
	return best + 0
}

# The longest silence that began after those apart were joined.
function darkness(	i, best) {
	for (i = 1; i <= g; i++)
		if (g0[i] > at["joined"] && g0[i] < at["end"])
			best = more(best, gms[i])
	return best + 0
}

function late(	i, best) {
	for (i = 1; i <= n; i++)
		if (nt[i] > at["fault"] - 0.1 && nt[i] < at["end"] + 0.1)
			best = more(best, nms[i])
	return best + 0
}

# How long the address stayed on the node that died, if it held it.
function stayed(	i, held) {
	for (i = 1; i <= h; i++) {
		if (hn[i] != dead)
			continue
		if (ht[i] > at["fault"])
			break
		held = hs[i] == "+"
	}
	if (left == "-" || !held)
		return 0
	if (i > h || ht[i] > at["cured"])
		return (at["cured"] - at["fault"]) * 1000
	return (ht[i] - at["fault"]) * 1000
}

function is_still(	i, t) {
	for (i = 1; i <= h; i++)
		if (ht[i] > at["fault"])
			return 0
	for (t in other)
		if (t + 0 > at["fault"])
			return 0
	return 1
}

# Whoever sent from the moment all was settled until the end: one.
function senders(	i, c, seen) {
	for (i = 1; i <= w; i++)
		if (wt[i] > at["settled"] && wt[i] < at["end"] &&
			!seen[wn[i]]++)
			c++
	return c + 0
}

END {
	noise = late()
	slack = 2 * noise
	took = two_holders()
	gap = no_answer()
	stay = stayed()
	again = "settled" in at ? (at["settled"] - at["cured"]) * 1000 : -1
	if (took > two + slack)
		broken("two-holders")
	if (gap > none + slack)
		broken("no-answer")
	if (dark != "-" && darkness() > dark + slack)
		broken("dark-after-heal")
	if (left != "-" && stay > left + slack)
		broken("address-left")
	if (still && !is_still())
		broken("not-still")
	if (again < 0)
		broken("not-settled")
	else if (again > recover + slack)
		broken("slow-settled")
	else if (senders() != 1)
		broken("senders=" senders())
	if (noise > limit)
		verdict = " late" verdict
	printf "%.0f %.0f %.0f %.0f %.0f%s\n", took, gap, stay, again, noise,
		verdict ? verdict : " ok"
}
