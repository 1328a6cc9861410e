/* What befalls routers and network, and how it is over again. */
#include "world.h"

const char *const sim_fault_words[SIM_FAULT_N] = {
#define X(name, word) [SIM_##name] = word,
	SIM_FAULT_KINDS(X)
#undef X
};

static int index_of(const struct sim *s, int id)
{
	for (int i = 0; i < s->n; i++)
		if (s->node[i].r->id == id)
			return i;
	return -1;
}

static void net_changed(struct sim *s)
{
	s->net_since = s->now;
	disturb(s);
}

/* ---- Of a router. */

static void die(struct sim *s, int i)
{
	struct node *v = &s->node[i];

	expect_loss_of(s, i, false);
	s->nactive -= v->active;
	v->up = v->active = v->held = v->wanted = false;
	v->gen++;
	v->fire = NEVER;
	update_members(s);
}

/* Longer than any departure takes. */
static int64_t leaving_time(const struct sim *s, const struct node *v)
{
	const struct elect_cfg *c = &v->r->cfg;

	return real_max(v, 4 * c->interval + 2 * US_PER_S + c->confirm) + s->b +
	       s->j;
}

static void depart(struct sim *s, int i, enum elect_event_type type)
{
	struct node *v = &s->node[i];

	expect_loss_of(s, i, true);
	v->readerless = type == EV_READER_GONE;
	v->leave_by = s->now + leaving_time(s, v);
	step(s, i, &(struct elect_event){ .type = type, .why = "told" });
	if (v->readerless) /* it lets go by itself */
		queue_push(
			&s->q, (struct ev){ .at = s->now + upto(&v->rng, s->b),
				       .what = ADDRS,
				       .to = (int8_t)i,
				       .gen = ++v->gen });
}

static void stop(struct sim *s, int i)
{
	depart(s, i, EV_STOP);
}

static void lose_reader(struct sim *s, int i)
{
	depart(s, i, EV_READER_GONE);
}

static void stall(struct sim *s, int i)
{
	expect_loss_of(s, i, false);
	s->node[i].stalled = true;
	update_members(s);
}

static void freeze(struct sim *s, int i)
{
	s->node[i].frozen = true;
	stall(s, i);
}

/* Orders to stop, then what was heard, the deadline last. */
static void resume(struct sim *s, int i)
{
	struct node *v = &s->node[i];

	expect_resume(s, i);
	v->stalled = v->frozen = false;
	v->late = true;
	v->ok_since = s->now;
	update_members(s);
	await_silence(s, i);
	tell_addrs(s, i);
	for (size_t q = 0; q < v->queued; q++) {
		receive(s, i, &s->q.pkt[v->inbox[q].pkt], v->inbox[q].from);
		packet_drop(&s->q, v->inbox[q].pkt);
	}
	v->queued = 0;
	if (v->fire < s->now)
		v->fire = s->now + upto(&v->rng, s->j);
}

static void mute(struct sim *s, int i)
{
	expect_loss_of(s, i, false);
	s->node[i].mute = true;
	s->node[i].mute_since = s->now;
	update_members(s);
}

static void unmute(struct sim *s, int i)
{
	expect_nothing(s);
	s->node[i].mute = false;
	s->node[i].ok_since = s->now;
	disturb(s); /* it may owe a priority 0 */
	update_members(s);
}

static void track(struct sim *s, int i)
{
	expect_loss_of(s, i, true);
	step(s, i, &(struct elect_event){ .type = EV_FAULT, .why = "track" });
}

static void change_prio(struct sim *s, int i, int prio)
{
	struct node *v = &s->node[i];
	int m = known_master(s);

	if (v->r->cfg.prio == 255)
		return;
	v->prio = (uint8_t)prio;
	v->not_before = 0;
	v->ok_since = s->now;
	note(s, "priority", i, i, v->prio);
	expect_prio(s, m);
	disturb(s);
	step(s, i, &(struct elect_event){ .type = EV_PRIO, .prio = v->prio });
	await_silence(s, i);
}

/* False: not gone yet. */
static bool come_back(struct sim *s, enum sim_fault_kind kind, int i)
{
	struct node *v = &s->node[i];
	bool booting = kind != SIM_TRACK;

	if (v->up && booting) {
		if (s->now > v->leave_by)
			fail(s, "ends", "r%d does not end", v->r->id);
		return false;
	}
	if (booting)
		v->prio = v->r->cfg.prio;
	expect_return(s, i, booting);
	if (booting)
		boot(s, i);
	else
		step(s, i, &(struct elect_event){ .type = EV_CLEAR });
	return true;
}

/* ---- Of the network. */

static void count_links(
	struct sim *s, const struct sim_fault *f, size_t what, int by)
{
	for (int from = 0; from < s->n; from++)
		for (int to = 0; to < s->n; to++)
			if (from != to &&
				(f->who == SIM_ANY ||
					f->who == s->node[from].r->id) &&
				(f->whom == SIM_ANY ||
					f->whom == s->node[to].r->id))
				*(int *)((char *)&s->link[from][to] + what) +=
					by;
}

static void split(struct sim *s, const struct sim_fault *f, int by)
{
	for (int i = 0; i < s->n; i++)
		s->side[i] = f->group >> s->node[i].r->id & 1;
	s->split = by > 0;
	expect_nothing(s);
	net_changed(s);
}

static void one_way(struct sim *s, const struct sim_fault *f, int by)
{
	count_links(s, f, offsetof(struct link, cuts), by);
	s->ncuts += by;
	expect_nothing(s);
	net_changed(s);
}

static void lose(struct sim *s, const struct sim_fault *f, int by)
{
	int k = by > 0 ? f->num : 0;

	expect_k(s, k);
	count_links(s, f, offsetof(struct link, lossy), by);
	s->k = k;
	net_changed(s);
}

static void storm(struct sim *s, const struct sim_fault *f, int by)
{
	(void)f;
	s->storm = by > 0;
	expect_nothing(s);
	net_changed(s);
}

static void slow(struct sim *s, const struct sim_fault *f, int by)
{
	count_links(s, f, offsetof(struct link, slow), by);
}

static void doubles(struct sim *s, const struct sim_fault *f, int by)
{
	count_links(s, f, offsetof(struct link, doubled), by);
}

/* A priority 0 that is about to be sent may be overtaken now. */
static void reorder(struct sim *s, const struct sim_fault *f, int by)
{
	if (s->exp.keep < 0)
		expect_nothing(s);
	count_links(s, f, offsetof(struct link, loose), by);
	s->nloose += by;
}

static void (*const of_net[SIM_FAULT_N])(
	struct sim *, const struct sim_fault *, int by) = {
	[SIM_SPLIT] = split,
	[SIM_ONE_WAY] = one_way,
	[SIM_LOSS] = lose,
	[SIM_HEAVY] = storm,
	[SIM_SLOW] = slow,
	[SIM_DOUBLES] = doubles,
	[SIM_REORDER] = reorder,
};

/* ---- Both. */

/* These exclude each other: no bound is known for their sum. */
static bool net_is_free(const struct sim *s, enum sim_fault_kind kind)
{
	bool cut = s->ncuts && kind != SIM_ONE_WAY;

	return kind >= SIM_SLOW || (!s->split && !s->storm && !s->k && !cut);
}

static void over_later(struct sim *s, int fault, int64_t after)
{
	queue_push(&s->q, (struct ev){ .at = s->now + after,
				  .what = END,
				  .arg = (uint16_t)fault });
}

static bool strike_net(struct sim *s, const struct sim_fault *f)
{
	if (!net_is_free(s, f->kind))
		return false;
	of_net[f->kind](s, f, 1);
	return true;
}

/* What has no end. */
static void strike_once(struct sim *s, const struct sim_fault *f, int i)
{
	if (f->kind == SIM_PRIO)
		change_prio(s, i, f->num);
	else if (f->kind == SIM_JUNK)
		junk(s, i, f->num);
	else
		flood(s, i);
}

static bool strike_node(struct sim *s, const struct sim_fault *f, int i)
{
	static void (*const one[])(struct sim *, int) = {
		[SIM_CRASH] = die,
		[SIM_STOP] = stop,
		[SIM_READER] = lose_reader,
		[SIM_STALL] = stall,
		[SIM_FREEZE] = freeze,
		[SIM_MUTE] = mute,
		[SIM_TRACK] = track,
	};
	struct node *v = &s->node[i];

	if (v->busy || !is_member(v))
		return false;
	v->nsent = 0;
	if (f->kind == SIM_PRIO || f->kind == SIM_JUNK ||
		f->kind == SIM_FLOOD) {
		strike_once(s, f, i);
		return true;
	}
	one[f->kind](s, i);
	v->busy = true;
	return true;
}

void strike(struct sim *s, int fault)
{
	const struct sim_fault *f = &s->sc->fault[fault];
	bool net = f->kind >= SIM_SPLIT;
	int i = net ? 0 : index_of(s, f->who);
	bool lasts = net || f->kind < SIM_PRIO;
	bool done;

	if (i < 0)
		return;
	s->in_fault = true;
	note(s, sim_fault_words[f->kind], i, i, 0);
	done = net ? strike_net(s, f) : strike_node(s, f, i);
	s->in_fault = false;
	s->st->faults += done;
	if (done && lasts)
		over_later(s, fault, f->len);
}

static void end_of_node(struct sim *s, int fault, int i)
{
	enum sim_fault_kind kind = s->sc->fault[fault].kind;
	struct node *v = &s->node[i];

	v->busy = false;
	v->nsent = 0;
	if (kind == SIM_STALL || kind == SIM_FREEZE) {
		resume(s, i);
	} else if (kind == SIM_MUTE) {
		unmute(s, i);
	} else if (!come_back(s, kind, i)) {
		v->busy = true;
		over_later(s, fault, s->amax);
	}
}

void end(struct sim *s, int fault)
{
	const struct sim_fault *f = &s->sc->fault[fault];
	bool net = f->kind >= SIM_SPLIT;
	int i = net ? 0 : index_of(s, f->who);

	note(s, "end of", i, i, (int)f->kind);
	note(s, sim_fault_words[f->kind], i, i, 0);
	s->in_fault = true;
	if (net)
		of_net[f->kind](s, f, -1);
	else
		end_of_node(s, fault, i);
	s->in_fault = false;
}
