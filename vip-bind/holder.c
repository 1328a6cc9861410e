#include <errno.h>
#include <string.h>

#include "holder.h"

/* Anything may be due now. */
static void stir(struct holder *h)
{
	h->edit_at = (struct mono){ 0 };
}

bool holder_is_calm(const struct holder *h, struct mono now)
{
	return mono_before(now, h->edit_at);
}

void holder_init(struct holder *h, const struct hold_cfg *cfg)
{
	h->cfg = *cfg;
	h->nifs = h->naddrs = h->nsubjects = h->next = h->nrenew = 0;
	stir(h);
}

int holder_if(struct holder *h, const char *name)
{
	for (size_t i = 0; i < h->nifs; i++)
		if (strcmp(h->ifs[i].name, name) == 0)
			return (int)i;
	if (h->nifs == HOLD_IFS || strlen(name) >= IF_NAMESIZE)
		return -1;
	h->ifs[h->nifs] = (struct hold_if){ 0 };
	memcpy(h->ifs[h->nifs].name, name, strlen(name) + 1);
	return (int)h->nifs++;
}

int holder_subject(struct holder *h, const char *name)
{
	size_t n = h->nsubjects;

	for (size_t i = 0; i < n; i++) {
		size_t at = (h->next + i) % n;

		if (strcmp(h->subjects[at].name, name) != 0)
			continue;
		h->next = at + 1; /* lines come in turn */
		return (int)at;
	}
	if (n == HOLD_SUBJECTS || strlen(name) >= HOLD_NAME_LEN)
		return -1;
	memset(&h->subjects[n], 0, sizeof h->subjects[n]);
	h->lease_until[n] = MONO_NEVER;
	memcpy(h->subjects[n].name, name, strlen(name) + 1);
	return (int)h->nsubjects++;
}

/* ---- Who names what. */

static bool is_free(const struct hold_addr *a)
{
	return !a->named && a->seen != SEEN_OURS;
}

static bool is_same(
	const struct hold_addr *a, unsigned iface, const struct prefix *p)
{
	return a->iface == iface && a->prefix.len == p->len &&
	       addr_equal(&a->prefix.addr, &p->addr);
}

/* The slot of an address; a new one has named == 0.  -1: no room. */
static int find_addr(
	struct holder *h, unsigned iface, const struct prefix *p, bool *fresh)
{
	int slot = -1;

	*fresh = false;
	for (size_t i = 0; i < h->naddrs; i++) {
		if (is_free(&h->addrs[i]))
			slot = slot < 0 ? (int)i : slot;
		else if (is_same(&h->addrs[i], iface, p))
			return (int)i;
	}
	if (slot < 0 && h->naddrs == HOLD_ADDRS)
		return -1;
	if (slot < 0)
		slot = (int)h->naddrs++;
	h->addrs[slot] = (struct hold_addr){ .prefix = *p, .iface = iface };
	*fresh = true;
	return slot;
}

static bool has(const uint16_t *list, size_t n, int slot)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == slot)
			return true;
	return false;
}

/* One user less; what nobody wants any more is no longer held, though it may
 * still be there. */
static void drop_user(struct hold_addr *a)
{
	if (--a->users)
		return;
	a->held = a->lost = a->renew = false;
	a->rounds = 0;
	a->retry_at = (struct mono){ 0 };
}

static void unname(struct holder *h, const uint16_t *list, size_t n, bool up)
{
	for (size_t i = 0; i < n; i++) {
		h->addrs[list[i]].named--;
		if (up)
			drop_user(&h->addrs[list[i]]);
	}
}

size_t holder_name(struct holder *h, int subject, int iface,
	const struct prefix *p, size_t n, uint16_t fresh[HOLD_PER_SUBJECT],
	size_t *skipped)
{
	struct hold_subject *s = &h->subjects[subject];
	uint16_t list[HOLD_PER_SUBJECT];
	size_t k = 0, nfresh = 0;
	bool is_new;

	stir(h);
	*skipped = 0;
	for (size_t i = 0; i < n; i++) {
		int slot = k < HOLD_PER_SUBJECT ? find_addr(h, (unsigned)iface,
							  &p[i], &is_new)
						: -1;

		if (slot < 0)
			++*skipped;
		if (slot < 0 || has(list, k, slot))
			continue;
		if (is_new)
			fresh[nfresh++] = (uint16_t)slot;
		h->addrs[slot].named++;
		h->addrs[slot].users += s->up;
		list[k++] = (uint16_t)slot;
	}
	/* the old list last: what is on both keeps its place */
	unname(h, s->addrs, s->naddrs, s->up);
	if (k)
		memcpy(s->addrs, list, k * sizeof *list);
	s->naddrs = k;
	return nfresh;
}

/* ---- Announcements. */

static bool is_there(const struct hold_addr *a)
{
	return a->users && (a->held || a->seen == SEEN_OTHER);
}

static void burst(const struct holder *h, struct hold_addr *a, struct mono now)
{
	a->rounds = h->cfg.garp_count;
	a->again = h->cfg.garp_again > 0;
	a->burst_at = a->round_at = now;
}

/* The last of those at once comes a little later, and is the last word: who
 * yields to us keeps the address for up to 50 ms, and may announce it in that
 * time by a clock of his own. */
static int64_t pause_of(const struct holder *h, const struct hold_addr *a)
{
	return h->cfg.garp_interval || a->rounds > 1 ? h->cfg.garp_interval
						     : HOLD_LAST_WORD;
}

/* One round is taken: when is the next? */
static void next_round(
	const struct holder *h, struct hold_addr *a, struct mono now)
{
	if (--a->rounds) {
		a->round_at = mono_add(now, pause_of(h, a));
	} else if (a->again) {
		a->again = false;
		a->rounds = h->cfg.garp_count;
		a->round_at = mono_add(a->burst_at, h->cfg.garp_again);
	} else if (h->cfg.garp_refresh) {
		a->rounds = 1;
		a->round_at = mono_add(now, h->cfg.garp_refresh);
	}
}

static bool may_announce(const struct holder *h, const struct hold_addr *a)
{
	return a->rounds && is_there(a) && h->ifs[a->iface].ready;
}

size_t holder_announce(
	struct holder *h, struct mono now, uint16_t list[HOLD_ADDRS])
{
	size_t n = 0;

	if (holder_is_calm(h, now))
		return 0;
	stir(h);
	for (size_t i = 0; i < h->naddrs; i++) {
		struct hold_addr *a = &h->addrs[i];

		if (!may_announce(h, a) || !mono_due(a->round_at, now))
			continue;
		list[n++] = (uint16_t)i;
		next_round(h, a, now);
	}
	return n;
}

void holder_announce_if(struct holder *h, unsigned iface, struct mono now)
{
	stir(h);
	for (size_t i = 0; i < h->naddrs; i++)
		if (h->addrs[i].iface == iface && is_there(&h->addrs[i]))
			burst(h, &h->addrs[i], now);
}

/* ---- Lines and leases. */

static void set_up(struct holder *h, struct hold_subject *s, bool up)
{
	if (s->up == up)
		return;
	stir(h);
	s->up = up;
	h->lease_until[s - h->subjects] = MONO_NEVER;
	for (size_t i = 0; i < s->naddrs; i++) {
		struct hold_addr *a = &h->addrs[s->addrs[i]];

		if (up)
			a->users++;
		else
			drop_user(a);
	}
}

static void want_renewal(struct holder *h, uint16_t slot)
{
	struct hold_addr *a = &h->addrs[slot];

	if (!a->listed)
		h->renew[h->nrenew++] = slot;
	a->listed = a->renew = true;
}

void holder_line(
	struct holder *h, int subject, bool up, uint64_t epoch, struct mono now)
{
	struct hold_subject *s = &h->subjects[subject];
	bool news = up && (!s->up || s->epoch != epoch);

	set_up(h, s, up);
	s->epoch = epoch;
	s->expired = false;
	if (!up)
		return;
	if (h->cfg.lease)
		h->lease_until[subject] = mono_add(now, h->cfg.lease);
	if (news)
		stir(h);
	for (size_t i = 0; i < s->naddrs; i++) {
		struct hold_addr *a = &h->addrs[s->addrs[i]];

		if (a->held && h->cfg.lease)
			want_renewal(h, s->addrs[i]);
		if (news && is_there(a))
			burst(h, a, now);
	}
}

int holder_expire(struct holder *h, struct mono now)
{
	for (size_t i = 0; i < h->nsubjects; i++) {
		if (!mono_due(h->lease_until[i], now))
			continue;
		set_up(h, &h->subjects[i], false);
		h->subjects[i].expired = true;
		return (int)i;
	}
	return -1;
}

void holder_release(struct holder *h)
{
	for (size_t i = 0; i < h->nsubjects; i++)
		set_up(h, &h->subjects[i], false);
}

/* ---- The kernel's word. */

/* When may an address that was removed be put back? */
static struct mono back_at(const struct hold_addr *a, struct mono now)
{
	const struct mono *oldest = &a->backs[a->nbacks % HOLD_BACK_MAX];
	const struct mono *newest =
		&a->backs[(a->nbacks + HOLD_BACK_MAX - 1) % HOLD_BACK_MAX];

	if (a->nbacks < HOLD_BACK_MAX ||
		mono_diff(now, *oldest) >= HOLD_BACK_SPAN)
		return now;
	return mono_add(*newest, HOLD_BACK_PACE);
}

void holder_seen(
	struct holder *h, size_t addr, enum hold_seen seen, struct mono now)
{
	struct hold_addr *a = &h->addrs[addr];

	if (is_free(a))
		return;
	if (seen != a->seen)
		stir(h);
	if (seen != SEEN_OURS && a->held) {
		a->held = a->renew = false;
		a->lost = seen == SEEN_NOT && h->ifs[a->iface].ready;
		a->retry_at = back_at(a, now);
	}
	if (seen == SEEN_OTHER && a->seen != SEEN_OTHER && a->users)
		burst(h, a, now);
	a->seen = seen;
}

void holder_link(struct holder *h, unsigned iface, bool ready, bool gone,
	struct mono now)
{
	bool came = ready && !h->ifs[iface].ready;

	stir(h);
	h->ifs[iface].ready = ready;
	for (size_t i = 0; i < h->naddrs; i++) {
		struct hold_addr *a = &h->addrs[i];

		if (a->iface != iface)
			continue;
		if (gone) {
			a->seen = SEEN_NOT;
			a->held = a->renew = false;
		}
		if (!ready)
			a->lost = false;
		if (a->seen == SEEN_NOT && (came || gone))
			a->retry_at = now;
	}
}

/* ---- Edits. */

static bool is_due(const struct holder *h, const struct hold_addr *a,
	enum hold_op op, struct mono now)
{
	bool ready = mono_due(a->retry_at, now);

	switch (op) {
	case HOLD_DEL:
		return a->seen == SEEN_OURS && !a->users && ready;
	case HOLD_ADD:
		return a->seen == SEEN_NOT && a->users && ready &&
		       h->ifs[a->iface].ready;
	case HOLD_RENEW:
		return a->seen == SEEN_OURS && a->users &&
		       (a->held ? a->renew : ready);
	}
	return false;
}

/* Takes them from their list. */
static size_t renewals(
	struct holder *h, struct mono now, uint16_t list[HOLD_ADDRS])
{
	size_t n = 0;

	for (size_t i = 0; i < h->nrenew; i++) {
		struct hold_addr *a = &h->addrs[h->renew[i]];

		a->listed = false;
		if (is_due(h, a, HOLD_RENEW, now))
			list[n++] = h->renew[i];
	}
	h->nrenew = 0;
	return n;
}

size_t holder_due(struct holder *h, enum hold_op op, struct mono now,
	uint16_t list[HOLD_ADDRS])
{
	size_t n = 0;

	if (op == HOLD_RENEW)
		n = renewals(h, now, list);
	if (holder_is_calm(h, now))
		return n;
	n = 0;
	for (size_t i = 0; i < h->naddrs; i++)
		if (is_due(h, &h->addrs[i], op, now))
			list[n++] = (uint16_t)i;
	return n;
}

static void now_held(struct holder *h, struct hold_addr *a, struct mono now)
{
	if (a->lost)
		a->backs[a->nbacks++ % HOLD_BACK_MAX] = now;
	a->seen = SEEN_OURS;
	a->held = true;
	a->lost = a->renew = false;
	burst(h, a, now);
}

static bool is_absence(int err)
{
	return err == -EADDRNOTAVAIL || err == -ENODEV;
}

void holder_done(struct holder *h, enum hold_op op, size_t addr, int err,
	struct mono now)
{
	struct hold_addr *a = &h->addrs[addr];

	if (err || op != HOLD_RENEW || !a->held)
		stir(h);
	a->renew = false;
	if (op == HOLD_DEL && (!err || is_absence(err)))
		a->seen = SEEN_NOT;
	else if (err)
		a->retry_at = mono_add(now, HOLD_RETRY);
	else if (!a->held)
		now_held(h, a, now);
}

/* ---- What the tool asks. */

static struct mono addr_deadline(
	const struct holder *h, const struct hold_addr *a)
{
	struct mono d = may_announce(h, a) ? a->round_at : MONO_NEVER;
	bool del = a->seen == SEEN_OURS && !a->users;
	bool add = a->seen == SEEN_NOT && a->users && h->ifs[a->iface].ready;
	bool take = a->seen == SEEN_OURS && a->users && !a->held;

	return del || add || take ? mono_min(d, a->retry_at) : d;
}

struct mono holder_deadline(struct holder *h)
{
	struct mono d = MONO_NEVER;

	if (!h->edit_at.us) {
		for (size_t i = 0; i < h->naddrs; i++)
			d = mono_min(d, addr_deadline(h, &h->addrs[i]));
		h->edit_at = d;
	}
	d = h->edit_at;
	for (size_t i = 0; i < h->nsubjects; i++)
		d = mono_min(d, h->lease_until[i]);
	return d;
}

bool holder_wanted(const struct holder *h)
{
	for (size_t i = 0; i < h->naddrs; i++)
		if (h->addrs[i].users)
			return true;
	return false;
}

size_t holder_count(const struct holder *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->naddrs; i++)
		n += is_there(&h->addrs[i]);
	return n;
}
