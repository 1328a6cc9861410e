#include <string.h>

#include "num.h"
#include "tracks.h"

static struct track *find(const struct tracks *ts, const char *name)
{
	for (size_t i = 0; i < ts->n; i++)
		if (strcmp(ts->t[i].name, name) == 0)
			return &ts->t[i];
	return NULL;
}

static struct track *add(
	struct tracks *ts, const char *name, bool weighted, int weight)
{
	size_t len = strlen(name);
	struct track *t;

	if (ts->n == TRACKS_MAX || len >= TRACK_NAME_LEN)
		return NULL;
	t = &ts->t[ts->n++];
	*t = (struct track){ .weighted = weighted, .weight = weight };
	memcpy(t->name, name, len + 1);
	return t;
}

bool tracks_add(struct tracks *ts, const char *name, bool weighted, int weight)
{
	return !find(ts, name) && add(ts, name, weighted, weight);
}

bool tracks_take(struct tracks *ts, const struct line *l)
{
	enum line_word w = line_word(l->word);
	const char *weight = line_get(l, "weight");
	struct track *t = find(ts, l->subject), before;

	if (w == WORD_OTHER)
		return false;
	if (!t && ts->any)
		t = add(ts, l->subject, ts->any_weighted, ts->any_weight);
	if (!t)
		return false;
	before = *t;
	t->state = line_word_is_up(w) ? TRACK_UP : TRACK_DOWN;
	t->own = weight && num_int(weight, -TRACK_WEIGHT_MAX, TRACK_WEIGHT_MAX,
				   &t->own_weight);
	return t->state != before.state || t->own != before.own ||
	       (t->own && t->own_weight != before.own_weight);
}

void tracks_inherit(struct tracks *ts, const struct tracks *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct track *f = &from->t[i];
		struct track *t = find(ts, f->name);

		if (!t && ts->any && f->state != TRACK_UNKNOWN)
			t = add(ts, f->name, ts->any_weighted, ts->any_weight);
		if (!t || t->state != TRACK_UNKNOWN)
			continue;
		t->state = f->state;
		t->own = f->own;
		t->own_weight = f->own_weight;
	}
}

static int track_weight(const struct track *t)
{
	if (t->own)
		return t->own_weight;
	if (!t->weighted)
		return 0;
	if (t->weight > 0)
		return t->state == TRACK_UP ? t->weight : 0;
	return t->state == TRACK_DOWN ? t->weight : 0;
}

uint8_t tracks_prio(const struct tracks *ts, int base, int extra)
{
	int prio = base + extra;

	if (base == 255)
		return 255;
	for (size_t i = 0; i < ts->n; i++)
		prio += track_weight(&ts->t[i]);
	return (uint8_t)(prio < 1 ? 1 : prio > 254 ? 254 : prio);
}

const char *tracks_fault(const struct tracks *ts, bool *unknown)
{
	for (size_t i = 0; i < ts->n; i++) {
		const struct track *t = &ts->t[i];

		if (t->weighted || t->own || t->state == TRACK_UP)
			continue;
		*unknown = t->state == TRACK_UNKNOWN;
		return t->name;
	}
	return NULL;
}
