#include <stdlib.h>
#include <string.h>

#include "book.h"

/* ---- Checks in order of what is probed, to find equal ones. */

static int cmp_check(
	const char *url, const struct settings *s, const struct check *c)
{
	int d = strcmp(url, c->url);

	if (d)
		return d;
	return s < c->settings ? -1 : s > c->settings;
}

static int by_probe(const void *a, const void *b)
{
	const struct check *x = *(struct check *const *)a;

	return cmp_check(x->url, x->settings, *(struct check *const *)b);
}

struct index {
	struct check **v;
	size_t n;
};

static struct check *find_check(
	const struct index *ix, const char *url, const struct settings *s)
{
	size_t lo = 0, hi = ix->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int d = cmp_check(url, s, ix->v[mid]);

		if (!d)
			return ix->v[mid];
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static bool index_old(struct index *ix, const struct engine *e)
{
	ix->v = malloc((e->checks + 1) * sizeof *ix->v);
	ix->n = 0;
	for (size_t i = 0; ix->v && i < e->size; i++)
		if (e->table[i])
			ix->v[ix->n++] = e->table[i];
	if (ix->v)
		qsort(ix->v, ix->n, sizeof *ix->v, by_probe);
	return ix->v != NULL;
}

/* ---- Subjects. */

static struct subject *find_subject(const struct book *b, const char *name)
{
	size_t lo = 0, hi = b->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int d = strcmp(name, b->subjects[mid]->name);

		if (!d)
			return b->subjects[mid];
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static void unlink_subject(struct subject *s)
{
	struct subject **p = &s->check->subjects;

	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
}

static void link_subject(struct subject *s, struct check *c)
{
	s->check = c;
	s->next = c->subjects;
	c->subjects = s;
}

/* ---- Building. */

static void free_check(struct check *c)
{
	settings_put(c->settings);
	free(c->url);
	free(c);
}

/* A check for a target; takes over its URL and settings. */
static struct check *make_check(
	struct book *b, struct target *t, int64_t window)
{
	struct check *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->url = t->url;
	c->settings = t->settings;
	c->at = t->at;
	if (!engine_add(b->engine, c)) {
		free(c);
		return NULL;
	}
	t->url = NULL;
	t->settings = NULL;
	hc_init(&c->hc, &c->settings->rule, b->serial++, window,
		b->engine->now);
	return c;
}

/* The same URL, told to be probed in another way: it goes on from where it
 * was. */
static void inherit(struct check *c, const struct check *old, struct mono now)
{
	if (strcmp(c->url, old->url) != 0)
		return;
	c->hc = old->hc;
	c->last = old->last;
	c->probed = old->probed;
	c->down_since = old->down_since;
	if (c->at.named)
		c->at.addr = old->at.addr;
	hc_regrid(&c->hc, &c->settings->rule, now);
}

static int by_target(const void *a, const void *b)
{
	const struct target *x = *(struct target *const *)a;
	const struct target *y = *(struct target *const *)b;
	int d = strcmp(x->url, y->url);

	if (d)
		return d;
	return x->settings < y->settings ? -1 : x->settings > y->settings;
}

/* What each target is probed by: an old check, or a new one. */
static bool assign(struct book *b, struct targets *t, const struct index *old,
	struct check **of, int64_t window)
{
	struct target **order = malloc((t->n + 1) * sizeof *order);
	struct check *last = NULL;

	for (size_t i = 0; order && i < t->n; i++)
		order[i] = &t->v[i];
	if (order)
		qsort(order, t->n, sizeof *order, by_target);
	for (size_t i = 0; order && i < t->n; i++) {
		struct target *x = order[i];

		if (!last || cmp_check(x->url, x->settings, last))
			last = find_check(old, x->url, x->settings);
		if (!last)
			last = make_check(b, x, window);
		if (!last)
			break;
		of[x - t->v] = last;
	}
	free(order);
	return order && (last || !t->n);
}

static struct subject *make_subject(
	struct book *b, struct target *t, struct check *c)
{
	struct subject *s = find_subject(b, t->name);

	if (s && s->check == c)
		return s;
	if (s) {
		if (!c->hc.state && !c->probed)
			inherit(c, s->check, b->engine->now);
		unlink_subject(s);
	} else {
		s = calloc(1, sizeof *s);
		if (!s)
			return NULL;
		s->name = t->name;
		t->name = NULL;
	}
	link_subject(s, c);
	return s;
}

static void drop_subject(struct book *b, struct subject *s)
{
	b->gone(b->arg, s);
	unlink_subject(s);
	free(s->name);
	free(s);
}

/* Old subjects that are not among the new ones; both are in order. */
static void drop_old_subjects(struct book *b, struct subject **v, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct subject *s = b->subjects[i];

		while (k < n && strcmp(v[k]->name, s->name) < 0)
			k++;
		if (k == n || v[k] != s)
			drop_subject(b, s);
	}
}

static void drop_old_checks(struct book *b)
{
	struct engine *e = b->engine;

	for (size_t i = 0; i < e->size; i++) {
		struct check *c = e->table[i];

		if (!c)
			continue;
		if (c->subjects) {
			engine_plan(e, c);
			engine_resolve(e, c);
			continue;
		}
		engine_remove(e, c);
		free_check(c);
	}
}

bool book_load(struct book *b, struct targets *t, int64_t window)
{
	struct subject **v = malloc((t->n + 1) * sizeof *v);
	struct check **of = calloc(t->n + 1, sizeof *of);
	struct index old = { 0 };
	size_t n = 0;
	bool fine = v && of && index_old(&old, b->engine) &&
		    assign(b, t, &old, of, window);

	for (; fine && n < t->n; n++) {
		v[n] = make_subject(b, &t->v[n], of[n]);
		fine = v[n] != NULL;
	}
	free(old.v);
	free(of);
	if (!fine) {
		free(v);
		return false;
	}
	drop_old_subjects(b, v, n);
	drop_old_checks(b);
	free(b->subjects);
	b->subjects = v;
	b->n = n;
	targets_free(t);
	return true;
}

void book_free(struct book *b)
{
	struct engine *e = b->engine;

	for (size_t i = 0; i < b->n; i++) {
		free(b->subjects[i]->name);
		free(b->subjects[i]);
	}
	free(b->subjects);
	for (size_t i = 0; i < e->size; i++) {
		struct check *c = e->table[i];

		if (!c)
			continue;
		engine_remove(e, c);
		free_check(c);
	}
	b->subjects = NULL;
	b->n = 0;
}
