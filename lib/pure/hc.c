#include "hc.h"

/* 2^32 divided by the golden ratio: multiples of it fill the circle evenly
 * however many there are. */
#define GOLDEN UINT32_C(2654435769)

static int64_t share(uint32_t i, int64_t of)
{
	uint32_t turn = i * GOLDEN;

	return (int64_t)((double)turn / 4294967296.0 * (double)of);
}

void hc_init(struct hc *h, const struct hc_rule *r, uint32_t i, int64_t window,
	struct mono now)
{
	*h = (struct hc){ .base = mono_add(now, share(i, r->every)),
		.next = mono_add(now, share(i, window)) };
}

/* The first point after `now` of a grid through `from`. */
static struct mono grid_after(struct mono from, int64_t step, struct mono now)
{
	int64_t past = mono_diff(now, from);

	if (past < 0)
		return from;
	return mono_add(from, (past / step + 1) * step);
}

void hc_regrid(struct hc *h, const struct hc_rule *r, struct mono now)
{
	if (mono_diff(h->next, now) > r->every)
		h->next = mono_add(now, r->every);
	h->base = h->next;
}

static bool set_state(struct hc *h, enum hc_state s)
{
	h->state = s;
	h->bad = 0;
	return true;
}

static bool good(struct hc *h, const struct hc_rule *r)
{
	if (h->good < UINT16_MAX)
		h->good++;
	if (h->state == HC_UP && h->good >= r->forgive)
		h->bad = 0;
	return h->state != HC_UP && h->good >= r->rise && set_state(h, HC_UP);
}

bool hc_result(struct hc *h, const struct hc_rule *r, bool ok)
{
	if (ok)
		return good(h, r);
	h->good = 0;
	if (h->state == HC_DOWN)
		return false;
	h->bad++;
	return h->bad >= r->fall && set_state(h, HC_DOWN);
}

bool hc_in_transition(const struct hc *h)
{
	return h->state == HC_UNKNOWN || (h->state == HC_UP && h->bad) ||
	       (h->state == HC_DOWN && h->good);
}

void hc_schedule(struct hc *h, const struct hc_rule *r, struct mono now)
{
	if (hc_in_transition(h) && r->fast < r->every)
		h->next = grid_after(h->next, r->fast, now);
	else
		h->next = grid_after(h->base, r->every, now);
}
