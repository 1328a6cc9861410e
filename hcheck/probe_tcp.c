/* tcp:// and tls://: a connection, and what is said on it. */
#include <string.h>

#include "match.h"
#include "stream.h"
#include "tls.h"

/* Carries out steps until one has to wait. */
static void go_on(struct probe *p)
{
	struct dialogue *d = &p->u.dialogue;

	while (!p->done && d->step < p->s->nsteps) {
		const struct step *st = p->s->steps[d->step];

		if (st->kind == STEP_EXPECT) {
			if (!match_holds(&st->match, d->got, d->n))
				return;
			d->n = 0;
		}
		d->step++;
		if (st->kind == STEP_SEND)
			stream_send(p, st->match.bytes.byte, st->match.bytes.n);
		if (st->kind == STEP_STARTTLS) {
			d->n = 0;
			stream_starttls(p);
			return; /* open() comes again */
		}
	}
	if (!p->done)
		probe_up(p);
}

static void open_dialogue(struct probe *p)
{
	p->stage = "first-byte";
	go_on(p);
}

static void take(struct probe *p, const uint8_t *data, size_t n)
{
	struct dialogue *d = &p->u.dialogue;
	size_t room = sizeof d->got - 1 - d->n, keep = n < room ? n : room;

	p->stage = "expect";
	memcpy(d->got + d->n, data, keep);
	d->n += keep;
	d->got[d->n] = '\0';
	go_on(p);
	if (!p->done && d->n == sizeof d->got - 1)
		probe_down(p, "no-match");
}

static void end(struct probe *p)
{
	probe_down(p, p->u.dialogue.n ? "no-match" : "closed");
}

static const struct proto dialogue = { open_dialogue, take, end };

static void start(struct probe *p)
{
	p->u.dialogue.step = p->u.dialogue.n = 0;
	p->u.dialogue.got[0] = '\0';
	stream_start(p, &dialogue);
}

static const char *accept_tcp(const struct url *u, struct settings *s)
{
	(void)u;
	return s->starttls ? tls_context(s) : NULL;
}

static const char *accept_tls(const struct url *u, struct settings *s)
{
	(void)u;
	return s->starttls ? "starttls within TLS" : tls_context(s);
}

const struct kind kind_tcp = { accept_tcp, start, stream_ready, NULL, NULL };
const struct kind kind_tls = { accept_tls, start, stream_ready, NULL, NULL };
