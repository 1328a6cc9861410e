/* A scenario out of text, a line each; # begins a comment.
 *
 *	net [version=3] [family=4] [vips=1] [secret=yes] [preempt=no]
 *	    [delay=DUR] [late=DUR] [bind=DUR] [seed=N]
 *	r0 prio=N [host=N] [interval=1s] [clock=+Nppm] [handover=break]
 *	    [rfc=5798] [farewell=no] [sum=pseudo] [heartbeat=DUR] [confirm=DUR]
 *	    [start-delay=DUR] [preempt-delay=DUR]
 *	at DUR KIND r0 [to=N] [kind=N] [for=DUR]	of a router
 *	at DUR KIND r0>* [k=N] [for=DUR]	of links; * is any
 *	at DUR split r0,r1 [for=DUR]		these against the others
 *	at DUR expect master=r0|none		exactly these, see CHECK_*
 *	at DUR expect conflict=r0,r1|none
 *	at DUR expect takeovers=N | takeovers<=N
 *	until DUR				the end; else the last `at`
 */
#include <string.h>
#include <sys/socket.h>

#include "num.h"
#include "sim.h"
#include "vrrp.h"

/* What one line says, whatever it is of. */
struct words {
	struct scenario *sc;
	char *save;
	const char *bad;
};

static bool refuse(struct words *w, const char *word)
{
	if (!w->bad)
		w->bad = word;
	return false;
}

static const char *next(struct words *w)
{
	return strtok_r(NULL, " \t\n", &w->save);
}

static bool number(const char *s, int min, int max, int *out)
{
	return num_int(s, min, max, out);
}

static bool router_id(const char *s, int *id)
{
	uint64_t n;

	if (*s != 'r' || !num_u64(s + 1, 0, SIM_ROUTERS - 1, &n))
		return false;
	*id = (int)n;
	return true;
}

static bool link_end(const char *s, int *id)
{
	*id = SIM_ANY;
	return !strcmp(s, "*") || router_id(s, id);
}

/* r0>r1, r0>*, *>r1, *>* */
static bool link_ends(char *s, int *from, int *to)
{
	char *arrow = strchr(s, '>');

	if (!arrow)
		return false;
	*arrow = '\0';
	return link_end(s, from) && link_end(arrow + 1, to);
}

static bool group(char *s, unsigned *out)
{
	char *save, *t = strtok_r(s, ",", &save);
	int id;

	*out = 0;
	if (t && !strcmp(t, "none"))
		return true;
	for (; t; t = strtok_r(NULL, ",", &save)) {
		if (!router_id(t, &id))
			return false;
		*out |= 1u << id;
	}
	return *out != 0;
}

/* The value, where the word is key=value of that key. */
static const char *value_of(const char *word, const char *key)
{
	size_t n = strlen(key);

	return strncmp(word, key, n) || word[n] != '=' ? NULL : word + n + 1;
}

static bool flag(const char *v, const char *yes, const char *no, bool *out)
{
	*out = !strcmp(v, yes);
	return *out || !strcmp(v, no);
}

struct time_key {
	const char *key;
	int64_t *to;
};

static bool time_of(const char *word, const struct time_key *keys, size_t n)
{
	const char *v;

	for (size_t i = 0; i < n; i++)
		if ((v = value_of(word, keys[i].key)))
			return dur_parse(v, keys[i].to);
	return false;
}

static bool net_word(struct scenario *sc, const char *word)
{
	const struct time_key times[] = { { "delay", &sc->delay },
		{ "late", &sc->late }, { "bind", &sc->bind } };
	const char *v;
	bool six;

	if ((v = value_of(word, "version")))
		return number(v, 2, 3, &sc->version);
	if ((v = value_of(word, "vips")))
		return number(v, 1, 2, &sc->nvips);
	if ((v = value_of(word, "seed")))
		return num_u64(v, 0, UINT64_MAX, &sc->seed);
	if ((v = value_of(word, "secret")))
		return flag(v, "yes", "no", &sc->secret);
	if ((v = value_of(word, "preempt")))
		return flag(v, "yes", "no", &sc->preempt);
	if ((v = value_of(word, "family"))) {
		bool known = flag(v, "6", "4", &six);

		sc->family = six ? AF_INET6 : AF_INET;
		return known;
	}
	return time_of(word, times, sizeof times / sizeof *times);
}

static bool read_net(struct words *w)
{
	const char *word;

	while ((word = next(w)))
		if (!net_word(w->sc, word))
			return refuse(w, word);
	return true;
}

static bool clock_word(const char *v, int *ppm)
{
	char text[16];
	size_t n = strlen(v);

	if (n < 4 || n - 3 >= sizeof text || strcmp(v + n - 3, "ppm"))
		return false;
	memcpy(text, v, n - 3);
	text[n - 3] = '\0';
	return number(text, -SIM_PPM_MAX, SIM_PPM_MAX, ppm);
}

static bool policy_word(struct sim_router *r, const char *word)
{
	const char *v;
	bool is, known = false;

	if ((v = value_of(word, "handover"))) {
		known = flag(v, "break", "overlap", &is);
		r->cfg.handover = is ? HANDOVER_BREAK : HANDOVER_OVERLAP;
	} else if ((v = value_of(word, "rfc"))) {
		known = flag(v, "5798", "9568", &r->cfg.lower_no_advert);
	} else if ((v = value_of(word, "farewell"))) {
		known = flag(v, "no", "yes", &r->cfg.higher_no_advert);
	} else if ((v = value_of(word, "sum"))) {
		known = flag(v, "pseudo", "plain", &is);
		r->sum = is ? VRRP_SUM_PSEUDO : VRRP_SUM_PLAIN;
	}
	return known;
}

static bool router_word(struct sim_router *r, const char *word)
{
	const struct time_key times[] = { { "interval", &r->cfg.interval },
		{ "start-delay", &r->cfg.start_delay },
		{ "preempt-delay", &r->cfg.preempt_delay },
		{ "heartbeat", &r->cfg.heartbeat },
		{ "confirm", &r->cfg.confirm } };
	const char *v;
	int n = 0;
	bool ok;

	if ((v = value_of(word, "prio"))) {
		ok = number(v, 1, 255, &n);
		r->cfg.prio = (uint8_t)n;
		return ok;
	}
	if ((v = value_of(word, "host"))) {
		ok = number(v, 2, 254, &n);
		r->host = (uint8_t)n;
		return ok;
	}
	if ((v = value_of(word, "clock")))
		return clock_word(v, &r->ppm);
	return time_of(word, times, sizeof times / sizeof *times) ||
	       policy_word(r, word);
}

static bool read_router(struct words *w, const char *name)
{
	struct scenario *sc = w->sc;
	struct sim_router *r = &sc->router[sc->n];
	const char *word;

	if (sc->n == SIM_ROUTERS || !router_id(name, &r->id))
		return refuse(w, name);
	for (int i = 0; i < sc->n; i++)
		if (sc->router[i].id == r->id)
			return refuse(w, name);
	r->sum = VRRP_SUM_PLAIN;
	r->host = (uint8_t)(10 + r->id);
	r->cfg = (struct elect_cfg){ .interval = US_PER_S,
		.max_interval = 40950000 };
	while ((word = next(w)))
		if (!router_word(r, word))
			return refuse(w, word);
	sc->n++;
	return r->cfg.prio != 0 || refuse(w, "no prio=");
}

static bool check_of(struct sim_check *c, char *word)
{
	char *v = strchr(word, '=');
	static const char *const keys[] = { "master", "conflict", "takeovers" };

	if (!v)
		return false;
	*v++ = '\0';
	if (!strcmp(word, "takeovers<")) {
		c->most = true;
		word[strlen(word) - 1] = '\0';
	}
	for (c->kind = CHECK_MASTER; strcmp(word, keys[c->kind]);)
		if (c->kind++ == CHECK_TAKEOVERS)
			return false;
	return c->kind == CHECK_TAKEOVERS ? number(v, 0, 1000000, &c->num)
					  : group(v, &c->group);
}

static bool read_check(struct words *w, int64_t at)
{
	struct scenario *sc = w->sc;
	char *word;

	if (sc->nchecks && sc->check[sc->nchecks - 1].at > at)
		return refuse(w, "earlier than the last");
	while ((word = strtok_r(NULL, " \t\n", &w->save))) {
		if (sc->nchecks == SIM_CHECKS)
			return refuse(w, "too many checks");
		sc->check[sc->nchecks] = (struct sim_check){ .at = at };
		if (!check_of(&sc->check[sc->nchecks], word))
			return refuse(w, word);
		sc->nchecks++;
	}
	return true;
}

static bool fault_target(struct sim_fault *f, char *word)
{
	if (f->kind == SIM_SPLIT)
		return group(word, &f->group);
	if (f->kind > SIM_SPLIT)
		return link_ends(word, &f->who, &f->whom);
	return router_id(word, &f->who);
}

static bool fault_word(struct sim_fault *f, const char *word)
{
	const char *v;

	if ((v = value_of(word, "for")))
		return dur_parse(v, &f->len);
	if (f->kind == SIM_PRIO && (v = value_of(word, "to")))
		return number(v, 1, 254, &f->num);
	if (f->kind == SIM_LOSS && (v = value_of(word, "k")))
		return number(v, 1, 2, &f->num);
	if (f->kind == SIM_JUNK && (v = value_of(word, "kind")))
		return number(v, 0, 1000000, &f->num);
	return false;
}

static bool fault_kind(const char *word, enum sim_fault_kind *kind)
{
	for (*kind = 0; *kind < SIM_FAULT_N; ++*kind)
		if (!strcmp(word, sim_fault_words[*kind]))
			return true;
	return false;
}

static bool read_fault(struct words *w, const char *kind, int64_t at)
{
	struct scenario *sc = w->sc;
	struct sim_fault *f = &sc->fault[sc->nfaults];
	char *word;

	if (sc->nfaults == SIM_FAULTS)
		return refuse(w, "too many faults");
	if (sc->nfaults && f[-1].at > at)
		return refuse(w, "earlier than the last");
	*f = (struct sim_fault){ .at = at };
	if (!fault_kind(kind, &f->kind))
		return refuse(w, kind);
	word = strtok_r(NULL, " \t\n", &w->save);
	if (!word || !fault_target(f, word))
		return refuse(w, word ? word : "no router");
	while ((word = strtok_r(NULL, " \t\n", &w->save)))
		if (!fault_word(f, word))
			return refuse(w, word);
	if ((f->kind == SIM_PRIO || f->kind == SIM_LOSS) && !f->num)
		return refuse(w, "no number");
	sc->nfaults++;
	return true;
}

static bool read_at(struct words *w)
{
	struct scenario *sc = w->sc;
	const char *time = next(w), *what = next(w);
	int64_t at;

	if (!what || !dur_parse(time, &at))
		return refuse(w, time ? time : "no time");
	if (sc->until < at)
		sc->until = at;
	if (!strcmp(what, "expect"))
		return read_check(w, at);
	return read_fault(w, what, at);
}

static bool read_until(struct words *w)
{
	const char *word = next(w);

	return (word && dur_parse(word, &w->sc->until)) || refuse(w, "no time");
}

static bool read_line(struct words *w, char *line)
{
	const char *word;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, " \t\n", &w->save);
	if (!word)
		return true;
	if (!strcmp(word, "net"))
		return read_net(w);
	if (!strcmp(word, "at"))
		return read_at(w);
	if (!strcmp(word, "until"))
		return read_until(w);
	return read_router(w, word);
}

static void inherit(struct scenario *sc)
{
	for (int i = 0; i < sc->n; i++) {
		sc->router[i].cfg.version = (uint8_t)sc->version;
		sc->router[i].cfg.preempt = sc->preempt;
	}
}

bool sim_read(struct scenario *sc, FILE *in, char error[SIM_ERROR])
{
	struct words w = { .sc = sc };
	char line[512];
	int n = 0;

	*sc = (struct scenario){ .seed = 1,
		.version = 3,
		.family = AF_INET,
		.preempt = true,
		.nvips = 1 };
	while (fgets(line, sizeof line, in)) {
		n++;
		if (read_line(&w, line))
			continue;
		snprintf(error, SIM_ERROR, "line %d: %.90s", n, w.bad);
		return false;
	}
	inherit(sc);
	snprintf(error, SIM_ERROR, "fewer than two routers");
	return sc->n >= 2;
}
