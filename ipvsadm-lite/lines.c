#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "lines.h"

struct reader {
	const struct ipvs_names *names;
	void (*take)(
		void *arg, unsigned nr, struct ipvs_cmd *c, const char *why);
	void *arg;
	unsigned nr;
	char buf[1 << 16];
	size_t len;
	bool skipping; /* inside a line that is too long */
};

static const char *parse(struct ipvs_cmd *c, char *line, size_t len,
	const struct ipvs_names *names, size_t *n)
{
	char *words[IPVS_WORDS_MAX];

	if (memchr(line, '\0', len))
		return "a NUL byte";
	*n = ipvs_split(line, words);
	if (*n > IPVS_WORDS_MAX)
		return "too many words";
	if (!*n)
		return NULL;
	return ipvs_parse(c, words, *n, names);
}

static void take_line(struct reader *r, char *line, size_t len)
{
	struct ipvs_cmd c = { .verb = IPVS_NOTHING };
	size_t n = 1;
	const char *why;

	line[len] = '\0';
	r->nr++;
	why = r->skipping || len >= LINES_LEN
		      ? "too long"
		      : parse(&c, line, len, r->names, &n);
	r->skipping = false;
	if (!why && n && c.verb == IPVS_NOTHING)
		why = "no command";
	if (why || n)
		r->take(r->arg, r->nr, &c, why);
}

/* Takes all whole lines; what is left moves to the front. */
static void take_lines(struct reader *r)
{
	char *at = r->buf, *end = r->buf + r->len, *nl;

	while ((nl = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		take_line(r, at, (size_t)(nl - at));
		at = nl + 1;
	}
	r->len = (size_t)(end - at);
	memmove(r->buf, at, r->len);
	if (r->len >= LINES_LEN) {
		r->skipping = true;
		r->len = 0;
	}
}

int lines_read(int fd, const struct ipvs_names *names,
	void (*take)(
		void *arg, unsigned nr, struct ipvs_cmd *c, const char *why),
	void *arg)
{
	static struct reader r;
	ssize_t n;

	r = (struct reader){ .names = names, .take = take, .arg = arg };
	for (;;) {
		n = read(fd, r.buf + r.len, sizeof r.buf - 1 - r.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		r.len += (size_t)n;
		take_lines(&r);
	}
	if (r.len || r.skipping)
		take_line(&r, r.buf, r.len);
	return n < 0 ? -errno : 0;
}

void lines_warn(unsigned nr, const struct ipvs_cmd *c, const char *why)
{
	if (c->word)
		warn("line %u: %s: %s", nr, c->word, why);
	else
		warn("line %u: %s", nr, why);
}
