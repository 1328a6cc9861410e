#include <string.h>

#include "num.h"
#include "route.h"

#define TEXT_MAX 256
#define BLANKS	 " \t"

static const char *number(uint32_t *out, const char *s)
{
	uint64_t n;

	if (!s || !num_u64(s, 1, UINT32_MAX, &n))
		return "not a number";
	*out = (uint32_t)n;
	return NULL;
}

static const char *address(struct addr *a, const char *s)
{
	return s && addr_parse(a, s) ? NULL : "not an address";
}

/* One keyword with its value from the strtok_r(3) under way. */
static const char *keyword(struct nlroute_spec *r, const char *key, char **rest)
{
	if (strcmp(key, "onlink") == 0) {
		r->onlink = true;
		return NULL;
	}
	if (strcmp(key, "via") == 0)
		return address(&r->via, strtok_r(NULL, BLANKS, rest));
	if (strcmp(key, "src") == 0)
		return address(&r->src, strtok_r(NULL, BLANKS, rest));
	if (strcmp(key, "metric") == 0)
		return number(&r->metric, strtok_r(NULL, BLANKS, rest));
	if (strcmp(key, "table") == 0)
		return number(&r->table, strtok_r(NULL, BLANKS, rest));
	return "neither via, src, metric, table nor onlink";
}

/* The parts of a prefix that are no network are refused by the kernel. */
static bool has_host_bits(const struct prefix *p)
{
	struct prefix net = { .addr.family = p->addr.family, .len = p->len };

	for (unsigned i = 0; i < p->len; i++)
		net.addr.b[i / 8] =
			(uint8_t)(net.addr.b[i / 8] |
				  (p->addr.b[i / 8] & 0x80 >> i % 8));
	return !addr_equal(&net.addr, &p->addr);
}

static const char *check(struct nlroute_spec *r, bool is_default)
{
	uint8_t family = r->dst.addr.family;

	if (is_default && (r->via.family || r->src.family))
		family = r->via.family ? r->via.family : r->src.family;
	r->dst.addr.family = family;
	if ((r->via.family && r->via.family != family) ||
		(r->src.family && r->src.family != family))
		return "addresses of two families";
	if (r->onlink && !r->via.family)
		return "onlink without via";
	return has_host_bits(&r->dst) ? "not a network" : NULL;
}

const char *route_parse(struct nlroute_spec *r, const char *text)
{
	char buf[TEXT_MAX], *rest, *word;
	const char *why = NULL;
	bool is_default;

	*r = (struct nlroute_spec){ .dst.addr.family = AF_INET };
	if (strlen(text) >= sizeof buf)
		return "too long";
	memcpy(buf, text, strlen(text) + 1);
	word = strtok_r(buf, BLANKS, &rest);
	if (!word)
		return "empty";
	is_default = strcmp(word, "default") == 0;
	if (!is_default && !prefix_parse(&r->dst, word))
		return "neither a prefix nor default";
	while (!why && (word = strtok_r(NULL, BLANKS, &rest)) != NULL)
		why = keyword(r, word, &rest);
	return why ? why : check(r, is_default);
}
