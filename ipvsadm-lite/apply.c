#include <unistd.h>

#include "apply.h"
#include "die.h"
#include "edits.h"
#include "lines.h"

#define LINE_LEN 512
#define TRIES	 3 /* others may edit at the same time */
#define VERBS                                                                  \
	(1u << IPVS_ADD | 1u << IPVS_ADD_DEST | 1u << IPVS_SET |               \
		1u << IPVS_START)

/* ---- The table that is wanted. */

struct reading {
	unsigned bad, lines;
};

static const char *model(struct ipvs_cmd *c)
{
	const char *why;
	int err;

	if (!(VERBS & 1u << c->verb))
		return "no part of a table: -A, -a, --set, --start-daemon are";
	err = ipvs_cmd_model(&table_want, c, &why);
	return err ? session_words(c->verb, err) : NULL;
}

static void take(void *arg, unsigned nr, struct ipvs_cmd *c, const char *why)
{
	struct reading *r = arg;

	r->lines++;
	if (!why)
		why = model(c);
	if (!why)
		return;
	lines_warn(nr, c, why);
	r->bad++;
}

static void read_table(const struct options *o)
{
	struct reading r = { 0 };
	int err = lines_read(STDIN_FILENO, NULL, take, &r);

	if (err)
		die(EXIT_SYSTEM, "stdin: %s", errno_str(err, NULL));
	if (r.bad)
		die(EXIT_MISUSE, "%u bad lines: nothing was applied", r.bad);
	if (!r.lines && !o->empty)
		die(EXIT_MISUSE, "stdin: no table there (--empty removes all)");
}

/* A service that was not named has no place in the table. */
static const struct ipvs_table *restrict_to(const struct options *o)
{
	if (!o->only)
		return NULL;
	for (size_t i = 0; i < o->nsvcs; i++)
		ipvs_put_svc(&table_only, &o->svcs[i]);
	return &table_only;
}

/* ---- The edits. */

static void start(
	struct options *o, struct ipvs_diff *d, const struct ipvs_table *only)
{
	int err;

	ipvs_reset(&table_have);
	err = kernel_load(&o->session.k, &table_have);
	if (err)
		die(session_code(IPVS_NOTHING, err), "%s",
			session_words(IPVS_NOTHING, err));
	ipvs_diff_start(d, &table_have, &table_want, only);
}

static int print(struct ipvs_diff *d)
{
	static struct ipvs_cmd c;
	char text[LINE_LEN];
	int code = EXIT_YES;

	while (ipvs_diff_next(d, &c)) {
		struct txt t = txt_init(text, sizeof text);

		ipvs_cmd_text(&t, &c);
		txt_str(&t, "\n");
		sink_txt(&t);
		code = EXIT_NO;
	}
	return session_worse(code, sink_end());
}

int apply(struct options *o)
{
	const struct ipvs_table *only = restrict_to(o);
	struct ipvs_diff d;
	uint64_t done = 0;
	int code = EXIT_YES;

	session_open(&o->session);
	session_confine(&o->session);
	read_table(o);
	start(o, &d, only);
	if (o->diff)
		return print(&d);
	for (int i = 0; i < TRIES; i++) {
		code = edits_apply(&o->session, &d, &done);
		if (o->words > 0)
			warn("%llu edits", (unsigned long long)done);
		if (code != EXIT_NO)
			break;
		start(o, &d, only);
	}
	return code;
}
