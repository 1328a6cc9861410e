#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "edits.h"
#include "follow.h"
#include "ipvs_follow.h"
#include "lines.h"
#include "num.h"
#include "ready.h"
#include "stream.h"

#define RETRY US_PER_S /* after the kernel refused an edit */

_Static_assert(STREAM_SUBJECTS == FOLLOW_SUBJECTS, "the same numbers");

static struct ipvs_table conf;

static struct run {
	struct follow follow;
	struct stream stream;
	struct options *o;
	const struct ipvs_table *only; /* that we may touch; NULL: all */
	struct mono resync, beat;
	int code; /* of the last look at the kernel */
	bool full;
} self;

/* ---- The configuration. */

struct reading {
	unsigned bad, lines;
};

static const char *model(struct ipvs_cmd *c)
{
	const char *why;
	int err;

	if (c->verb == IPVS_SET || c->verb == IPVS_START)
		return NULL; /* no services: not ours */
	if (c->verb != IPVS_ADD && c->verb != IPVS_ADD_DEST)
		return "no part of a table: -A and -a are";
	err = ipvs_cmd_model(&table_want, c, &why);
	return err ? session_words(c->verb, err) : NULL;
}

static void take_conf(
	void *arg, unsigned nr, struct ipvs_cmd *c, const char *why)
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

/* Into table_want; false: it is not to be used. */
static bool read_file(const char *path)
{
	struct reading r = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	ipvs_reset(&table_want);
	if (fd < 0) {
		warn("%s: %s", path, errno_str(errno, NULL));
		return false;
	}
	err = lines_read(fd, NULL, take_conf, &r);
	close(fd);
	if (err || r.bad || !r.lines)
		warn("%s: %s", path,
			err	? errno_str(err, NULL)
			: r.bad ? "bad lines: not used"
				: "empty: not used");
	return !err && !r.bad && r.lines;
}

/* The services that were named, or all. */
static void copy_conf(const struct ipvs_table *from, const struct options *o)
{
	ipvs_reset(&conf);
	for (uint32_t s = 0; s < from->nsvcs; s++) {
		uint32_t to;

		if (o->nsvcs &&
			ipvs_find_svc(&table_only, &from->svcs[s]) == IPVS_NONE)
			continue;
		to = ipvs_put_svc(&conf, &from->svcs[s]);
		for (uint32_t d = ipvs_first_dest(from, s); d != IPVS_NONE;
			d = ipvs_next_dest(from, d))
			ipvs_put_dest(&conf, to, &from->dests[d]);
	}
}

static bool read_conf(struct run *r)
{
	if (!read_file(r->o->table))
		return false;
	copy_conf(&table_want, r->o);
	follow_reread(&r->follow);
	return true;
}

/* ---- Lines. */

static const struct follow_map *find_map(
	const struct options *o, const char *subject)
{
	for (size_t i = 0; i < o->nmaps; i++)
		if (strcmp(o->maps[i].name, subject) == 0)
			return &o->maps[i];
	return NULL;
}

/* Which server is it about?  --server, then addr=, then the subject. */
static bool server_of(const struct run *r, const struct line *l, struct addr *a,
	uint16_t *port, bool *told)
{
	const struct follow_map *m = find_map(r->o, l->subject);
	const char *text = line_get(l, "addr");

	if (m) {
		*a = m->addr;
		*port = m->port;
		*told = m->port_told;
		return true;
	}
	return ipvs_parse_addrport(a, port, told, text ? text : l->subject);
}

static void warn_full(struct run *r, const char *what)
{
	if (!r->full)
		warn("%s: more than we keep: skipped", what);
	r->full = true;
}

static int take(void *arg, struct line *l)
{
	struct run *r = arg;
	enum line_word word = line_word(l->word);
	const char *text = line_get(l, "weight");
	uint64_t number;
	uint32_t weight;
	struct addr a;
	uint16_t port;
	bool told;
	int subject;

	if ((word != WORD_UP && word != WORD_DOWN) ||
		!server_of(r, l, &a, &port, &told))
		return -1;
	subject = follow_subject(&r->follow, l->subject);
	if (subject < 0) {
		warn_full(r, l->subject);
		return -1;
	}
	if (text && !num_u64(text, 0, INT32_MAX, &number))
		text = NULL;
	weight = text ? (uint32_t)number : 0;
	follow_line(&r->follow, subject, word == WORD_UP, &a, port, told,
		text ? &weight : NULL, r->stream.now);
	return subject;
}

/* ---- The kernel. */

static int refused(struct run *r, int err)
{
	if (r->code == EXIT_YES)
		warn("%s", session_words(IPVS_NOTHING, err));
	return session_code(IPVS_NOTHING, err);
}

/* Refusals are told once, until all is well again. */
static int put_right(struct run *r)
{
	static struct kernel_edit e[KERNEL_BATCH];
	int code = EXIT_YES, err;
	struct ipvs_diff d;
	size_t n;

	ipvs_diff_start(&d, &table_have, &table_want, &conf);
	do {
		for (n = 0; n < KERNEL_BATCH && ipvs_diff_next(&d, &e[n].cmd);)
			e[n++].tag = 0;
		err = n ? kernel_edit(&r->o->session.k, e, n) : 0;
		if (err)
			return refused(r, err);
		for (size_t i = 0; i < n; i++) {
			if (!e[i].err)
				continue;
			if (r->code == EXIT_YES && code == EXIT_YES)
				session_warn(&e[i]);
			code = session_worse(
				code, session_code(e[i].cmd.verb, e[i].err));
		}
	} while (n == KERNEL_BATCH);
	return code;
}

static int look_and_act(struct run *r)
{
	int err;

	ipvs_reset(&table_have);
	err = kernel_load(&r->o->session.k, &table_have);
	if (err)
		return refused(r, err);
	if (!r->o->table && !follow_refresh(&r->follow, &table_have, r->only))
		return refused(r, -ENOSPC);
	if (!follow_want(&r->follow, &table_want, r->stream.now))
		return refused(r, -ENOSPC);
	return put_right(r);
}

/* ---- Lines out. */

static bool say_svc(struct run *r, uint32_t svc)
{
	const struct follow_svc *s = &r->follow.svcs[svc];
	char name[128];
	struct txt t = txt_init(name, sizeof name);
	struct line_out o;

	ipvs_svc_subject(&t, &conf.svcs[svc]);
	line_begin(&o, r->o->json, s->up ? "UP" : "DOWN", name);
	line_num(&o, "live", s->live);
	line_num(&o, "quorum", r->o->follow.quorum);
	line_num(&o, "up", s->up_servers);
	line_num(&o, "servers", s->servers);
	if (r->o->follow.sorry.addr.family)
		line_str(&o, "sorry", s->up ? "no" : "yes");
	return stream_say(&r->stream, o.buf, line_end(&o));
}

/* What does not get out now is told in the next turn. */
static void say_services(struct run *r, bool all)
{
	struct follow *f = &r->follow;

	for (uint32_t s = ipvs_next_svc(&conf, 0); s != IPVS_NONE;
		s = ipvs_next_svc(&conf, s + 1)) {
		if (f->svcs[s].known && (all || !f->svcs[s].told))
			f->svcs[s].told = say_svc(r, s);
	}
}

static bool owes(const struct run *r)
{
	for (uint32_t s = ipvs_next_svc(&conf, 0); s != IPVS_NONE;
		s = ipvs_next_svc(&conf, s + 1))
		if (r->follow.svcs[s].known && !r->follow.svcs[s].told)
			return true;
	return false;
}

/* ---- The turn. */

static struct mono deadline(const struct run *r)
{
	struct mono d = mono_min(r->resync, r->follow.next);

	if (r->o->heartbeat)
		d = mono_min(d, r->beat);
	if (r->code != EXIT_YES || owes(r))
		d = mono_min(d, mono_add(r->stream.now, RETRY));
	return d;
}

static bool is_due(struct run *r)
{
	struct mono now = r->stream.now;
	bool due = r->stream.n || r->code != EXIT_YES ||
		   mono_due(r->resync, now) || mono_due(r->follow.next, now);

	if (mono_due(r->resync, now))
		r->resync = mono_add(now, r->o->resync);
	return due;
}

static bool beats(struct run *r)
{
	bool all = r->stream.again;

	r->stream.again = false;
	if (!r->o->heartbeat || !mono_due(r->beat, r->stream.now))
		return all;
	r->beat = mono_add(r->stream.now, r->o->heartbeat);
	return true;
}

static void turn(struct run *r)
{
	struct stream *s = &r->stream;
	bool reread = s->hup && r->o->table;

	s->hup = false;
	if (reread)
		read_conf(r);
	stream_read(s, take, r);
	if (is_due(r) || reread)
		r->code = look_and_act(r);
	stream_pass(s);
	say_services(r, beats(r));
}

static int end(struct run *r)
{
	const char *why = r->stream.in.eof ? "end of input" : "stopped";

	if (r->o->eof_down) {
		r->follow.all_down = true;
		r->code = look_and_act(r);
		say_services(r, false);
	}
	if (r->o->words >= 0)
		warn("%s: %s", why,
			r->o->eof_down ? "all servers are down"
				       : "the table stays as it is");
	return stream_end(&r->stream, r->code);
}

static void open_conf(struct run *r, struct options *o)
{
	for (size_t i = 0; i < o->nsvcs; i++)
		ipvs_put_svc(&table_only, &o->svcs[i]);
	r->only = o->nsvcs ? &table_only : NULL;
	follow_init(&r->follow, &o->follow, &conf);
	if (o->table && !read_conf(r))
		die(EXIT_MISUSE, "%s: no table to begin with", o->table);
}

int follow(struct options *o)
{
	struct run *r = &self;

	r->o = o;
	open_conf(r, o);
	session_open(&o->session);
	stream_open(&r->stream, o);
	o->session.files = o->table != NULL;
	o->session.keep_user = o->prog || o->table;
	session_confine(&o->session);
	r->resync = r->stream.now;
	r->beat = mono_add(r->stream.now, o->heartbeat);
	turn(r);
	ready(o->ready_fd);
	while (!stream_over(&r->stream)) {
		stream_wait(&r->stream, deadline(r));
		if (r->stream.stop)
			break;
		turn(r);
	}
	return end(r);
}
