/* The least scenario that still breaks the same invariant: fewer faults, fewer
 * routers, nothing unusual, less time between what happens. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sim.h"
#include "vrrp.h"

#define PLAYS 4000

struct shrink {
	struct scenario *sc; /* the least so far */
	struct sim_failure *f;
	int plays;
};

/* Keeps the candidate if it fails as the first one did. */
static bool keeps(struct shrink *s, const struct scenario *sc)
{
	struct sim_stats st = { 0 };
	struct sim_failure f;

	if (s->plays >= PLAYS || sc->n < 2)
		return false;
	s->plays++;
	if (sim_play(sc, &st, &f, NULL) ||
		strcmp(f.invariant, s->f->invariant) != 0)
		return false;
	*s->sc = *sc;
	*s->f = f;
	return true;
}

/* What comes after the failure is not needed. */
static void end_there(struct shrink *s)
{
	struct scenario *sc = s->sc;

	sc->until = s->f->at + 1;
	while (sc->nfaults && sc->fault[sc->nfaults - 1].at > s->f->at)
		sc->nfaults--;
	while (sc->nchecks && sc->check[sc->nchecks - 1].at > s->f->at)
		sc->nchecks--;
}

static void cut_faults(struct scenario *sc, int at, int n)
{
	memmove(&sc->fault[at], &sc->fault[at + n],
		sizeof *sc->fault * (size_t)(sc->nfaults - at - n));
	sc->nfaults -= n;
}

static bool fewer_faults(struct shrink *s)
{
	struct scenario try;
	bool any = false;

	for (int n = s->sc->nfaults; n > 0; n /= 2)
		for (int at = 0; at + n <= s->sc->nfaults;) {
			try = *s->sc;
			cut_faults(&try, at, n);
			if (keeps(s, &try))
				any = true;
			else
				at += n;
		}
	return any;
}

static void cut_router(struct scenario *sc, int i)
{
	int id = sc->router[i].id;

	for (int f = sc->nfaults - 1; f >= 0; f--)
		if (sc->fault[f].kind < SIM_SPLIT && sc->fault[f].who == id)
			cut_faults(sc, f, 1);
	memmove(&sc->router[i], &sc->router[i + 1],
		sizeof *sc->router * (size_t)(sc->n - i - 1));
	sc->n--;
}

static bool fewer_routers(struct shrink *s)
{
	struct scenario try;
	bool any = false;

	for (int i = s->sc->n - 1; i >= 0; i--) {
		try = *s->sc;
		cut_router(&try, i);
		any |= keeps(s, &try);
	}
	return any;
}

/* ---- Nothing unusual. */

static void no_delay(struct scenario *sc)
{
	sc->delay = sc->delay > 1000 ? 1000 : 0;
}

static void never_late(struct scenario *sc)
{
	sc->late = 0;
}

static void binds_at_once(struct scenario *sc)
{
	sc->bind = 0;
}

static void plain_net(struct scenario *sc)
{
	sc->family = AF_INET;
	sc->nvips = 1;
	sc->secret = false;
}

static void version_3(struct scenario *sc)
{
	sc->version = 3;
	sc->secret = false;
	for (int i = 0; i < sc->n; i++)
		sc->router[i].cfg.version = 3;
}

static void true_clocks(struct scenario *sc)
{
	for (int i = 0; i < sc->n; i++)
		sc->router[i].ppm = 0;
}

static void one_second(struct scenario *sc)
{
	for (int i = 0; i < sc->n; i++)
		sc->router[i].cfg.interval = US_PER_S;
}

static void plain_routers(struct scenario *sc)
{
	for (int i = 0; i < sc->n; i++) {
		sc->router[i].sum = VRRP_SUM_PLAIN;
		sc->router[i].cfg.heartbeat = 0;
		sc->router[i].cfg.confirm = 0;
	}
}

static void no_waiting(struct scenario *sc)
{
	for (int i = 0; i < sc->n; i++) {
		sc->router[i].cfg.start_delay = 0;
		sc->router[i].cfg.preempt_delay = 0;
	}
}

static void overlap(struct scenario *sc)
{
	for (int i = 0; i < sc->n; i++)
		sc->router[i].cfg.handover = HANDOVER_OVERLAP;
}

static void rfc_9568(struct scenario *sc)
{
	for (int i = 0; i < sc->n; i++) {
		sc->router[i].cfg.lower_no_advert = false;
		sc->router[i].cfg.higher_no_advert = false;
	}
}

static bool is_same(const struct scenario *a, const struct scenario *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static bool plainer(struct shrink *s)
{
	static void (*const ways[])(struct scenario *) = { plain_routers,
		no_waiting, plain_net, true_clocks, overlap, rfc_9568,
		never_late, binds_at_once, no_delay, version_3, one_second };
	struct scenario try;
	bool any = false;

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		try = *s->sc;
		ways[i](&try);
		any |= !is_same(&try, s->sc) && keeps(s, &try);
	}
	return any;
}

/* Everything from fault i on happens earlier by a part of the gap before. */
static bool sooner(struct scenario *sc, int i, int part)
{
	int64_t since = i ? sc->fault[i - 1].at : 0;
	int64_t by = (sc->fault[i].at - since) / part;

	for (int f = i; f < sc->nfaults; f++)
		sc->fault[f].at -= by;
	return by > 1000;
}

static bool less_waiting(struct shrink *s)
{
	struct scenario try;
	bool any = false;

	for (int i = 0; i < s->sc->nfaults; i++)
		for (int part = 2; part <= 32; part *= 4)
			for (try = *s->sc;
				sooner(&try, i, part) && keeps(s, &try);)
				any = true;
	return any;
}

int sim_shrink(struct scenario *sc, struct sim_failure *f)
{
	struct shrink s = { sc, f, 0 };
	bool any = true;

	while (any && s.plays < PLAYS) {
		end_there(&s);
		any = fewer_faults(&s);
		any |= fewer_routers(&s);
		any |= plainer(&s);
		any |= less_waiting(&s);
	}
	end_there(&s);
	keeps(&s, sc);
	return s.plays;
}
