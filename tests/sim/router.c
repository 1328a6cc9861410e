/* One router: lib/pure and the loop around it, with an ideal binder that
 * takes and drops the addresses within `bind` of each line. */
#include "world.h"

static void bind_soon(struct sim *s, int i)
{
	struct node *v = &s->node[i];
	bool want = v->e.state == ELECT_MASTER;

	if (v->readerless || want == v->wanted)
		return;
	v->wanted = want;
	queue_push(&s->q, (struct ev){ .at = s->now + upto(&v->rng, s->b),
				  .what = ADDRS,
				  .to = (int8_t)i,
				  .gen = ++v->gen,
				  .held = want });
}

static void rearm(struct sim *s, int i)
{
	struct node *v = &s->node[i];
	int64_t due = elect_deadline(&v->e).us;

	if (due == v->deadline)
		return;
	v->deadline = due;
	v->fire = NEVER;
	if (due == NEVER)
		return;
	due = clock_comes(v, due);
	v->fire = (due < s->now ? s->now : due) + upto(&v->rng, s->j);
}

static void carry_out(
	struct sim *s, int i, const struct elect_fx *fx, size_t n, bool was)
{
	struct node *v = &s->node[i];
	bool sent = false, tried = false;

	for (size_t f = 0; f < n; f++) {
		if (fx[f].type == FX_ADVERT) {
			check_advert(s, i, fx[f].prio, was);
			sent = transmit(s, i, fx[f].prio);
			tried = true;
		} else if (fx[f].type == FX_LINE) {
			bind_soon(s, i);
		} else if (fx[f].type == FX_OTHER_MASTER) {
			v->conflict = true;
		} else if (fx[f].type == FX_HALT) {
			note(s, "halts", i, i, fx[f].code);
			v->up = false;
		}
	}
	if (tried)
		step(s, i,
			&(struct elect_event){
				.type = sent ? EV_SENT : EV_UNSENT });
}

static void after_step(struct sim *s, int i)
{
	struct node *v = &s->node[i];
	bool active = v->up && elect_is_active(&v->e);

	v->was_master |= active;
	if (active != v->active) {
		note(s, active ? "MASTER" : "no Master", i, i, v->prio);
		v->active = active;
		v->active_since = s->now;
		s->nactive += active ? 1 : -1;
		s->takeovers += active;
		check_change(s, i, v->e.why);
	}
	if (v->e.state == ELECT_FAULT && !strcmp(v->e.why, "not-bound"))
		fail(s, "bound", "r%d resigned with an ideal binder", v->r->id);
	rearm(s, i);
	update_members(s);
}

void step(struct sim *s, int i, const struct elect_event *ev)
{
	struct node *v = &s->node[i];
	struct elect_fx fx[2 * ELECT_FX_MAX];
	enum elect_state before = v->e.state;
	bool was = before == ELECT_MASTER;
	uint32_t epoch = v->e.epoch;
	struct mono now = { clock_of(v, s->now) };
	size_t n = elect_step(&v->e, ev, now, fx);

	s->st->events++;
	if (n > ELECT_FX_MAX)
		fail(s, "effects", "r%d has %zu at once", v->r->id, n);
	check_anew(s, i, epoch, !was && v->e.state == ELECT_MASTER);
	carry_out(s, i, fx, n, was);
	after_step(s, i);
	if (v->e.state == before)
		return;
	v->state_since = s->now;
	v->not_before = 0;
	await_silence(s, i);
}

static enum vrrp_fault understand(struct node *v, const struct packet *p,
	struct vrrp_ip *ip, struct vrrp_advert *a)
{
	const uint8_t *payload = p->b;
	size_t len = p->len;
	uint32_t faults;

	*ip = p->ip;
	if (v->addr.family == AF_INET &&
		vrrp_peel4(ip, p->b, p->len, &payload, &len) != VF_OK)
		return VF_IP_HEADER;
	faults = vrrp_decode(a, ip, payload, len);
	if (vrrp_refusal(faults) == VF_OK)
		faults |= vrrp_judge(&v->local, ip, a);
	return vrrp_refusal(faults);
}

static void advert(struct sim *s, int i, const struct vrrp_ip *ip,
	const struct vrrp_advert *a)
{
	struct node *v = &s->node[i];
	struct node them = { .prio = a->prio, .addr = ip->src };
	bool was = v->active, wins = better(&them, v);

	if (v->e.state == ELECT_BACKUP)
		forbid_haste(s, i, a->prio, a->cs * 10000);
	step(s, i,
		&(struct elect_event){ .type = EV_ADVERT,
			.prio = a->prio,
			.src = ip->src,
			.interval = a->cs * 10000 });
	if (a->prio)
		await_silence(s, i);
	if (was && wins && v->active)
		fail(s, "yield", "r%d heard a better Master and goes on",
			v->r->id);
	if (was && !wins && !v->active && !v->late)
		fail(s, "yield", "r%d gave way to a worse Master", v->r->id);
	if (was && !wins && v->active && a->prio)
		check_answer(s, i);
}

/* An invalid packet changes nothing. */
static void refuse(struct sim *s, int i, const struct packet *p)
{
	struct node *v = &s->node[i];
	struct vrrp_advert a;
	struct vrrp_ip ip;

	s->st->refused++;
	if (understand(v, p, &ip, &a) == VF_OK)
		fail(s, "refuse", "r%d accepted a broken packet", v->r->id);
}

void receive(struct sim *s, int i, const struct packet *p, int from)
{
	struct node *v = &s->node[i];
	struct vrrp_advert a;
	struct vrrp_ip ip;
	enum vrrp_fault f;

	if (p->junk) {
		refuse(s, i, p);
		return;
	}
	f = understand(v, p, &ip, &a);
	if (f != VF_OK && f != VF_OWNER)
		fail(s, "refuse", "r%d refused r%d: %s", v->r->id, from,
			vrrp_fault_str(f));
	if (f != VF_OK)
		return;
	note(s, "hears", i, from, a.prio);
	advert(s, i, &ip, &a);
}

/* A flood is for a Master that is awake. */
static bool concerns(const struct node *v, int from)
{
	return v->up &&
	       (from != FORGER || (v->active && !v->late && !v->stalled));
}

void deliver(struct sim *s, const struct ev *ev)
{
	struct node *v = &s->node[ev->to];

	if (!concerns(v, ev->from)) {
		packet_drop(&s->q, ev->arg);
	} else if (!v->stalled) {
		receive(s, ev->to, &s->q.pkt[ev->arg], ev->from);
		packet_drop(&s->q, ev->arg);
	} else if (v->queued < INBOX && !v->frozen) {
		v->inbox[v->queued].from = ev->from;
		v->inbox[v->queued++].pkt = ev->arg;
	} else {
		packet_drop(&s->q, ev->arg);
	}
}

void tell_addrs(struct sim *s, int i)
{
	struct node *v = &s->node[i];

	if (v->up && !v->stalled)
		step(s, i,
			&(struct elect_event){ .type = EV_ADDRS,
				.held_all = v->held,
				.held_any = v->held });
}

void addrs(struct sim *s, const struct ev *ev)
{
	struct node *v = &s->node[ev->to];

	if (ev->gen != v->gen || v->held == ev->held)
		return;
	v->held = ev->held;
	tell_addrs(s, ev->to);
}

void fire(struct sim *s, int i)
{
	struct node *v = &s->node[i];

	v->late = false;
	v->deadline = NEVER - 1; /* so that it is armed anew */
	step(s, i, &(struct elect_event){ .type = EV_DEADLINE });
}

void boot(struct sim *s, int i)
{
	struct node *v = &s->node[i];

	elect_init(&v->e, &v->r->cfg);
	v->e.me = v->addr;
	v->prio = v->r->cfg.prio;
	v->up = true;
	s->nactive -= v->active;
	v->was_master = v->active = v->readerless = false;
	v->held = v->wanted = false;
	v->gen++;
	while (v->queued)
		packet_drop(&s->q, v->inbox[--v->queued].pkt);
	v->deadline = v->fire = NEVER;
	v->ok_since = s->now;
	v->nsent = 0;
	v->conflict = false;
	v->not_before = 0;
	v->lower_since = NEVER;
	v->state_since = s->now;
	v->owes_anew = v->silent_by = NEVER;
	note(s, "boots", i, i, v->prio);
	step(s, i, &(struct elect_event){ .type = EV_START });
	tell_addrs(s, i);
}
