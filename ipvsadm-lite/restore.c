#include <errno.h>
#include <unistd.h>

#include "die.h"
#include "edits.h"
#include "lines.h"
#include "names.h"
#include "restore.h"

#define LINE_VERBS                                                             \
	(1u << IPVS_ADD | 1u << IPVS_EDIT | 1u << IPVS_DEL |                   \
		1u << IPVS_CLEAR | 1u << IPVS_ADD_DEST |                       \
		1u << IPVS_EDIT_DEST | 1u << IPVS_DEL_DEST | 1u << IPVS_ZERO | \
		1u << IPVS_SET | 1u << IPVS_START | 1u << IPVS_STOP)

static struct edits batch;

static const char *fit_for_line(const struct ipvs_cmd *c)
{
	return LINE_VERBS & 1u << c->verb ? NULL
					  : "this command is not for a line";
}

/* ---- Edits of what is there. */

static int refused(const struct ipvs_cmd *c, unsigned tag, int err)
{
	if (tag)
		lines_warn(tag, c, session_words(c->verb, err));
	else
		warn("%s", session_words(c->verb, err));
	return session_code(c->verb, err);
}

int restore_edit(struct session *s, struct ipvs_cmd *c, unsigned tag)
{
	static struct kernel_edit e;
	const char *why;
	int err;

	ipvs_reset(&table_have);
	err = kernel_load_svc(&s->k, &table_have, &c->svc);
	if (err)
		return refused(c, tag, err);
	err = ipvs_cmd_model(&table_have, c, &why);
	if (err && why) {
		lines_warn(tag, c, why);
		return EXIT_MISUSE;
	}
	if (err)
		return refused(c, tag, err);
	e = (struct kernel_edit){ .cmd = *c, .tag = tag };
	return session_edit(s, &e, 1);
}

/* ---- Line by line. */

static void bad_line(unsigned nr, const struct ipvs_cmd *c, const char *why)
{
	lines_warn(nr, c, why);
	batch.code = session_worse(batch.code, EXIT_MISUSE);
}

static void take(void *arg, unsigned nr, struct ipvs_cmd *c, const char *why)
{
	struct session *s = arg;

	if (!why)
		why = fit_for_line(c);
	if (why) {
		bad_line(nr, c, why);
		return;
	}
	if (c->verb != IPVS_EDIT && c->verb != IPVS_EDIT_DEST) {
		edits_add(&batch, c, nr);
		return;
	}
	edits_flush(&batch);
	batch.code = session_worse(batch.code, restore_edit(s, c, nr));
}

/* ---- All or nothing: on a copy first, then what is different. */

static void take_atomic(
	void *arg, unsigned nr, struct ipvs_cmd *c, const char *why)
{
	int err;

	(void)arg;
	if (!why)
		why = fit_for_line(c);
	if (!why && c->verb == IPVS_ZERO)
		why = "-Z cannot be undone: not with --atomic";
	if (why) {
		bad_line(nr, c, why);
		return;
	}
	err = ipvs_cmd_model(&table_want, c, &why);
	if (!err)
		return;
	lines_warn(nr, c, why ? why : session_words(c->verb, err));
	batch.code = session_worse(
		batch.code, why ? EXIT_MISUSE : session_code(c->verb, err));
}

static void load(struct session *s, struct ipvs_table *t)
{
	int err;

	ipvs_reset(t);
	err = kernel_load(&s->k, t);
	if (err)
		die(EXIT_SYSTEM, "%s", session_words(IPVS_NOTHING, err));
}

/* The present table becomes what it was. */
static void roll_back(struct session *s)
{
	struct ipvs_diff d;
	uint64_t done;

	load(s, &table_want);
	ipvs_diff_start(&d, &table_want, &table_have, NULL);
	if (edits_apply(s, &d, &done) != EXIT_YES)
		warn("the table could not be put back as it was");
	else
		warn("nothing was applied");
}

static int commit(struct session *s)
{
	struct ipvs_diff d;
	uint64_t done;
	int code;

	ipvs_diff_start(&d, &table_have, &table_want, NULL);
	code = edits_apply(s, &d, &done);
	if (code != EXIT_YES)
		roll_back(s);
	return code;
}

static int restore_atomic(struct session *s, const struct ipvs_names *names)
{
	int err;

	load(s, &table_have);
	load(s, &table_want);
	err = lines_read(STDIN_FILENO, names, take_atomic, s);
	if (err)
		die(EXIT_SYSTEM, "stdin: %s", errno_str(err, NULL));
	if (batch.code == EXIT_YES)
		return commit(s);
	warn("nothing was applied");
	return batch.code;
}

int restore(struct session *s, const struct ipvs_cmd *c)
{
	const struct ipvs_names *names = s->resolve ? &names_lookup : NULL;
	int err;

	session_confine(s);
	batch.s = s;
	if (c->seen & IPVS_BIT(IPVS_O_ATOMIC))
		return restore_atomic(s, names);
	err = lines_read(STDIN_FILENO, names, take, s);
	edits_flush(&batch);
	if (err)
		die(EXIT_SYSTEM, "stdin: %s", errno_str(err, NULL));
	return batch.code;
}
