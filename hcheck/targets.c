#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "probe.h"
#include "slurp.h"
#include "targets.h"
#include "words.h"

#define FILE_LINE_MAX 4096
#define FILE_WORDS    64

__attribute__((format(printf, 2, 3))) static bool wrong(
	struct targets *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->why, sizeof t->why, fmt, ap);
	va_end(ap);
	return false;
}

/* An interface by its name; without ioctl(2), which a running hcheck may not
 * use. */
static uint32_t scope_of(const char *zone)
{
	char path[64], text[16];
	uint64_t index;

	if (num_u64(zone, 1, UINT32_MAX, &index))
		return (uint32_t)index;
	snprintf(path, sizeof path, "/sys/class/net/%s/ifindex", zone);
	if (strchr(zone, '/') || slurp(path, text, sizeof text) <= 0)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return num_u64(text, 1, UINT32_MAX, &index) ? (uint32_t)index : 0;
}

static const char *place(
	struct url_facts *f, const struct url *u, const struct settings *s)
{
	*f = (struct url_facts){ .scheme = u->scheme,
		.port = u->port,
		.addr = s->at.family ? s->at : u->addr };
	if (s->at_port)
		f->port = s->at_port;
	f->named = u->host[0] && !f->addr.family;
	if (u->zone[0]) {
		f->scope = scope_of(u->zone);
		if (!f->scope)
			return "no such interface behind the %";
	}
	if (s->source.family && f->addr.family &&
		s->source.family != f->addr.family)
		return "source is of another family";
	return NULL;
}

static struct target *grow(struct targets *t)
{
	size_t room = t->room ? t->room * 2 : 16;
	struct target *v = t->v;

	if (t->n == t->room) {
		v = realloc(v, room * sizeof *v);
		if (!v)
			return NULL;
		t->v = v;
		t->room = room;
	}
	return &v[t->n];
}

/* Takes over settings. */
static bool add(struct targets *t, const char *name, const char *url,
	struct settings *s, unsigned line)
{
	struct target *x = grow(t);
	char made[URL_NAME_MAX + 1];
	struct url u;
	const char *why = url_parse(&u, url);

	if (!why)
		why = probe_kind(u.scheme)->accept(&u, s);
	if (!why && x) {
		*x = (struct target){ .settings = s, .line = line };
		why = place(&x->at, &u, s);
	}
	if (!why)
		name = name ? name : url_name(&u, made);
	if (!why && !url_name_ok(name))
		why = "NAME: 1 to 64 letters, digits and . _ : @ [ ] + -";
	if (why || !x) {
		settings_put(s);
		return wrong(t, "%s: %s", url, why ? why : "no memory");
	}
	x->name = strdup(name);
	x->url = strdup(url);
	t->n++;
	return (x->name && x->url) || wrong(t, "no memory");
}

bool targets_arg(struct targets *t, const char *arg, struct settings *base)
{
	size_t n = url_name_len(arg);
	char name[URL_NAME_MAX + 1];
	const char *why;
	struct settings *s;

	if (n > URL_NAME_MAX)
		return wrong(t, "%s: the name is too long", arg);
	memcpy(name, arg, n);
	name[n] = '\0';
	s = settings_get(base, NULL, 0, &why);
	return add(t, n ? name : NULL, n ? arg + n + 1 : arg, s, 0);
}

static bool take_line(struct targets *t, char *line, const char *path,
	unsigned number, struct settings *base)
{
	char *words[FILE_WORDS], where[sizeof t->why];
	const char *why;
	struct settings *s;
	int n = words_split(line, words, FILE_WORDS, &why);

	if (n == 0)
		return true;
	if (n < 0 || n == 1)
		return wrong(t, "%s line %u: %s", path, number,
			n < 0 ? why : "NAME URL key=value...");
	s = settings_get(base, words + 2, (size_t)n - 2, &why);
	if (!s)
		return wrong(t, "%s line %u: %s", path, number, why);
	if (add(t, words[0], words[1], s, number))
		return true;
	memcpy(where, t->why, sizeof where);
	return wrong(t, "%s line %u: %s", path, number, where);
}

static bool take_lines(
	struct targets *t, FILE *f, const char *path, struct settings *base)
{
	char line[FILE_LINE_MAX];

	for (unsigned n = 1; fgets(line, sizeof line, f); n++) {
		size_t len = strcspn(line, "\r\n");

		if (len == sizeof line - 1)
			return wrong(t, "%s line %u: longer than %d bytes",
				path, n, FILE_LINE_MAX - 2);
		line[len] = '\0';
		if (!take_line(t, line, path, n, base))
			return false;
	}
	return !ferror(f) || wrong(t, "%s: %s", path, strerror(errno));
}

bool targets_file(struct targets *t, const char *path, struct settings *base)
{
	FILE *f = fopen(path, "re");
	bool fine;

	if (!f)
		return wrong(t, "%s: %s", path, strerror(errno));
	fine = take_lines(t, f, path, base);
	fclose(f);
	return fine;
}

static int by_name(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	return strcmp(x->name, y->name);
}

bool targets_settle(struct targets *t)
{
	if (t->n)
		qsort(t->v, t->n, sizeof *t->v, by_name);
	for (size_t i = 1; i < t->n; i++) {
		const struct target *x = &t->v[i - 1], *y = &t->v[i];

		if (strcmp(x->name, y->name) != 0)
			continue;
		if (x->line && y->line)
			return wrong(t, "lines %u and %u: two targets %s",
				x->line < y->line ? x->line : y->line,
				x->line < y->line ? y->line : x->line, x->name);
		return wrong(t, "two targets %s: give one a NAME=", x->name);
	}
	return true;
}

void targets_free(struct targets *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].name);
		free(t->v[i].url);
		settings_put(t->v[i].settings);
	}
	free(t->v);
	t->v = NULL;
	t->n = t->room = 0;
}
