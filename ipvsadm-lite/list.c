#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "ipvs_list.h"
#include "list.h"
#include "list_json.h"
#include "names.h"

#define CONN_FILE "/proc/self/net/ip_vs_conn"

static uint32_t order[IPVS_DESTS], spare[IPVS_DESTS];
static uint32_t svc_order[IPVS_SVCS], svc_spare[IPVS_SVCS];
static char text[IPVS_LINE_LEN * 2];

static bool named(const struct ipvs_cmd *c, enum ipvs_opt opt)
{
	return c->seen & IPVS_BIT(opt);
}

/* As ipvsadm, the first of these wins. */
static enum ipvs_layout layout_of(const struct ipvs_cmd *c)
{
	return named(c, IPVS_O_STATS)		  ? IPVS_L_STATS
	       : named(c, IPVS_O_RATE)		  ? IPVS_L_RATE
	       : named(c, IPVS_O_THRESHOLDS)	  ? IPVS_L_THRESHOLDS
	       : named(c, IPVS_O_PERSISTENT_CONN) ? IPVS_L_PERSISTENT
	       : named(c, IPVS_O_TUN_INFO)	  ? IPVS_L_TUNNEL
						  : IPVS_L_PLAIN;
}

static void put_version(const struct session *s)
{
	struct txt t = txt_init(text, sizeof text);

	txt_str(&t, "IP Virtual Server version ");
	txt_num(&t, s->k.version >> 16 & 0xff);
	txt_str(&t, ".");
	txt_num(&t, s->k.version >> 8 & 0xff);
	txt_str(&t, ".");
	txt_num(&t, s->k.version & 0xff);
	txt_str(&t, " (size=");
	txt_num(&t, s->k.size);
	txt_str(&t, ")\n");
	sink_txt(&t);
}

static void put_svc(const struct ipvs_list *l, uint32_t svc, bool sorted)
{
	const struct ipvs_table *t = &table_have;
	size_t n = ipvs_sort_dests(t, svc, order, sorted ? spare : NULL);
	struct txt x = txt_init(text, sizeof text);

	ipvs_list_svc(&x, l, &t->svcs[svc]);
	sink_txt(&x);
	for (size_t i = 0; i < n; i++) {
		x = txt_init(text, sizeof text);
		ipvs_list_dest(&x, l, &t->svcs[svc], &t->dests[order[i]]);
		sink_txt(&x);
	}
}

static int list_table(const struct session *s, const struct ipvs_cmd *c)
{
	const struct ipvs_list l = { layout_of(c), named(c, IPVS_O_EXACT),
		s->resolve ? names_put : NULL, NULL };
	bool sorted = !named(c, IPVS_O_NOSORT);
	size_t n = ipvs_sort_svcs(
		&table_have, svc_order, sorted ? svc_spare : NULL);
	struct txt x = txt_init(text, sizeof text);

	if (!named(c, IPVS_O_SERVICE))
		put_version(s);
	ipvs_list_title(&x, &l);
	sink_txt(&x);
	for (size_t i = 0; i < n; i++)
		put_svc(&l, svc_order[i], sorted);
	return sink_end();
}

static int list_conns(
	FILE *f, const struct session *s, const struct ipvs_cmd *c)
{
	const struct ipvs_list l = { layout_of(c), false,
		s->resolve ? names_put : NULL, NULL };
	char line[IPVS_LINE_LEN];
	struct txt x = txt_init(text, sizeof text);

	ipvs_list_conn_title(&x, &l);
	sink_txt(&x);
	if (!fgets(line, sizeof line, f)) /* its title */
		return sink_end();
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		x = txt_init(text, sizeof text);
		if (ipvs_list_conn(&x, &l, line))
			sink_txt(&x);
	}
	return sink_end();
}

static int list_rest(const struct ipvs_cmd *c)
{
	struct txt x = txt_init(text, sizeof text);

	if (named(c, IPVS_O_TIMEOUT)) {
		ipvs_list_timeouts(&x, &table_have.timeouts);
	} else {
		ipvs_list_daemon(&x, &table_have.daemons[0]);
		ipvs_list_daemon(&x, &table_have.daemons[1]);
	}
	sink_txt(&x);
	return sink_end();
}

static int load(struct session *s, const struct ipvs_cmd *c)
{
	if (named(c, IPVS_O_SERVICE))
		return kernel_load_svc(&s->k, &table_have, &c->svc);
	if (named(c, IPVS_O_TIMEOUT) || named(c, IPVS_O_DAEMON))
		return kernel_load_rest(&s->k, &table_have);
	return kernel_load(&s->k, &table_have);
}

static FILE *open_conns(void)
{
	FILE *f = fopen(CONN_FILE, "re");

	if (!f)
		die(EXIT_SYSTEM, CONN_FILE ": %s", errno_str(errno, NULL));
	return f;
}

int list(struct session *s, const struct ipvs_cmd *c)
{
	FILE *conns = named(c, IPVS_O_CONNECTION) ? open_conns() : NULL;
	int err;

	session_confine(s);
	if (conns)
		return list_conns(conns, s, c);
	err = load(s, c);
	if (err) {
		warn("%s", session_words(IPVS_LIST, err));
		return session_code(IPVS_LIST, err);
	}
	if (named(c, IPVS_O_JSON))
		return list_json(s, named(c, IPVS_O_SERVICE));
	if (named(c, IPVS_O_TIMEOUT) || named(c, IPVS_O_DAEMON))
		return list_rest(c);
	return list_table(s, c);
}

/* ---- Save. */

static void put_cmd(const struct ipvs_cmd *c)
{
	struct txt x = txt_init(text, sizeof text);

	ipvs_cmd_text(&x, c);
	txt_str(&x, "\n");
	sink_txt(&x);
}

static void save_svc(uint32_t svc)
{
	const struct ipvs_table *t = &table_have;
	size_t n = ipvs_sort_dests(t, svc, order, spare);
	static struct ipvs_cmd c;

	ipvs_cmd_add(&c, &t->svcs[svc]);
	put_cmd(&c);
	for (size_t i = 0; i < n; i++) {
		ipvs_cmd_add_dest(&c, &t->svcs[svc], &t->dests[order[i]]);
		put_cmd(&c);
	}
}

static void save_rest(void)
{
	struct ipvs_cmd c = { .verb = IPVS_SET,
		.timeouts = table_have.timeouts };

	put_cmd(&c);
	for (size_t i = 0; i < 2; i++) {
		if (!table_have.daemons[i].role)
			continue;
		ipvs_cmd_daemon(&c, IPVS_START, &table_have.daemons[i]);
		put_cmd(&c);
	}
}

int list_save(struct session *s, const struct ipvs_cmd *c)
{
	size_t n;
	int err;

	(void)c;
	session_confine(s);
	err = kernel_load(&s->k, &table_have);
	if (err) {
		warn("%s", session_words(IPVS_SAVE, err));
		return session_code(IPVS_SAVE, err);
	}
	n = ipvs_sort_svcs(&table_have, svc_order, svc_spare);
	for (size_t i = 0; i < n; i++)
		save_svc(svc_order[i]);
	save_rest();
	return sink_end();
}
