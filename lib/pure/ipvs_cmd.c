#include <errno.h>
#include <string.h>

#include "ipvs_cmd.h"

static bool named(const struct ipvs_cmd *c, enum ipvs_opt opt)
{
	return c->seen & IPVS_BIT(opt);
}

/* ---- To text. */

void ipvs_svc_words(struct txt *t, const struct ipvs_svc *s)
{
	if (s->fwmark) {
		txt_str(t, "-f ");
		txt_num(t, s->fwmark);
		txt_str(t, s->addr.family == AF_INET6 ? " -6" : "");
		return;
	}
	txt_str(t, s->proto == IPVS_UDP	   ? "-u "
		   : s->proto == IPVS_SCTP ? "--sctp-service "
					   : "-t ");
	txt_addrport(t, &s->addr, s->port);
}

void ipvs_svc_subject(struct txt *t, const struct ipvs_svc *s)
{
	if (s->fwmark) {
		txt_str(t, s->addr.family == AF_INET6 ? "fwm6:" : "fwm:");
		txt_num(t, s->fwmark);
		return;
	}
	txt_str(t, s->proto == IPVS_UDP	   ? "udp:"
		   : s->proto == IPVS_SCTP ? "sctp:"
					   : "tcp:");
	txt_addrport(t, &s->addr, s->port);
}

static void netmask(struct txt *t, const struct ipvs_svc *s)
{
	struct addr a = addr_from(AF_INET, &s->netmask);

	if (s->addr.family == AF_INET6)
		txt_num(t, s->netmask);
	else
		txt_addr(t, &a);
}

static bool has_netmask(const struct ipvs_svc *s)
{
	return s->netmask != (s->addr.family == AF_INET6 ? 128 : UINT32_MAX);
}

static void flag(struct txt *t, bool set, const char *name, const char **lead)
{
	if (!set)
		return;
	txt_str(t, *lead);
	txt_str(t, name);
	*lead = ",";
}

void ipvs_flag_names(struct txt *t, const struct ipvs_svc *s)
{
	static const char *const sets[][2] = { { "flag-1", "flag-2" },
		{ "sh-fallback", "sh-port" }, { "mh-fallback", "mh-port" } };
	size_t set = strcmp(s->sched, "sh") == 0   ? 1
		     : strcmp(s->sched, "mh") == 0 ? 2
						   : 0;
	const char *lead = "";

	flag(t, s->flags & IPVS_SCHED1, sets[set][0], &lead);
	flag(t, s->flags & IPVS_SCHED2, sets[set][1], &lead);
	flag(t, s->flags & IPVS_SCHED3, "flag-3", &lead);
}

static void persistence(struct txt *t, const struct ipvs_cmd *c)
{
	const struct ipvs_svc *s = &c->svc;

	if (!(s->flags & IPVS_PERSISTENT)) {
		txt_str(t, named(c, IPVS_O_PERSISTENT) ? " -p 0" : "");
		return;
	}
	txt_str(t, " -p ");
	txt_num(t, s->timeout);
	if (has_netmask(s) || named(c, IPVS_O_NETMASK)) {
		txt_str(t, " -M ");
		netmask(t, s);
	}
}

static void service(struct txt *t, const struct ipvs_cmd *c)
{
	const struct ipvs_svc *s = &c->svc;

	if (*s->sched) {
		txt_str(t, " -s ");
		txt_str(t, s->sched);
	}
	persistence(t, c);
	if (*s->pe || named(c, IPVS_O_PE)) {
		txt_str(t, " --pe ");
		txt_str(t, *s->pe ? s->pe : "none");
	}
	if (s->flags & IPVS_ONEPACKET)
		txt_str(t, " -o");
	else if (named(c, IPVS_O_OPS))
		txt_str(t, " --no-ops");
	if (s->flags & IPVS_SCHED_ALL) {
		txt_str(t, " -b ");
		ipvs_flag_names(t, s);
	} else if (named(c, IPVS_O_FLAGS)) {
		txt_str(t, " -b none");
	}
}

static void tunnel(struct txt *t, const struct ipvs_dest *d)
{
	static const char *const types[] = { "ipip", "gue", "gre" };

	if (d->tun_type > IPVS_GRE)
		return;
	txt_str(t, " --tun-type ");
	txt_str(t, types[d->tun_type]);
	if (d->tun_port) { /* an edit may leave it as it is */
		txt_str(t, " --tun-port ");
		txt_num(t, d->tun_port);
	}
	if (d->tun_type != IPVS_IPIP)
		txt_str(t, d->tun_flags & IPVS_TUN_REMCSUM ? " --tun-remcsum"
			   : d->tun_flags & IPVS_TUN_CSUM  ? " --tun-csum"
							   : " --tun-nocsum");
}

static void server(struct txt *t, const struct ipvs_cmd *c)
{
	static const char *const fwds[] = { " -m", " --localnode", " -i",
		" -g" };
	const struct ipvs_dest *d = &c->dest;

	txt_str(t, d->fwd <= IPVS_ROUTE ? fwds[d->fwd] : " -g");
	txt_str(t, " -w ");
	txt_num(t, d->weight);
	if (d->fwd == IPVS_TUNNEL)
		tunnel(t, d);
	if (d->upper || named(c, IPVS_O_UPPER)) {
		txt_str(t, " -x ");
		txt_num(t, d->upper);
	}
	if (d->lower || named(c, IPVS_O_LOWER)) {
		txt_str(t, " -y ");
		txt_num(t, d->lower);
	}
}

static void pair(struct txt *t, const char *name, uint64_t v)
{
	txt_str(t, name);
	txt_num(t, v);
}

static void sync_daemon(struct txt *t, const struct ipvs_cmd *c)
{
	const struct ipvs_daemon *d = &c->daemon;

	txt_str(t, d->role == IPVS_BACKUP ? " backup" : " master");
	if (c->verb == IPVS_START) {
		txt_str(t, " --mcast-interface ");
		txt_str(t, d->ifname);
	}
	pair(t, " --syncid ", d->syncid);
	if (c->verb == IPVS_STOP)
		return;
	if (d->maxlen)
		pair(t, " --sync-maxlen ", d->maxlen);
	if (d->group.family) {
		txt_str(t, " --mcast-group ");
		txt_addr(t, &d->group);
	}
	if (d->port)
		pair(t, " --mcast-port ", d->port);
	if (d->ttl)
		pair(t, " --mcast-ttl ", d->ttl);
}

static void server_key(struct txt *t, const struct ipvs_cmd *c)
{
	txt_str(t, " -r ");
	txt_addrport(t, &c->dest.addr, c->dest.port);
}

static void timeouts(struct txt *t, const struct ipvs_timeouts *o)
{
	pair(t, " ", o->tcp);
	pair(t, " ", o->fin);
	pair(t, " ", o->udp);
}

static bool has_service(const struct ipvs_cmd *c)
{
	switch (c->verb) {
	case IPVS_ZERO:
		return named(c, IPVS_O_SERVICE);
	case IPVS_ADD:
	case IPVS_EDIT:
	case IPVS_DEL:
	case IPVS_ADD_DEST:
	case IPVS_EDIT_DEST:
	case IPVS_DEL_DEST:
		return true;
	default:
		return false;
	}
}

void ipvs_cmd_text(struct txt *t, const struct ipvs_cmd *c)
{
	static const char *const words[IPVS_VERBS] = { [IPVS_ADD] = "-A",
		[IPVS_EDIT] = "-E",
		[IPVS_DEL] = "-D",
		[IPVS_CLEAR] = "-C",
		[IPVS_ADD_DEST] = "-a",
		[IPVS_EDIT_DEST] = "-e",
		[IPVS_DEL_DEST] = "-d",
		[IPVS_ZERO] = "-Z",
		[IPVS_SET] = "--set",
		[IPVS_START] = "--start-daemon",
		[IPVS_STOP] = "--stop-daemon" };

	txt_str(t, words[c->verb] ? words[c->verb] : "");
	if (has_service(c)) {
		txt_str(t, " ");
		ipvs_svc_words(t, &c->svc);
	}
	switch (c->verb) {
	case IPVS_ADD:
	case IPVS_EDIT:
		service(t, c);
		break;
	case IPVS_ADD_DEST:
	case IPVS_EDIT_DEST:
		server_key(t, c);
		server(t, c);
		break;
	case IPVS_DEL_DEST:
		server_key(t, c);
		break;
	case IPVS_SET:
		timeouts(t, &c->timeouts);
		break;
	case IPVS_START:
	case IPVS_STOP:
		sync_daemon(t, c);
		break;
	default:
		break;
	}
}

void ipvs_cmd_add(struct ipvs_cmd *c, const struct ipvs_svc *s)
{
	*c = (struct ipvs_cmd){
		.verb = IPVS_ADD, .seen = IPVS_BIT(IPVS_O_SERVICE), .svc = *s
	};
}

void ipvs_cmd_add_dest(
	struct ipvs_cmd *c, const struct ipvs_svc *s, const struct ipvs_dest *d)
{
	*c = (struct ipvs_cmd){ .verb = IPVS_ADD_DEST,
		.seen = IPVS_BIT(IPVS_O_SERVICE) | IPVS_BIT(IPVS_O_SERVER),
		.svc = *s,
		.dest = *d };
}

void ipvs_cmd_daemon(
	struct ipvs_cmd *c, enum ipvs_verb verb, const struct ipvs_daemon *d)
{
	*c = (struct ipvs_cmd){ .verb = verb, .daemon = *d };
}

/* ---- On a table. */

static int model_svc(
	struct ipvs_table *t, struct ipvs_cmd *c, uint32_t s, const char **why)
{
	switch (c->verb) {
	case IPVS_ADD:
		if (s != IPVS_NONE)
			return -EEXIST;
		return ipvs_put_svc(t, &c->svc) == IPVS_NONE ? -ENOSPC : 0;
	case IPVS_EDIT:
		if (s == IPVS_NONE)
			return -ESRCH;
		*why = ipvs_merge_svc(c, &t->svcs[s]);
		if (*why)
			return -EINVAL;
		ipvs_put_svc(t, &c->svc);
		return 0;
	default:
		if (s == IPVS_NONE)
			return -ESRCH;
		if (c->verb == IPVS_DEL)
			ipvs_drop_svc(t, s);
		return 0;
	}
}

static int model_dest(
	struct ipvs_table *t, struct ipvs_cmd *c, uint32_t s, const char **why)
{
	uint32_t d;

	if (s == IPVS_NONE)
		return -ESRCH;
	d = ipvs_find_dest(t, s, &c->dest);
	if (c->verb == IPVS_ADD_DEST) {
		if (d != IPVS_NONE)
			return -EEXIST;
		return ipvs_put_dest(t, s, &c->dest) == IPVS_NONE ? -ENOSPC : 0;
	}
	if (d == IPVS_NONE)
		return -ENOENT;
	if (c->verb == IPVS_DEL_DEST) {
		ipvs_drop_dest(t, d);
		return 0;
	}
	*why = ipvs_merge_dest(c, &t->dests[d]);
	if (*why)
		return -EINVAL;
	ipvs_put_dest(t, s, &c->dest);
	return 0;
}

static int model_daemon(struct ipvs_table *t, const struct ipvs_cmd *c)
{
	struct ipvs_daemon *d = &t->daemons[c->daemon.role - IPVS_MASTER];

	if (c->verb == IPVS_START) {
		if (d->role)
			return -EEXIST;
		*d = c->daemon;
		return 0;
	}
	if (!d->role)
		return -ESRCH;
	d->role = IPVS_OFF;
	return 0;
}

static void keep_nonzero(uint32_t *to, uint32_t v)
{
	if (v)
		*to = v;
}

static int model_set(struct ipvs_table *t, const struct ipvs_timeouts *o)
{
	keep_nonzero(&t->timeouts.tcp, o->tcp);
	keep_nonzero(&t->timeouts.fin, o->fin);
	keep_nonzero(&t->timeouts.udp, o->udp);
	t->timeouts.told = true;
	return 0;
}

static int model_clear(struct ipvs_table *t)
{
	for (uint32_t s = ipvs_next_svc(t, 0); s != IPVS_NONE;
		s = ipvs_next_svc(t, s + 1))
		ipvs_drop_svc(t, s);
	return 0;
}

int ipvs_cmd_model(struct ipvs_table *t, struct ipvs_cmd *c, const char **why)
{
	uint32_t s = has_service(c) ? ipvs_find_svc(t, &c->svc) : IPVS_NONE;

	*why = NULL;
	switch (c->verb) {
	case IPVS_ADD:
	case IPVS_EDIT:
	case IPVS_DEL:
		return model_svc(t, c, s, why);
	case IPVS_ADD_DEST:
	case IPVS_EDIT_DEST:
	case IPVS_DEL_DEST:
		return model_dest(t, c, s, why);
	case IPVS_ZERO:
		return has_service(c) && s == IPVS_NONE ? -ESRCH : 0;
	case IPVS_SET:
		return model_set(t, &c->timeouts);
	case IPVS_START:
	case IPVS_STOP:
		return model_daemon(t, c);
	case IPVS_CLEAR:
		return model_clear(t);
	default:
		return -EINVAL;
	}
}
