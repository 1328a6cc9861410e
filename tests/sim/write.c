/* A scenario as text; what is usual is not said.  read.c takes it again. */
#include <sys/socket.h>

#include "num.h"
#include "sim.h"
#include "vrrp.h"

static void say_time(FILE *out, const char *key, int64_t us, int64_t usual)
{
	char text[DUR_STRLEN];

	if (us != usual)
		fprintf(out, " %s=%s", key, dur_str(us, text));
}

static void write_net(const struct scenario *sc, FILE *out)
{
	fprintf(out, "net version=%d", sc->version);
	if (sc->family == AF_INET6)
		fputs(" family=6", out);
	if (sc->nvips != 1)
		fprintf(out, " vips=%d", sc->nvips);
	if (sc->secret)
		fputs(" secret=yes", out);
	if (!sc->preempt)
		fputs(" preempt=no", out);
	say_time(out, "delay", sc->delay, 0);
	say_time(out, "late", sc->late, 0);
	say_time(out, "bind", sc->bind, 0);
	fprintf(out, " seed=%llu\n", (unsigned long long)sc->seed);
}

static void write_router(const struct sim_router *r, FILE *out)
{
	const struct elect_cfg *c = &r->cfg;

	fprintf(out, "r%d prio=%d host=%d", r->id, c->prio, r->host);
	say_time(out, "interval", c->interval, US_PER_S);
	if (r->ppm)
		fprintf(out, " clock=%+dppm", r->ppm);
	if (c->handover == HANDOVER_BREAK)
		fputs(" handover=break", out);
	if (c->lower_no_advert)
		fputs(" rfc=5798", out);
	if (c->higher_no_advert)
		fputs(" farewell=no", out);
	if (r->sum == VRRP_SUM_PSEUDO)
		fputs(" sum=pseudo", out);
	say_time(out, "start-delay", c->start_delay, 0);
	say_time(out, "preempt-delay", c->preempt_delay, 0);
	say_time(out, "heartbeat", c->heartbeat, 0);
	say_time(out, "confirm", c->confirm, 0);
	fputc('\n', out);
}

static void write_end(int id, FILE *out)
{
	if (id == SIM_ANY)
		fputc('*', out);
	else
		fprintf(out, "r%d", id);
}

static void write_group(unsigned group, FILE *out)
{
	const char *comma = "";

	if (!group)
		fputs("none", out);
	for (int i = 0; i < SIM_ROUTERS; i++)
		if (group >> i & 1) {
			fprintf(out, "%sr%d", comma, i);
			comma = ",";
		}
}

static void write_fault(const struct sim_fault *f, FILE *out)
{
	char text[DUR_STRLEN];

	fprintf(out, "at %s %s ", dur_str(f->at, text),
		sim_fault_words[f->kind]);
	if (f->kind == SIM_SPLIT) {
		write_group(f->group, out);
	} else if (f->kind >= SIM_SPLIT) {
		write_end(f->kind == SIM_HEAVY ? SIM_ANY : f->who, out);
		fputc('>', out);
		write_end(f->kind == SIM_HEAVY ? SIM_ANY : f->whom, out);
	} else {
		write_end(f->who, out);
	}
	if (f->kind == SIM_PRIO)
		fprintf(out, " to=%d", f->num);
	if (f->kind == SIM_JUNK)
		fprintf(out, " kind=%d", f->num);
	if (f->kind == SIM_LOSS)
		fprintf(out, " k=%d", f->num);
	if (f->kind < SIM_PRIO || f->kind >= SIM_SPLIT)
		say_time(out, "for", f->len, -1);
	fputc('\n', out);
}

static void write_check(const struct sim_check *c, FILE *out)
{
	char text[DUR_STRLEN];

	fprintf(out, "at %s expect ", dur_str(c->at, text));
	if (c->kind == CHECK_TAKEOVERS) {
		fprintf(out, "takeovers%s=%d\n", c->most ? "<" : "", c->num);
		return;
	}
	fputs(c->kind == CHECK_MASTER ? "master=" : "conflict=", out);
	write_group(c->group, out);
	fputc('\n', out);
}

void sim_write(const struct scenario *sc, FILE *out)
{
	char text[DUR_STRLEN];

	write_net(sc, out);
	for (int i = 0; i < sc->n; i++)
		write_router(&sc->router[i], out);
	for (int i = 0; i < sc->nfaults; i++)
		write_fault(&sc->fault[i], out);
	for (int i = 0; i < sc->nchecks; i++)
		write_check(&sc->check[i], out);
	fprintf(out, "until %s\n", dur_str(sc->until, text));
}
