#include <string.h>

#include "ipvs_diff.h"

void ipvs_diff_start(struct ipvs_diff *d, const struct ipvs_table *have,
	const struct ipvs_table *want, const struct ipvs_table *only)
{
	*d = (struct ipvs_diff){ have, want, only, IPVS_P_ADD_SVC, 0, 0,
		false };
}

static bool covered(const struct ipvs_diff *d, const struct ipvs_svc *s)
{
	return !d->only || ipvs_find_svc(d->only, s) != IPVS_NONE;
}

/* The next service of t that is covered, d->svc behind it; IPVS_NONE. */
static uint32_t next_svc(struct ipvs_diff *d, const struct ipvs_table *t)
{
	uint32_t s;

	do {
		s = ipvs_next_svc(t, d->svc);
		d->svc = s == IPVS_NONE ? s : s + 1;
	} while (s != IPVS_NONE && !covered(d, &t->svcs[s]));
	return s;
}

/* The next destination of those, *svc its service. */
static uint32_t next_dest(
	struct ipvs_diff *d, const struct ipvs_table *t, uint32_t *svc)
{
	if (d->inside && d->dest != IPVS_NONE)
		d->dest = ipvs_next_dest(t, d->dest);
	while (!d->inside || d->dest == IPVS_NONE) {
		uint32_t s = next_svc(d, t);

		if (s == IPVS_NONE)
			return IPVS_NONE;
		d->inside = true;
		d->dest = ipvs_first_dest(t, s);
	}
	*svc = d->svc - 1;
	return d->dest;
}

static void named(struct ipvs_cmd *c, bool is, enum ipvs_opt opt)
{
	if (is)
		c->seen |= IPVS_BIT(opt);
}

static void edit_svc(struct ipvs_cmd *c, const struct ipvs_svc *have,
	const struct ipvs_svc *want)
{
	uint32_t differs = have->flags ^ want->flags;

	ipvs_cmd_add(c, want);
	c->verb = IPVS_EDIT;
	named(c, true, IPVS_O_SCHED);
	named(c, want->flags & IPVS_PERSISTENT || differs & IPVS_PERSISTENT,
		IPVS_O_PERSISTENT);
	named(c,
		want->flags & IPVS_PERSISTENT && have->netmask != want->netmask,
		IPVS_O_NETMASK);
	named(c, *have->pe || *want->pe, IPVS_O_PE);
	named(c, differs & IPVS_ONEPACKET, IPVS_O_OPS);
	named(c, differs & IPVS_SCHED_ALL, IPVS_O_FLAGS);
}

static void edit_dest(struct ipvs_cmd *c, const struct ipvs_svc *s,
	const struct ipvs_dest *have, const struct ipvs_dest *want)
{
	ipvs_cmd_add_dest(c, s, want);
	c->verb = IPVS_EDIT_DEST;
	named(c, true, IPVS_O_FORWARD);
	named(c, true, IPVS_O_WEIGHT);
	named(c, have->upper != want->upper, IPVS_O_UPPER);
	named(c, have->lower != want->lower, IPVS_O_LOWER);
	if (want->fwd != IPVS_TUNNEL)
		return;
	named(c, true, IPVS_O_TUN_TYPE);
	named(c, want->tun_type == IPVS_GUE, IPVS_O_TUN_PORT);
	named(c, want->tun_type != IPVS_IPIP, IPVS_O_TUN_CSUM);
}

/* ---- A phase each: true with an edit, false when the phase is over. */

static bool add_svc(struct ipvs_diff *d, struct ipvs_cmd *c)
{
	for (uint32_t s; (s = next_svc(d, d->want)) != IPVS_NONE;) {
		if (ipvs_find_svc(d->have, &d->want->svcs[s]) != IPVS_NONE)
			continue;
		ipvs_cmd_add(c, &d->want->svcs[s]);
		return true;
	}
	return false;
}

static bool change_svc(struct ipvs_diff *d, struct ipvs_cmd *c)
{
	for (uint32_t s; (s = next_svc(d, d->want)) != IPVS_NONE;) {
		const struct ipvs_svc *want = &d->want->svcs[s];
		uint32_t h = ipvs_find_svc(d->have, want);

		if (h == IPVS_NONE || ipvs_svc_equal(&d->have->svcs[h], want))
			continue;
		edit_svc(c, &d->have->svcs[h], want);
		return true;
	}
	return false;
}

/* The same destination in the other table, or IPVS_NONE. */
static uint32_t twin(const struct ipvs_table *in, const struct ipvs_svc *s,
	const struct ipvs_dest *dest)
{
	uint32_t svc = ipvs_find_svc(in, s);

	return svc == IPVS_NONE ? svc : ipvs_find_dest(in, svc, dest);
}

static bool add_dest(struct ipvs_diff *d, struct ipvs_cmd *c)
{
	uint32_t i, s;

	while ((i = next_dest(d, d->want, &s)) != IPVS_NONE) {
		const struct ipvs_svc *svc = &d->want->svcs[s];

		if (twin(d->have, svc, &d->want->dests[i]) != IPVS_NONE)
			continue;
		ipvs_cmd_add_dest(c, svc, &d->want->dests[i]);
		return true;
	}
	return false;
}

static bool change_dest(struct ipvs_diff *d, struct ipvs_cmd *c, bool lower)
{
	uint32_t i, s, h;

	while ((i = next_dest(d, d->want, &s)) != IPVS_NONE) {
		const struct ipvs_svc *svc = &d->want->svcs[s];
		const struct ipvs_dest *want = &d->want->dests[i], *have;

		h = twin(d->have, svc, want);
		if (h == IPVS_NONE)
			continue;
		have = &d->have->dests[h];
		if (ipvs_dest_equal(have, want) ||
			(want->weight < have->weight) != lower)
			continue;
		edit_dest(c, svc, have, want);
		return true;
	}
	return false;
}

static bool del_dest(struct ipvs_diff *d, struct ipvs_cmd *c)
{
	uint32_t i, s;

	while ((i = next_dest(d, d->have, &s)) != IPVS_NONE) {
		const struct ipvs_svc *svc = &d->have->svcs[s];

		/* one that goes as a whole takes them along */
		if (ipvs_find_svc(d->want, svc) == IPVS_NONE ||
			twin(d->want, svc, &d->have->dests[i]) != IPVS_NONE)
			continue;
		ipvs_cmd_add_dest(c, svc, &d->have->dests[i]);
		c->verb = IPVS_DEL_DEST;
		return true;
	}
	return false;
}

static bool del_svc(struct ipvs_diff *d, struct ipvs_cmd *c)
{
	for (uint32_t s; (s = next_svc(d, d->have)) != IPVS_NONE;) {
		if (ipvs_find_svc(d->want, &d->have->svcs[s]) != IPVS_NONE)
			continue;
		ipvs_cmd_add(c, &d->have->svcs[s]);
		c->verb = IPVS_DEL;
		return true;
	}
	return false;
}

static bool differs(uint32_t want, uint32_t have)
{
	return want && want != have;
}

static bool set_timeouts(struct ipvs_diff *d, struct ipvs_cmd *c)
{
	const struct ipvs_timeouts *w = &d->want->timeouts,
				   *h = &d->have->timeouts;

	if (d->only || !w->told || d->svc++ ||
		(!differs(w->tcp, h->tcp) && !differs(w->fin, h->fin) &&
			!differs(w->udp, h->udp)))
		return false;
	*c = (struct ipvs_cmd){ .verb = IPVS_SET, .timeouts = *w };
	return true;
}

static bool tells_daemons(const struct ipvs_table *t)
{
	return t->daemons[0].role || t->daemons[1].role;
}

static bool change_daemon(struct ipvs_diff *d, struct ipvs_cmd *c, bool start)
{
	if (d->only || !tells_daemons(d->want))
		return false;
	while (d->svc < 2) {
		const struct ipvs_daemon *h = &d->have->daemons[d->svc];
		const struct ipvs_daemon *w = &d->want->daemons[d->svc++];

		if (ipvs_daemon_equal(h, w) || !(start ? w : h)->role)
			continue;
		ipvs_cmd_daemon(
			c, start ? IPVS_START : IPVS_STOP, start ? w : h);
		return true;
	}
	return false;
}

static bool step(struct ipvs_diff *d, struct ipvs_cmd *c)
{
	switch (d->phase) {
	case IPVS_P_ADD_SVC:
		return add_svc(d, c);
	case IPVS_P_EDIT_SVC:
		return change_svc(d, c);
	case IPVS_P_ADD_DEST:
		return add_dest(d, c);
	case IPVS_P_RAISE:
		return change_dest(d, c, false);
	case IPVS_P_LOWER:
		return change_dest(d, c, true);
	case IPVS_P_DEL_DEST:
		return del_dest(d, c);
	case IPVS_P_DEL_SVC:
		return del_svc(d, c);
	case IPVS_P_TIMEOUTS:
		return set_timeouts(d, c);
	case IPVS_P_STOP:
		return change_daemon(d, c, false);
	case IPVS_P_START:
		return change_daemon(d, c, true);
	default:
		return false;
	}
}

bool ipvs_diff_next(struct ipvs_diff *d, struct ipvs_cmd *c)
{
	while (d->phase < IPVS_P_END) {
		if (step(d, c))
			return true;
		d->phase++;
		d->svc = 0;
		d->inside = false;
	}
	return false;
}
