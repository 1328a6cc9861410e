#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "clock.h"
#include "die.h"
#include "drain.h"
#include "sig.h"

static struct drain {
	struct options *o;
	const struct ipvs_svc *svc; /* in table_have */
	struct ipvs_dest *dest;
	int sigs;
} self;

/* ---- The server, as the kernel has it now. */

static int look(struct drain *d)
{
	struct ipvs_table *t = &table_have;
	uint32_t s, i;
	int err;

	ipvs_reset(t);
	err = kernel_load_svc(&d->o->session.k, t, &d->o->svcs[0]);
	if (err)
		return err;
	s = ipvs_find_svc(t, &d->o->svcs[0]);
	i = ipvs_find_dest(t, s, &d->o->server);
	if (i == IPVS_NONE)
		return -ENOENT;
	d->svc = &t->svcs[s];
	d->dest = &t->dests[i];
	return 0;
}

static int edit(struct drain *d, enum ipvs_verb verb)
{
	static struct kernel_edit e;

	ipvs_cmd_add_dest(&e.cmd, d->svc, d->dest);
	e.cmd.verb = verb;
	return session_edit(&d->o->session, &e, 1);
}

/* Others may have given it weight again. */
static int quiesce(struct drain *d)
{
	if (!d->dest->weight)
		return EXIT_YES;
	d->dest->weight = 0;
	return edit(d, IPVS_EDIT_DEST);
}

static uint64_t left(const struct drain *d)
{
	return (uint64_t)d->dest->active + d->dest->inactive;
}

/* ---- The wait. */

/* True when we are told to stop. */
static bool pause_until(struct drain *d, struct mono until, struct mono now)
{
	struct pollfd p = { .fd = d->sigs, .events = POLLIN };
	struct timespec ts;

	if (ppoll(&p, 1, mono_timespec(&ts, until, now), NULL) <= 0)
		return false;
	for (int sig; (sig = sig_next(d->sigs)) != 0;)
		if (sig == SIGTERM || sig == SIGINT)
			return true;
	return false;
}

static int remove_it(struct drain *d, int code)
{
	if (d->o->words > 0 || code == EXIT_LATE)
		warn("%s: removed with %llu connections left",
			d->o->server_text, (unsigned long long)left(d));
	return session_worse(code, edit(d, IPVS_DEL_DEST));
}

static int wait_for_end(struct drain *d)
{
	struct mono now = mono_now(), end = MONO_NEVER;
	int err, code;

	if (d->o->max)
		end = mono_add(now, d->o->max);
	while ((err = look(d)) == 0) {
		code = quiesce(d);
		if (code != EXIT_YES)
			return code;
		if (!left(d))
			return remove_it(d, EXIT_YES);
		now = mono_now();
		if (mono_due(end, now))
			return remove_it(d, EXIT_LATE);
		if (pause_until(
			    d, mono_min(end, mono_add(now, d->o->poll)), now)) {
			warn("%s: left at weight 0", d->o->server_text);
			return EXIT_YES;
		}
	}
	/* somebody else removed it meanwhile */
	return err == -ENOENT || err == -ESRCH
		       ? EXIT_YES
		       : session_code(IPVS_DEL_DEST, err);
}

int drain(struct options *o)
{
	struct drain *d = &self;
	int err;

	d->o = o;
	session_open(&o->session);
	d->sigs = sig_open();
	if (d->sigs < 0)
		die(EXIT_SYSTEM, "signals: %s", errno_str(d->sigs, NULL));
	session_confine(&o->session);
	err = look(d);
	if (err)
		die(session_code(IPVS_DEL_DEST, err), "%s: %s", o->server_text,
			session_words(IPVS_DEL_DEST, err));
	return wait_for_end(d);
}
