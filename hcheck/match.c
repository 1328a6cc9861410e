#include <stdlib.h>
#include <string.h>

#include "match.h"

static bool compile(struct match *m, const char *s)
{
	m->kind = MATCH_REGEX;
	return regcomp(&m->regex, s, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) ==
	       0;
}

static bool fill(struct match *m, const char *s)
{
	if (strncmp(s, "re:", 3) == 0)
		return compile(m, s + 3);
	if (strncmp(s, "hex:", 4) == 0)
		return pattern_hex(&m->bytes, s + 4);
	return pattern_text(&m->bytes, strncmp(s, "text:", 5) ? s : s + 5) &&
	       m->bytes.n;
}

static struct match *make(
	bool (*how)(struct match *m, const char *s), const char *s)
{
	struct match *m = calloc(1, sizeof *m);

	if (m && !how(m, s)) {
		free(m);
		m = NULL;
	}
	return m;
}

struct match *match_new(const char *s)
{
	return make(fill, s);
}

struct match *match_regex(const char *s)
{
	return make(compile, s);
}

void match_free(struct match *m)
{
	if (m && m->kind == MATCH_REGEX)
		regfree(&m->regex);
	if (m)
		free(m->name);
	free(m);
}

/* Data may hold NUL bytes and has none at its end: REG_STARTEND. */
static bool regex_in(const regex_t *re, const void *data, size_t n)
{
	regmatch_t range = { .rm_so = 0, .rm_eo = (regoff_t)n };

	return regexec(re, data ? data : "", 1, &range, REG_STARTEND) == 0;
}

bool match_holds(const struct match *m, const void *data, size_t n)
{
	bool found = m->kind == MATCH_REGEX ? regex_in(&m->regex, data, n)
					    : pattern_in(&m->bytes, data, n);

	return found != m->negate;
}
