/* A scenario out of a seed. */
#include <string.h>
#include <sys/socket.h>

#include "chance.h"
#include "sim.h"
#include "vrrp.h"

#define INTERVAL_MAX 40950000

struct draw {
	struct scenario *sc;
	uint64_t rng;
	uint8_t pmax;
	bool ties, delays;
	int64_t amax, pdmax;
};

/* Delays are short enough beside the skews, or nothing could be promised. */
static void draw_net(struct draw *d, int64_t a)
{
	struct scenario *sc = d->sc;
	int64_t skew = (sc->version == 2 ? 1000000 : a) * (256 - d->pmax) / 256;

	sc->delay = 1 + upto(&d->rng, skew / 2);
	sc->late = upto(&d->rng, skew / 16);
	sc->bind = upto(&d->rng, a / 8);
	sc->nvips = 1 + (int)below(&d->rng, 2);
	sc->secret = sc->version == 2 && one_in(&d->rng, 2);
	sc->preempt = !one_in(&d->rng, 5);
}

static bool taken(const struct scenario *sc, int n, uint8_t prio)
{
	for (int i = 0; i < n; i++)
		if (sc->router[i].cfg.prio == prio)
			return true;
	return false;
}

static uint8_t draw_prio(struct draw *d, int n)
{
	uint8_t p;

	do
		p = (uint8_t)(1 + below(&d->rng, d->pmax));
	while (!d->ties && taken(d->sc, n, p));
	return p;
}

static uint8_t draw_first_prio(struct draw *d, int i)
{
	const struct sim_router *r = d->sc->router;

	if (i == 0 && one_in(&d->rng, 10))
		return 255;
	if (i && d->ties && one_in(&d->rng, 2) && r[0].cfg.prio != 255)
		return r[i - 1].cfg.prio;
	return draw_prio(d, i);
}

/* None, mostly; else up to 8 intervals. */
static int64_t draw_delay(struct draw *d, int64_t interval)
{
	return d->delays && one_in(&d->rng, 2) ? upto(&d->rng, 8 * interval)
					       : 0;
}

static void draw_policy(struct draw *d, struct elect_cfg *c)
{
	c->version = (uint8_t)d->sc->version;
	c->preempt = d->sc->preempt;
	c->max_interval = INTERVAL_MAX;
	c->start_delay = draw_delay(d, c->interval);
	c->preempt_delay = draw_delay(d, c->interval);
	if (c->preempt_delay > d->pdmax)
		d->pdmax = c->preempt_delay;
	c->handover = one_in(&d->rng, 2) ? HANDOVER_OVERLAP : HANDOVER_BREAK;
	c->lower_no_advert = one_in(&d->rng, 3);
	c->higher_no_advert = one_in(&d->rng, 4);
	c->heartbeat = one_in(&d->rng, 2) ? c->interval / 2 : 0;
	c->confirm = one_in(&d->rng, 2) ? c->interval + 4 * d->sc->bind : 0;
}

static void draw_router(struct draw *d, int i, int64_t interval, bool drift)
{
	struct sim_router *r = &d->sc->router[i];
	uint64_t *rng = &d->rng;

	r->id = i;
	r->cfg.interval = interval;
	r->cfg.prio = draw_first_prio(d, i);
	r->host = (uint8_t)(2 + 50 * (d->sc->n - 1 - i) + below(rng, 50));
	r->sum = one_in(rng, 2) ? VRRP_SUM_PLAIN : VRRP_SUM_PSEUDO;
	if (drift)
		r->ppm = (int)below(rng, 2 * SIM_PPM_MAX + 1) - SIM_PPM_MAX;
	draw_policy(d, &r->cfg);
	if (interval > d->amax)
		d->amax = interval;
}

static int64_t draw_interval(struct draw *d)
{
	static const int64_t cs[] = { 1, 5, 10, 100, 100, 1000 };
	bool v2 = d->sc->version == 2;

	return (v2 ? cs[3 + below(&d->rng, 3)] : cs[below(&d->rng, 6)]) * 10000;
}

static void draw_routers(struct draw *d, const struct sim_wish *wish)
{
	struct scenario *sc = d->sc;
	int64_t a = wish->interval ? wish->interval : draw_interval(d);
	bool mixed = sc->version == 3 && !wish->interval && one_in(&d->rng, 4);
	bool wide = mixed && one_in(&d->rng, 4);
	bool drift = one_in(&d->rng, 2);

	draw_net(d, a);
	for (int i = 0; i < sc->n; i++) {
		int64_t own = mixed ? a << below(&d->rng, wide ? 3 : 2) : a;

		draw_router(d, i, own > INTERVAL_MAX ? a : own, drift);
	}
}

static int64_t draw_while(struct draw *d)
{
	return one_in(&d->rng, 3) ? upto(&d->rng, 2 * d->amax)
				  : d->amax + upto(&d->rng, 12 * d->amax);
}

/* Often there is peace before the next one, with or without lost adverts. */
static int64_t draw_gap(struct draw *d)
{
	const struct scenario *sc = d->sc;
	int64_t skew = sc->version == 2 ? 1000000 : d->amax;
	int64_t calm =
		4 * d->amax + skew + sc->bind + 3 * sc->delay + 4 * sc->late;

	if (one_in(&d->rng, 4))
		return upto(&d->rng, 3 * d->amax);
	calm += one_in(&d->rng, 3) ? 2 * d->amax : 0;
	calm = d->pdmax ? 2 * calm + d->pdmax : calm;
	return calm + calm / 64 + upto(&d->rng, 6 * d->amax);
}

static void draw_link(struct draw *d, struct sim_fault *f)
{
	bool from = !one_in(&d->rng, 3), to = !from || !one_in(&d->rng, 3);
	int n = d->sc->n;

	f->who = (int)below(&d->rng, n);
	f->whom = (f->who + 1 + (int)below(&d->rng, n - 1)) % n;
	if (!from)
		f->who = SIM_ANY;
	else if (!to)
		f->whom = SIM_ANY;
}

static void draw_fault(struct draw *d, struct sim_fault *f, int64_t at)
{
	uint64_t *rng = &d->rng;

	f->at = at;
	f->kind = (enum sim_fault_kind)below(rng, SIM_FAULT_N);
	f->who = (int)below(rng, d->sc->n);
	f->len = draw_while(d);
	if (f->kind == SIM_PRIO) {
		f->num = draw_prio(d, d->sc->n);
	} else if (f->kind == SIM_JUNK) {
		f->num = 1 + (int)below(rng, 1000000);
	} else if (f->kind == SIM_SPLIT) {
		f->group = (unsigned)below(rng, 1 << d->sc->n);
	} else if (f->kind == SIM_LOSS) {
		f->num = 1 + (int)below(rng, 2);
	}
	if (f->kind == SIM_LOSS && one_in(rng, 2))
		f->who = f->whom = SIM_ANY;
	else if (f->kind >= SIM_ONE_WAY && f->kind != SIM_HEAVY)
		draw_link(d, f);
	if (f->kind >= SIM_LOSS && f->kind != SIM_HEAVY)
		f->len *= 4;
}

void sim_draw(struct scenario *sc, uint64_t seed, const struct sim_wish *wish)
{
	struct draw d = { .sc = sc, .rng = rnd_stream(seed, 0) };

	*sc = (struct scenario){ .seed = seed };
	sc->n = 2 + (int)below(&d.rng, SIM_ROUTERS - 1);
	if (wish->routers)
		sc->n = wish->routers;
	sc->version = one_in(&d.rng, 4) ? 2 : 3;
	sc->family = sc->version == 3 && one_in(&d.rng, 3) ? AF_INET6 : AF_INET;
	d.ties = one_in(&d.rng, 4);
	d.delays = one_in(&d.rng, 6);
	d.pmax = (uint8_t)(one_in(&d.rng, 3) ? 254 : 50 + below(&d.rng, 200));
	draw_routers(&d, wish);
	while (sc->nfaults < wish->faults && sc->nfaults < SIM_FAULTS) {
		sc->until += draw_gap(&d) + wish->calm;
		draw_fault(&d, &sc->fault[sc->nfaults++], sc->until);
	}
	sc->until += 20 * d.amax;
}
