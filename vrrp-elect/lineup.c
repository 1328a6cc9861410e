#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "lineup.h"
#include "words.h"

#define FILE_MAX   (4 << 20)
#define LINE_BYTES 8192
#define LINE_WORDS 1024
#define WHY_LEN	   512

struct reading {
	struct lineup *l;
	struct options *o;
	struct router_cfg *const *present;
	size_t n;
	char *why; /* what is wrong, WHY_LEN */
};

__attribute__((format(printf, 2, 3))) static bool wrong(
	struct reading *in, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(in->why, WHY_LEN, fmt, ap);
	va_end(ap);
	return false;
}

/* ---- One line. */

int lineup_by_subject(const void *a, const void *b)
{
	struct router_cfg *const *x = a, *const *y = b;

	return strcmp((*x)->subject, (*y)->subject);
}

/* The place of the present one whose name the line begins with, from 1. */
static size_t find(const struct reading *in, const char *text)
{
	size_t len = strcspn(text, " \t"), lo = 0, hi = in->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const char *name = in->present[mid]->subject;
		int c = strncmp(name, text, len);

		if (c == 0 && name[len] == '\0')
			return mid + 1;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

/* The file is open already where another router has it: it may be one that we
 * can no longer open. */
static void borrow(const struct reading *in, struct kept *file)
{
	for (size_t i = 0; i < in->n && file->fd < 0; i++) {
		const struct kept *k = &in->present[i]->auth_file;

		if (k->path && k->fd >= 0 && strcmp(k->path, file->path) == 0)
			file->fd = fcntl(k->fd, F_DUPFD_CLOEXEC, 0);
	}
}

static const char *load_auth(const struct reading *in, struct router_cfg *c)
{
	static char text[256];
	const char *why;

	if (!c->auth_file.path)
		return NULL;
	borrow(in, &c->auth_file);
	why = config_read_auth(c);
	if (!why)
		return NULL;
	snprintf(text, sizeof text, "--auth: %s: %s", c->auth_file.path, why);
	return text;
}

static bool parse(struct reading *in, struct entry *e, const char *text)
{
	static struct cfg_room room;
	static struct options said;
	static char copy[LINE_BYTES];
	static char *words[LINE_WORDS + 1];
	struct router_cfg *c = &said.router;
	const char *why;
	int n;

	said.room = &room;
	memcpy(copy, text, strlen(text) + 1);
	n = words_split(copy, words, LINE_WORDS, &why);
	if (n < 0)
		return wrong(in, "line %u: %s", e->line, why);
	words[n] = NULL;
	why = options_line(in->o, &said, n, words);
	if (!why)
		why = load_auth(in, c);
	if (why)
		wrong(in, "line %u: %s", e->line, why);
	else if (!(e->cfg = config_copy(c, text)))
		wrong(in, "no memory");
	kept_close(&c->auth_file);
	return e->cfg != NULL;
}

static struct entry *grow(struct lineup *l)
{
	struct entry *v = l->v;

	if ((l->n & (l->n - 1)) == 0) { /* 0 and powers of two */
		v = realloc(v, (l->n ? 2 * l->n : 1) * sizeof *v);
		if (!v)
			return NULL;
		l->v = v;
	}
	return &v[l->n];
}

static bool take_line(struct reading *in, const char *text, unsigned line)
{
	struct entry *e;

	if (!*text || *text == '#')
		return true;
	if (in->l->n == ROUTERS_MAX)
		return wrong(
			in, "line %u: more than %d routers", line, ROUTERS_MAX);
	if (strlen(text) >= LINE_BYTES)
		return wrong(in, "line %u: longer than %d bytes", line,
			LINE_BYTES - 1);
	e = grow(in->l);
	if (!e)
		return wrong(in, "no memory");
	*e = (struct entry){ .line = line, .was = find(in, text) };
	in->l->n++;
	if (e->was && strcmp(in->present[e->was - 1]->text, text) == 0)
		return true;
	return parse(in, e, text);
}

static bool take_lines(struct reading *in, char *text)
{
	unsigned line = 1;

	for (char *next; text; text = next, line++) {
		next = strchr(text, '\n');
		if (next)
			*next++ = '\0';
		text += strspn(text, " \t");
		for (size_t len = strlen(text);
			len && strchr(" \t\r", text[len - 1]); len--)
			text[len - 1] = '\0';
		if (!take_line(in, text, line))
			return false;
	}
	return in->l->n > 0 || wrong(in, "no router in it");
}

/* ---- All of them. */

struct sorted {
	const struct router_cfg *cfg;
	unsigned line;
};

static int by_subject(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;

	return strcmp(x->cfg->subject, y->cfg->subject);
}

static int by_identity(const void *a, const void *b)
{
	const struct router_cfg *x = ((const struct sorted *)a)->cfg;
	const struct router_cfg *y = ((const struct sorted *)b)->cfg;
	int c = strcmp(x->ifname, y->ifname);

	if (!c)
		c = x->family - y->family;
	return c ? c : x->vrid - y->vrid;
}

static bool all_differ(struct reading *in, struct sorted *s,
	int (*by)(const void *, const void *), const char *what)
{
	qsort(s, in->l->n, sizeof *s, by);
	for (size_t i = 1; i < in->l->n; i++) {
		unsigned a = s[i - 1].line, b = s[i].line;

		if (by(&s[i - 1], &s[i]) == 0)
			return wrong(in, "lines %u and %u: %s", a < b ? a : b,
				a < b ? b : a, what);
	}
	return true;
}

static bool check(struct reading *in)
{
	const struct lineup *l = in->l;
	struct sorted *s = calloc(l->n, sizeof *s);
	bool fine;

	if (!s)
		return wrong(in, "no memory");
	for (size_t i = 0; i < l->n; i++)
		s[i] = (struct sorted){ l->v[i].cfg
						? l->v[i].cfg
						: in->present[l->v[i].was - 1],
			l->v[i].line };
	fine = all_differ(in, s, by_subject, "the same name") &&
	       all_differ(in, s, by_identity,
		       "the same interface, family and VRID");
	free(s);
	return fine;
}

static bool read_file(struct reading *in)
{
	char *text;
	int err = kept_read(&in->o->file, FILE_MAX, &text);
	bool fine;

	if (err)
		return wrong(in, "%s", errno_str(err, NULL));
	fine = take_lines(in, text) && check(in);
	free(text);
	return fine;
}

static bool read_command_line(struct reading *in)
{
	struct entry *e = grow(in->l);

	if (!e)
		return wrong(in, "no memory");
	*e = (struct entry){ .cfg = config_copy(&in->o->router, NULL) };
	in->l->n++;
	return e->cfg || wrong(in, "no memory");
}

const char *lineup_read(struct lineup *l, struct options *o,
	struct router_cfg *const *present, size_t n)
{
	static char why[WHY_LEN];
	struct reading in = { l, o, present, n, why };

	*l = (struct lineup){ 0 };
	if (o->file.path ? read_file(&in) : read_command_line(&in))
		return NULL;
	lineup_free(l);
	return why;
}

void lineup_free(struct lineup *l)
{
	for (size_t i = 0; i < l->n; i++)
		config_free(l->v[i].cfg);
	free(l->v);
	*l = (struct lineup){ 0 };
}
