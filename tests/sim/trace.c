/* The last events, kept to be printed when something fails. */
#include <stdarg.h>

#include "world.h"

static void print_note(FILE *out, const struct sim *s, const struct note *t)
{
	fprintf(out, "# %14.6f  r%d %-12s", (double)t->at / 1e6,
		s->node[t->node].r->id, t->what);
	if (t->from == FORGER)
		fprintf(out, " from the forger");
	else if (t->from != t->node)
		fprintf(out, " from r%d", s->node[t->from].r->id);
	fprintf(out, " %d\n", t->num);
}

void note(struct sim *s, const char *what, int node, int from, int num)
{
	struct note *t = &s->trace[s->ntrace++ % TRACE];

	*t = (struct note){ s->now, what, node, from, num };
	if (s->log)
		print_note(s->log, s, t);
}

static void print_nodes(FILE *out, const struct sim *s)
{
	for (int i = 0; i < s->n; i++) {
		const struct node *v = &s->node[i];
		char text[ADDR_STRLEN];

		fprintf(out, "# r%d %s prio %d A %.3f s: %s%s%s%s\n", v->r->id,
			addr_str(&v->addr, text), v->prio,
			(double)v->r->cfg.interval / 1e6,
			elect_state_str(v->e.state), v->up ? "" : " down",
			v->stalled ? " stalled" : "", v->mute ? " mute" : "");
	}
}

static void print_trace(FILE *out, const struct sim *s)
{
	uint64_t i = s->ntrace > TRACE ? s->ntrace - TRACE : 0;

	for (; i < s->ntrace; i++)
		print_note(out, s, &s->trace[i % TRACE]);
}

void fail(struct sim *s, const char *invariant, const char *fmt, ...)
{
	struct sim_failure *f = s->fail;
	FILE *out;
	va_list ap;

	if (f->failed)
		return;
	f->failed = true;
	f->invariant = invariant;
	f->at = s->now;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	out = fmemopen(f->trace, sizeof f->trace, "w");
	if (!out)
		return;
	print_nodes(out, s);
	print_trace(out, s);
	fclose(out);
}
