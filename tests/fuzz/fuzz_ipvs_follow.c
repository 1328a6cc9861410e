/* Lines of health: whatever they say, a table keeps its servers, and it is at
 * rest after one turn. */
#include "fuzz.h"
#include "ipvs_cmd.h"
#include "ipvs_diff.h"
#include "ipvs_follow.h"
#include "line.h"
#include "num.h"

#define SERVERS 6

static struct ipvs_table conf, kernel, want;
static struct follow f;

static void add(uint8_t last, uint16_t port)
{
	struct ipvs_svc s = { .addr = { AF_INET, { 192, 0, 2, 1 } },
		.proto = IPVS_TCP,
		.port = 80 };
	struct ipvs_dest d = { .addr = { AF_INET, { 10, 0, 0, last } },
		.port = port,
		.weight = last };

	ipvs_put_dest(&kernel, ipvs_put_svc(&kernel, &s), &d);
}

static void turn(struct mono now, bool rest)
{
	static struct ipvs_cmd edits[64];
	struct ipvs_diff d;
	const char *why;
	size_t n = 0;

	CLAIM(follow_refresh(&f, &kernel, NULL));
	CLAIM(follow_want(&f, &want, now));
	ipvs_diff_start(&d, &kernel, &want, &conf);
	while (n < 64 && ipvs_diff_next(&d, &edits[n]))
		n++;
	CLAIM(n < 64 && (!rest || n == 0));
	for (size_t i = 0; i < n; i++)
		CLAIM(ipvs_cmd_model(&kernel, &edits[i], &why) == 0);
}

static void take(char *text, struct mono now)
{
	enum line_word word;
	uint16_t port;
	bool told;
	struct addr a;
	struct line l;
	uint64_t w = 0;
	uint32_t weight;
	const char *addr, *value;
	int subject;

	if (!line_parse(&l, text))
		return;
	word = line_word(l.word);
	addr = line_get(&l, "addr");
	if ((word != WORD_UP && word != WORD_DOWN) ||
		!ipvs_parse_addrport(&a, &port, &told, addr ? addr : l.subject))
		return;
	subject = follow_subject(&f, l.subject);
	value = line_get(&l, "weight");
	if (value && !num_u64(value, 0, INT32_MAX, &w))
		value = NULL;
	weight = (uint32_t)w;
	if (subject >= 0)
		follow_line(&f, subject, word == WORD_UP, &a, port, told,
			value ? &weight : NULL, now);
}

/* As zeroed, without touching all of it. */
static void fresh(const struct follow_cfg *cfg)
{
	for (uint32_t i = 0; i < f.nsubjects; i++)
		f.subjects[i] = (struct follow_subject){ .known = false };
	memset(f.subject_hash, 0, sizeof f.subject_hash);
	memset(f.server_hash, 0, sizeof f.server_hash);
	memset(f.dests, 0, 64 * sizeof f.dests[0]);
	memset(f.svcs, 0, 8 * sizeof f.svcs[0]);
	f.nsubjects = f.nservers = 0;
	f.all_down = false;
	ipvs_reset(&conf);
	ipvs_reset(&kernel);
	follow_init(&f, cfg, &conf);
	for (uint8_t i = 1; i <= SERVERS; i++)
		add(i, i == SERVERS ? 0 : 80);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct follow_cfg cfg = { .quorum = size ? data[0] % 16 : 1,
		.hysteresis = size > 1 ? data[1] % 4 : 0,
		.slow_start = size > 2 && data[2] % 2 ? 20 * US_PER_S : 0 };
	char *text = fuzz_string(data, size), *rest = NULL;
	struct mono now = { US_PER_S };
	uint32_t order[64];

	if (size > 3 && data[3] % 2)
		cfg.sorry = (struct ipvs_dest){
			.addr = { AF_INET, { 10, 0, 0, 99 } }, .port = 80
		};
	fresh(&cfg);
	for (char *line = strtok_r(size > 4 ? text + 4 : text, "\n", &rest);
		line; line = strtok_r(NULL, "\n", &rest)) {
		size_t n;

		take(line, now);
		turn(now, false);
		turn(now, true);
		n = ipvs_sort_dests(&kernel, 0, order, NULL);
		CLAIM(n == SERVERS || (cfg.sorry.port && n == SERVERS + 1));
		now = mono_add(now, US_PER_S / 3);
	}
	free(text);
	return 0;
}
