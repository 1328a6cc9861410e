#include <errno.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#include "wire.h"

#define ADDR_LEN 16

uint8_t wire_command(enum ipvs_verb verb)
{
	static const uint8_t numbers[IPVS_VERBS] = {
		[IPVS_ADD] = IPVS_CMD_NEW_SERVICE,
		[IPVS_EDIT] = IPVS_CMD_SET_SERVICE,
		[IPVS_DEL] = IPVS_CMD_DEL_SERVICE,
		[IPVS_CLEAR] = IPVS_CMD_FLUSH,
		[IPVS_ADD_DEST] = IPVS_CMD_NEW_DEST,
		[IPVS_EDIT_DEST] = IPVS_CMD_SET_DEST,
		[IPVS_DEL_DEST] = IPVS_CMD_DEL_DEST,
		[IPVS_ZERO] = IPVS_CMD_ZERO,
		[IPVS_SET] = IPVS_CMD_SET_CONFIG,
		[IPVS_START] = IPVS_CMD_NEW_DAEMON,
		[IPVS_STOP] = IPVS_CMD_DEL_DAEMON,
	};

	return numbers[verb];
}

/* ---- To the kernel. */

static uint16_t be16(uint16_t v)
{
	return (uint16_t)(v << 8 | v >> 8);
}

static void put_key(struct nl_msg *m, const struct ipvs_svc *s)
{
	nla_put_u16(m, IPVS_SVC_ATTR_AF, s->addr.family);
	if (s->fwmark) {
		nla_put_u32(m, IPVS_SVC_ATTR_FWMARK, s->fwmark);
		return;
	}
	nla_put_u16(m, IPVS_SVC_ATTR_PROTOCOL, s->proto);
	nla_put(m, IPVS_SVC_ATTR_ADDR, ADDR_LEN, s->addr.b);
	nla_put_u16(m, IPVS_SVC_ATTR_PORT, be16(s->port));
}

static void put_settings(struct nl_msg *m, const struct ipvs_svc *s)
{
	const struct ip_vs_flags flags = { s->flags & IPVS_FLAGS, UINT32_MAX };

	nla_put_string(m, IPVS_SVC_ATTR_SCHED_NAME, s->sched);
	if (*s->pe)
		nla_put_string(m, IPVS_SVC_ATTR_PE_NAME, s->pe);
	nla_put(m, IPVS_SVC_ATTR_FLAGS, sizeof flags, &flags);
	nla_put_u32(m, IPVS_SVC_ATTR_TIMEOUT, s->timeout);
	nla_put_u32(m, IPVS_SVC_ATTR_NETMASK, s->netmask);
}

static int put_svc(struct nl_msg *m, const struct ipvs_svc *s, bool settings)
{
	struct nlattr *nest = nla_nest_start(m, IPVS_CMD_ATTR_SERVICE);

	if (!nest)
		return -EMSGSIZE;
	put_key(m, s);
	if (settings)
		put_settings(m, s);
	return nla_nest_end(m, nest);
}

int wire_put_key(struct nl_msg *m, const struct ipvs_svc *s)
{
	return put_svc(m, s, false);
}

static int put_dest(struct nl_msg *m, const struct ipvs_dest *d)
{
	struct nlattr *nest = nla_nest_start(m, IPVS_CMD_ATTR_DEST);

	if (!nest)
		return -EMSGSIZE;
	nla_put_u16(m, IPVS_DEST_ATTR_ADDR_FAMILY, d->addr.family);
	nla_put(m, IPVS_DEST_ATTR_ADDR, ADDR_LEN, d->addr.b);
	nla_put_u16(m, IPVS_DEST_ATTR_PORT, be16(d->port));
	nla_put_u32(m, IPVS_DEST_ATTR_FWD_METHOD, d->fwd);
	nla_put_u32(m, IPVS_DEST_ATTR_WEIGHT, d->weight);
	nla_put_u32(m, IPVS_DEST_ATTR_U_THRESH, d->upper);
	nla_put_u32(m, IPVS_DEST_ATTR_L_THRESH, d->lower);
	if (d->fwd == IPVS_TUNNEL) {
		nla_put_u8(m, IPVS_DEST_ATTR_TUN_TYPE, d->tun_type);
		nla_put_u16(m, IPVS_DEST_ATTR_TUN_PORT, be16(d->tun_port));
		nla_put_u16(m, IPVS_DEST_ATTR_TUN_FLAGS, d->tun_flags);
	}
	return nla_nest_end(m, nest);
}

static int put_daemon(struct nl_msg *m, const struct ipvs_daemon *d)
{
	struct nlattr *nest = nla_nest_start(m, IPVS_CMD_ATTR_DAEMON);

	if (!nest)
		return -EMSGSIZE;
	nla_put_u32(m, IPVS_DAEMON_ATTR_STATE, d->role);
	nla_put_string(m, IPVS_DAEMON_ATTR_MCAST_IFN, d->ifname);
	nla_put_u32(m, IPVS_DAEMON_ATTR_SYNC_ID, d->syncid);
	if (d->maxlen)
		nla_put_u16(m, IPVS_DAEMON_ATTR_SYNC_MAXLEN, d->maxlen);
	if (d->port)
		nla_put_u16(m, IPVS_DAEMON_ATTR_MCAST_PORT, d->port);
	if (d->ttl)
		nla_put_u8(m, IPVS_DAEMON_ATTR_MCAST_TTL, d->ttl);
	if (d->group.family == AF_INET)
		nla_put(m, IPVS_DAEMON_ATTR_MCAST_GROUP, 4, d->group.b);
	if (d->group.family == AF_INET6)
		nla_put(m, IPVS_DAEMON_ATTR_MCAST_GROUP6, 16, d->group.b);
	return nla_nest_end(m, nest);
}

static int put_timeouts(struct nl_msg *m, const struct ipvs_timeouts *t)
{
	nla_put_u32(m, IPVS_CMD_ATTR_TIMEOUT_TCP, t->tcp);
	nla_put_u32(m, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, t->fin);
	return nla_put_u32(m, IPVS_CMD_ATTR_TIMEOUT_UDP, t->udp);
}

int wire_put(struct nl_msg *m, const struct ipvs_cmd *c)
{
	int err;

	switch (c->verb) {
	case IPVS_ADD:
	case IPVS_EDIT:
		return put_svc(m, &c->svc, true);
	case IPVS_DEL:
		return put_svc(m, &c->svc, false);
	case IPVS_ADD_DEST:
	case IPVS_EDIT_DEST:
	case IPVS_DEL_DEST:
		err = put_svc(m, &c->svc, false);
		return err ? err : put_dest(m, &c->dest);
	case IPVS_ZERO:
		if (!(c->seen & IPVS_BIT(IPVS_O_SERVICE)))
			return 0;
		return put_svc(m, &c->svc, false);
	case IPVS_SET:
		return put_timeouts(m, &c->timeouts);
	case IPVS_START:
	case IPVS_STOP:
		return put_daemon(m, &c->daemon);
	default:
		return 0;
	}
}

/* ---- From the kernel. */

static uint32_t u32(struct nlattr *a)
{
	return a ? nla_get_u32(a) : 0;
}

static uint16_t u16(struct nlattr *a)
{
	return a ? nla_get_u16(a) : 0;
}

static void name(char out[IPVS_NAME_LEN], struct nlattr *a)
{
	if (a)
		nla_strlcpy(out, a, IPVS_NAME_LEN);
}

/* A nested attribute of the message, taken apart. */
static bool nested(struct nlmsghdr *h, int which, struct nlattr *tb[], int max,
	const struct nla_policy *policy)
{
	struct nlattr *top[IPVS_CMD_ATTR_MAX + 1];

	return genlmsg_parse(h, 0, top, IPVS_CMD_ATTR_MAX, NULL) == 0 &&
	       top[which] && nla_parse_nested(tb, max, top[which], policy) == 0;
}

static bool known_family(int family)
{
	return family == AF_INET || family == AF_INET6;
}

static void get_stats(
	uint64_t v[IPVS_STATS], struct nlattr *wide, struct nlattr *narrow)
{
	struct nlattr *tb[IPVS_STATS_ATTR_MAX + 1];
	struct nlattr *from = wide ? wide : narrow;

	if (!from || nla_parse_nested(tb, IPVS_STATS_ATTR_MAX, from, NULL) != 0)
		return;
	for (int i = 0; i < IPVS_STATS; i++) {
		struct nlattr *a = tb[IPVS_STATS_ATTR_CONNS + i];

		if (a && nla_len(a) >= 8)
			v[i] = nla_get_u64(a);
		else if (a && nla_len(a) >= 4)
			v[i] = nla_get_u32(a);
	}
}

static struct nla_policy svc_policy[IPVS_SVC_ATTR_MAX + 1] = {
	[IPVS_SVC_ATTR_AF] = { .type = NLA_U16 },
	[IPVS_SVC_ATTR_PROTOCOL] = { .type = NLA_U16 },
	[IPVS_SVC_ATTR_ADDR] = { .minlen = ADDR_LEN },
	[IPVS_SVC_ATTR_PORT] = { .type = NLA_U16 },
	[IPVS_SVC_ATTR_FWMARK] = { .type = NLA_U32 },
	[IPVS_SVC_ATTR_SCHED_NAME] = { .type = NLA_STRING },
	[IPVS_SVC_ATTR_FLAGS] = { .minlen = sizeof(struct ip_vs_flags) },
	[IPVS_SVC_ATTR_TIMEOUT] = { .type = NLA_U32 },
	[IPVS_SVC_ATTR_NETMASK] = { .type = NLA_U32 },
	[IPVS_SVC_ATTR_PE_NAME] = { .type = NLA_STRING },
};

static bool get_key(struct nlattr *tb[], struct ipvs_svc *s)
{
	int family = u16(tb[IPVS_SVC_ATTR_AF]);

	if (!known_family(family))
		return false;
	s->addr.family = (uint8_t)family;
	s->fwmark = u32(tb[IPVS_SVC_ATTR_FWMARK]);
	if (s->fwmark)
		return true;
	if (!tb[IPVS_SVC_ATTR_ADDR])
		return false;
	s->addr = addr_from(family, nla_data(tb[IPVS_SVC_ATTR_ADDR]));
	s->proto = (uint8_t)u16(tb[IPVS_SVC_ATTR_PROTOCOL]);
	s->port = be16(u16(tb[IPVS_SVC_ATTR_PORT]));
	return true;
}

bool wire_get_svc(struct nlmsghdr *h, struct ipvs_svc *s)
{
	struct nlattr *tb[IPVS_SVC_ATTR_MAX + 1];
	struct ip_vs_flags flags = { 0 };

	*s = (struct ipvs_svc){ .fwmark = 0 };
	if (!nested(h, IPVS_CMD_ATTR_SERVICE, tb, IPVS_SVC_ATTR_MAX,
		    svc_policy) ||
		!get_key(tb, s))
		return false;
	if (tb[IPVS_SVC_ATTR_FLAGS])
		memcpy(&flags, nla_data(tb[IPVS_SVC_ATTR_FLAGS]), sizeof flags);
	s->flags = flags.flags & IPVS_FLAGS;
	name(s->sched, tb[IPVS_SVC_ATTR_SCHED_NAME]);
	name(s->pe, tb[IPVS_SVC_ATTR_PE_NAME]);
	s->timeout = u32(tb[IPVS_SVC_ATTR_TIMEOUT]);
	s->netmask = u32(tb[IPVS_SVC_ATTR_NETMASK]);
	get_stats(s->stats, tb[IPVS_SVC_ATTR_STATS64], tb[IPVS_SVC_ATTR_STATS]);
	return true;
}

static struct nla_policy dest_policy[IPVS_DEST_ATTR_MAX + 1] = {
	[IPVS_DEST_ATTR_ADDR] = { .minlen = ADDR_LEN },
	[IPVS_DEST_ATTR_PORT] = { .type = NLA_U16 },
	[IPVS_DEST_ATTR_FWD_METHOD] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_WEIGHT] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_U_THRESH] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_L_THRESH] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_ACTIVE_CONNS] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_INACT_CONNS] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_PERSIST_CONNS] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_ADDR_FAMILY] = { .type = NLA_U16 },
	[IPVS_DEST_ATTR_TUN_TYPE] = { .type = NLA_U8 },
	[IPVS_DEST_ATTR_TUN_PORT] = { .type = NLA_U16 },
	[IPVS_DEST_ATTR_TUN_FLAGS] = { .type = NLA_U16 },
};

static void get_tunnel(struct nlattr *tb[], struct ipvs_dest *d)
{
	if (tb[IPVS_DEST_ATTR_TUN_TYPE])
		d->tun_type = nla_get_u8(tb[IPVS_DEST_ATTR_TUN_TYPE]);
	d->tun_port = be16(u16(tb[IPVS_DEST_ATTR_TUN_PORT]));
	d->tun_flags = u16(tb[IPVS_DEST_ATTR_TUN_FLAGS]);
}

bool wire_get_dest(struct nlmsghdr *h, int family, struct ipvs_dest *d)
{
	struct nlattr *tb[IPVS_DEST_ATTR_MAX + 1];

	*d = (struct ipvs_dest){ .weight = 0 };
	if (!nested(h, IPVS_CMD_ATTR_DEST, tb, IPVS_DEST_ATTR_MAX,
		    dest_policy) ||
		!tb[IPVS_DEST_ATTR_ADDR])
		return false;
	if (tb[IPVS_DEST_ATTR_ADDR_FAMILY]) /* kernels from 3.18 on */
		family = u16(tb[IPVS_DEST_ATTR_ADDR_FAMILY]);
	if (!known_family(family))
		return false;
	d->addr = addr_from(family, nla_data(tb[IPVS_DEST_ATTR_ADDR]));
	d->port = be16(u16(tb[IPVS_DEST_ATTR_PORT]));
	d->fwd = u32(tb[IPVS_DEST_ATTR_FWD_METHOD]) & IP_VS_CONN_F_FWD_MASK;
	d->weight = u32(tb[IPVS_DEST_ATTR_WEIGHT]);
	d->upper = u32(tb[IPVS_DEST_ATTR_U_THRESH]);
	d->lower = u32(tb[IPVS_DEST_ATTR_L_THRESH]);
	d->active = u32(tb[IPVS_DEST_ATTR_ACTIVE_CONNS]);
	d->inactive = u32(tb[IPVS_DEST_ATTR_INACT_CONNS]);
	d->persist = u32(tb[IPVS_DEST_ATTR_PERSIST_CONNS]);
	get_tunnel(tb, d);
	get_stats(
		d->stats, tb[IPVS_DEST_ATTR_STATS64], tb[IPVS_DEST_ATTR_STATS]);
	return true;
}

static struct nla_policy daemon_policy[IPVS_DAEMON_ATTR_MAX + 1] = {
	[IPVS_DAEMON_ATTR_STATE] = { .type = NLA_U32 },
	[IPVS_DAEMON_ATTR_MCAST_IFN] = { .type = NLA_STRING },
	[IPVS_DAEMON_ATTR_SYNC_ID] = { .type = NLA_U32 },
	[IPVS_DAEMON_ATTR_SYNC_MAXLEN] = { .type = NLA_U16 },
	[IPVS_DAEMON_ATTR_MCAST_GROUP] = { .minlen = 4 },
	[IPVS_DAEMON_ATTR_MCAST_GROUP6] = { .minlen = 16 },
	[IPVS_DAEMON_ATTR_MCAST_PORT] = { .type = NLA_U16 },
	[IPVS_DAEMON_ATTR_MCAST_TTL] = { .type = NLA_U8 },
};

bool wire_get_daemon(struct nlmsghdr *h, struct ipvs_daemon *d)
{
	struct nlattr *tb[IPVS_DAEMON_ATTR_MAX + 1];
	uint32_t state;

	*d = (struct ipvs_daemon){ .syncid = 0 };
	if (!nested(h, IPVS_CMD_ATTR_DAEMON, tb, IPVS_DAEMON_ATTR_MAX,
		    daemon_policy))
		return false;
	state = u32(tb[IPVS_DAEMON_ATTR_STATE]);
	if (state != IPVS_MASTER && state != IPVS_BACKUP)
		return false;
	d->role = (enum ipvs_role)state;
	name(d->ifname, tb[IPVS_DAEMON_ATTR_MCAST_IFN]);
	d->syncid = (uint8_t)u32(tb[IPVS_DAEMON_ATTR_SYNC_ID]);
	d->maxlen = u16(tb[IPVS_DAEMON_ATTR_SYNC_MAXLEN]);
	d->port = u16(tb[IPVS_DAEMON_ATTR_MCAST_PORT]);
	if (tb[IPVS_DAEMON_ATTR_MCAST_TTL])
		d->ttl = nla_get_u8(tb[IPVS_DAEMON_ATTR_MCAST_TTL]);
	if (tb[IPVS_DAEMON_ATTR_MCAST_GROUP])
		d->group = addr_from(
			AF_INET, nla_data(tb[IPVS_DAEMON_ATTR_MCAST_GROUP]));
	if (tb[IPVS_DAEMON_ATTR_MCAST_GROUP6])
		d->group = addr_from(
			AF_INET6, nla_data(tb[IPVS_DAEMON_ATTR_MCAST_GROUP6]));
	return true;
}

bool wire_get_timeouts(struct nlmsghdr *h, struct ipvs_timeouts *t)
{
	static struct nla_policy policy[IPVS_CMD_ATTR_MAX + 1] = {
		[IPVS_CMD_ATTR_TIMEOUT_TCP] = { .type = NLA_U32 },
		[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN] = { .type = NLA_U32 },
		[IPVS_CMD_ATTR_TIMEOUT_UDP] = { .type = NLA_U32 },
	};
	struct nlattr *tb[IPVS_CMD_ATTR_MAX + 1];

	*t = (struct ipvs_timeouts){ .told = false };
	if (genlmsg_parse(h, 0, tb, IPVS_CMD_ATTR_MAX, policy) != 0)
		return false;
	t->told = true;
	t->tcp = u32(tb[IPVS_CMD_ATTR_TIMEOUT_TCP]);
	t->fin = u32(tb[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN]);
	t->udp = u32(tb[IPVS_CMD_ATTR_TIMEOUT_UDP]);
	return true;
}

bool wire_get_info(struct nlmsghdr *h, uint32_t *version, uint32_t *size)
{
	static struct nla_policy policy[IPVS_INFO_ATTR_MAX + 1] = {
		[IPVS_INFO_ATTR_VERSION] = { .type = NLA_U32 },
		[IPVS_INFO_ATTR_CONN_TAB_SIZE] = { .type = NLA_U32 },
	};
	struct nlattr *tb[IPVS_INFO_ATTR_MAX + 1];

	if (genlmsg_parse(h, 0, tb, IPVS_INFO_ATTR_MAX, policy) != 0)
		return false;
	*version = u32(tb[IPVS_INFO_ATTR_VERSION]);
	*size = u32(tb[IPVS_INFO_ATTR_CONN_TAB_SIZE]);
	return *version != 0;
}
