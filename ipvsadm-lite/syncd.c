#include <string.h>

#include "clock.h"
#include "die.h"
#include "ready.h"
#include "stream.h"
#include "syncd.h"

#define SUBJECTS 256
#define NAME_LEN 256

static struct syncd {
	struct stream stream;
	struct options *o;
	enum ipvs_role role; /* that is wanted; off: not told yet */
	int failed;	     /* the last code that was not 0 */
	size_t nsubjects;
	struct {
		char name[NAME_LEN];
		bool up;
	} subjects[SUBJECTS];
} self;

/* ---- Who is master. */

static int find_subject(struct syncd *d, const char *name)
{
	size_t i = 0;

	while (i < d->nsubjects && strcmp(d->subjects[i].name, name) != 0)
		i++;
	if (i < d->nsubjects)
		return (int)i;
	if (i == SUBJECTS || strlen(name) >= NAME_LEN)
		return -1;
	memcpy(d->subjects[i].name, name, strlen(name) + 1);
	d->nsubjects++;
	return (int)i;
}

/* One that is MASTER is enough. */
static int take(void *arg, struct line *l)
{
	struct syncd *d = arg;
	enum line_word word = line_word(l->word);
	int subject;

	if (word == WORD_OTHER)
		return -1;
	subject = find_subject(d, l->subject);
	if (subject < 0)
		return -1;
	d->subjects[subject].up = line_word_is_up(word);
	d->role = IPVS_BACKUP;
	for (size_t i = 0; i < d->nsubjects; i++)
		if (d->subjects[i].up)
			d->role = IPVS_MASTER;
	return subject;
}

/* ---- The kernel's daemon. */

static int edit(struct syncd *d, enum ipvs_verb verb, enum ipvs_role role)
{
	static struct kernel_edit e;

	ipvs_cmd_daemon(&e.cmd, verb, &d->o->daemon);
	e.cmd.daemon.role = role;
	return session_edit(&d->o->session, &e, 1);
}

/* The other one first: both would send and take their own. */
static int become(struct syncd *d, enum ipvs_role role)
{
	const struct ipvs_daemon *have = table_have.daemons;
	struct ipvs_daemon want = d->o->daemon;
	int code = EXIT_YES;

	want.role = role;
	for (int i = 0; i < 2; i++)
		if (have[i].role &&
			(have[i].role != role ||
				!ipvs_daemon_equal(&have[i], &want)))
			code = session_worse(
				code, edit(d, IPVS_STOP, have[i].role));
	if (role && !(have[role - 1].role &&
			    ipvs_daemon_equal(&have[role - 1], &want)))
		code = session_worse(code, edit(d, IPVS_START, role));
	return code;
}

static int follow_role(struct syncd *d, enum ipvs_role role)
{
	int err;

	ipvs_reset(&table_have);
	err = kernel_load_rest(&d->o->session.k, &table_have);
	if (err) {
		warn("%s", session_words(IPVS_START, err));
		return session_code(IPVS_START, err);
	}
	return become(d, role);
}

/* ---- The turn. */

static void turn(struct syncd *d, struct mono *resync)
{
	struct stream *s = &d->stream;
	enum ipvs_role was = d->role;

	stream_wait(s, *resync);
	stream_read(s, take, d);
	if (s->stop)
		return;
	if (d->role && (s->n || d->role != was || mono_due(*resync, s->now)))
		d->failed = follow_role(d, d->role);
	if (d->role != was && s->o->words > 0)
		warn("%s on %s", d->role == IPVS_MASTER ? "master" : "backup",
			d->o->daemon.ifname);
	if (mono_due(*resync, s->now))
		*resync = mono_add(s->now, d->o->resync);
	stream_pass(s);
}

int syncd(struct options *o)
{
	struct syncd *d = &self;
	struct mono resync;
	int code;

	d->o = o;
	session_open(&o->session);
	stream_open(&d->stream, o);
	o->session.keep_user = o->prog != NULL;
	session_confine(&o->session);
	ready(o->ready_fd);
	resync = mono_add(d->stream.now, o->resync);
	while (!stream_over(&d->stream))
		turn(d, &resync);
	code = d->role && !o->eof_keep ? follow_role(d, IPVS_OFF) : EXIT_YES;
	return stream_end(&d->stream, session_worse(code, d->failed));
}
