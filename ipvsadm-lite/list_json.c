#include <string.h>

#include "ipvs_list.h"
#include "json.h"
#include "list_json.h"

#define OBJECT_LEN 4096

static char buf[OBJECT_LEN];

static void put(const char *s)
{
	sink_put(s, strlen(s));
}

static void put_json(const struct json *j)
{
	sink_put(j->buf, j->len);
}

static void addr(struct json *j, const char *key, const struct addr *a)
{
	char text[ADDR_STRLEN];

	json_str(j, key, addr_str(a, text));
}

static void stats(struct json *j, const uint64_t v[IPVS_STATS])
{
	static const char *const keys[IPVS_STATS] = { "conns", "inpkts",
		"outpkts", "inbytes", "outbytes", "cps", "inpps", "outpps",
		"inbps", "outbps" };

	json_open(j, "stats", '{');
	for (size_t i = 0; i < IPVS_STATS; i++)
		json_num(j, keys[i], v[i]);
	json_close(j, '}');
}

static void svc_key(struct json *j, const struct ipvs_svc *s)
{
	char text[128];
	struct txt t = txt_init(text, sizeof text);

	ipvs_svc_subject(&t, s);
	json_str(j, "service", text);
	json_str(j, "family", s->addr.family == AF_INET6 ? "inet6" : "inet");
	if (s->fwmark) {
		json_num(j, "fwmark", s->fwmark);
		return;
	}
	json_str(j, "protocol", ipvs_proto_name(s->proto));
	addr(j, "address", &s->addr);
	json_num(j, "port", s->port);
}

static void netmask(struct json *j, const struct ipvs_svc *s)
{
	struct addr a = addr_from(AF_INET, &s->netmask);

	if (s->addr.family == AF_INET6)
		json_num(j, "netmask", s->netmask);
	else
		addr(j, "netmask", &a);
}

static void svc_settings(struct json *j, const struct ipvs_svc *s)
{
	char text[64];
	struct txt t = txt_init(text, sizeof text);

	json_str(j, "scheduler", s->sched);
	ipvs_flag_names(&t, s);
	json_str(j, "flags", text);
	json_bool(j, "persistent", s->flags & IPVS_PERSISTENT);
	if (s->flags & IPVS_PERSISTENT) {
		json_num(j, "timeout", s->timeout);
		netmask(j, s);
	}
	if (*s->pe)
		json_str(j, "pe", s->pe);
	json_bool(j, "ops", s->flags & IPVS_ONEPACKET);
}

static void tunnel(struct json *j, const struct ipvs_dest *d)
{
	static const char *const types[] = { "ipip", "gue", "gre" };

	if (d->fwd != IPVS_TUNNEL || d->tun_type > IPVS_GRE)
		return;
	json_open(j, "tunnel", '{');
	json_str(j, "type", types[d->tun_type]);
	if (d->tun_type == IPVS_GUE)
		json_num(j, "port", d->tun_port);
	json_bool(j, "csum", d->tun_flags & IPVS_TUN_CSUM);
	json_bool(j, "remcsum", d->tun_flags & IPVS_TUN_REMCSUM);
	json_close(j, '}');
}

static void put_dest(const struct ipvs_dest *d)
{
	struct json j;

	json_init(&j, buf, sizeof buf);
	json_open(&j, NULL, '{');
	addr(&j, "address", &d->addr);
	json_num(&j, "port", d->port);
	json_str(&j, "forward", ipvs_fwd_name(d->fwd));
	tunnel(&j, d);
	json_num(&j, "weight", d->weight);
	json_num(&j, "u_threshold", d->upper);
	json_num(&j, "l_threshold", d->lower);
	json_num(&j, "active", d->active);
	json_num(&j, "inactive", d->inactive);
	json_num(&j, "persistent", d->persist);
	stats(&j, d->stats);
	json_close(&j, '}');
	put_json(&j);
}

/* Destinations go out one by one: there may be many. */
static void put_svc(const struct ipvs_table *t, uint32_t svc)
{
	static uint32_t order[IPVS_DESTS], spare[IPVS_DESTS];
	size_t n = ipvs_sort_dests(t, svc, order, spare);
	struct json j;

	json_init(&j, buf, sizeof buf);
	json_open(&j, NULL, '{');
	svc_key(&j, &t->svcs[svc]);
	svc_settings(&j, &t->svcs[svc]);
	stats(&j, t->svcs[svc].stats);
	put_json(&j);
	put(",\"servers\":[");
	for (size_t i = 0; i < n; i++) {
		put(i ? "," : "");
		put_dest(&t->dests[order[i]]);
	}
	put("]}");
}

static void put_services(void)
{
	static uint32_t order[IPVS_SVCS], spare[IPVS_SVCS];
	size_t n = ipvs_sort_svcs(&table_have, order, spare);

	put("\"services\":[");
	for (size_t i = 0; i < n; i++) {
		put(i ? "," : "");
		put_svc(&table_have, order[i]);
	}
	put("]");
}

static void daemon_facts(struct json *j, const struct ipvs_daemon *d)
{
	json_open(j, NULL, '{');
	json_str(j, "role", d->role == IPVS_MASTER ? "master" : "backup");
	json_str(j, "interface", d->ifname);
	json_num(j, "syncid", d->syncid);
	json_num(j, "maxlen", d->maxlen);
	if (d->group.family)
		addr(j, "group", &d->group);
	json_num(j, "port", d->port);
	json_num(j, "ttl", d->ttl);
	json_close(j, '}');
}

static void put_head(const struct session *s)
{
	char version[32];
	struct txt v = txt_init(version, sizeof version);
	struct json j;

	txt_num(&v, s->k.version >> 16 & 0xff);
	txt_str(&v, ".");
	txt_num(&v, s->k.version >> 8 & 0xff);
	txt_str(&v, ".");
	txt_num(&v, s->k.version & 0xff);
	json_init(&j, buf, sizeof buf);
	json_str(&j, "version", version);
	json_num(&j, "size", s->k.size);
	json_open(&j, "timeouts", '{');
	json_num(&j, "tcp", table_have.timeouts.tcp);
	json_num(&j, "tcpfin", table_have.timeouts.fin);
	json_num(&j, "udp", table_have.timeouts.udp);
	json_close(&j, '}');
	json_open(&j, "daemons", '[');
	for (int i = 0; i < 2; i++)
		if (table_have.daemons[i].role)
			daemon_facts(&j, &table_have.daemons[i]);
	json_close(&j, ']');
	put_json(&j);
	put(",");
}

int list_json(const struct session *s, bool one)
{
	put("{");
	if (!one)
		put_head(s);
	put_services();
	put("}\n");
	return sink_end();
}
