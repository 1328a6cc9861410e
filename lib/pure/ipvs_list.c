#include <string.h>

#include "ipvs_cmd.h"
#include "ipvs_list.h"
#include "num.h"

#define SVC_WIDTH  33 /* an IPv4 name is cut there, an IPv6 one never */
#define DEST_WIDTH 28
#define NAME_LEN   59
#define K	   UINT64_C(1000)
#define HUNDRED_M  UINT64_C(100000000)

const char *ipvs_fwd_name(uint8_t fwd)
{
	static const char *const names[] = { "Masq", "Local", "Tunnel", "Route",
		"Bypass" };

	return fwd <= IPVS_BYPASS ? names[fwd] : "?";
}

const char *ipvs_proto_name(uint8_t proto)
{
	return proto == IPVS_TCP    ? "TCP"
	       : proto == IPVS_UDP  ? "UDP"
	       : proto == IPVS_SCTP ? "SCTP"
				    : "?";
}

/* ---- Columns. */

/* Nine wide; large ones in thousands and so on. */
static void large(struct txt *t, const struct ipvs_list *l, uint64_t v)
{
	static const struct {
		uint64_t below, unit;
		const char *letter;
	} steps[] = { { HUNDRED_M * 10, K, "K" }, { HUNDRED_M * K, K * K, "M" },
		{ HUNDRED_M * K * K, K * K * K, "G" },
		{ UINT64_MAX, K * K * K * K, "T" } };
	char digits[NUM_STRLEN];
	size_t i = 0;

	if (l->exact) {
		if (strlen(num_str(v, digits)) > 8)
			txt_str(t, " ");
		txt_num_right(t, v, 9);
		return;
	}
	if (v < HUNDRED_M) {
		txt_num_right(t, v, 9);
		return;
	}
	while (v >= steps[i].below && steps[i].below != UINT64_MAX)
		i++;
	txt_num_right(t, v / steps[i].unit, 8);
	txt_str(t, steps[i].letter);
}

static void name_of(struct txt *t, const struct ipvs_list *l,
	const struct addr *a, uint16_t port, uint8_t proto)
{
	if (l->name)
		l->name(l->arg, t, a, port, proto);
	else
		txt_addrport(t, a, port);
}

static void padded(struct txt *t, const char *s, size_t width, bool cut)
{
	char copy[NAME_LEN + 64];
	struct txt c = txt_init(copy, sizeof copy);

	txt_strn(&c, s, cut ? width : sizeof copy);
	txt_left(t, copy, width);
}

/* "TCP  ADDR:PORT", not padded. */
static void svc_name(
	struct txt *t, const struct ipvs_list *l, const struct ipvs_svc *s)
{
	char name[256];
	struct txt n = txt_init(name, sizeof name);

	if (s->fwmark) {
		txt_str(t, "FWM  ");
		txt_num(t, s->fwmark);
		txt_str(t, s->addr.family == AF_INET6 ? " IPv6" : "");
		return;
	}
	txt_left(t, ipvs_proto_name(s->proto), 4);
	txt_str(t, " ");
	name_of(&n, l, &s->addr, s->port, s->proto);
	txt_strn(t, name,
		s->addr.family == AF_INET6 ? NAME_LEN : SVC_WIDTH - t->len);
}

/* ---- Titles. */

static void columns(struct txt *t, const char *const names[], size_t n)
{
	txt_left(t, "Prot LocalAddress:Port", SVC_WIDTH);
	for (size_t i = 0; i < n; i++) {
		for (size_t pad = strlen(names[i]); pad < 9; pad++)
			txt_str(t, " ");
		txt_str(t, names[i]);
	}
	txt_str(t, "\n  -> RemoteAddress:Port\n");
}

void ipvs_list_title(struct txt *t, const struct ipvs_list *l)
{
	static const char *const stats[] = { "Conns", "InPkts", "OutPkts",
		"InBytes", "OutBytes" };
	static const char *const rates[] = { "CPS", "InPPS", "OutPPS", "InBPS",
		"OutBPS" };

	switch (l->layout) {
	case IPVS_L_STATS:
		columns(t, stats, 5);
		break;
	case IPVS_L_RATE:
		columns(t, rates, 5);
		break;
	case IPVS_L_THRESHOLDS:
		txt_left(t, "Prot LocalAddress:Port", SVC_WIDTH);
		txt_str(t, " Uthreshold Lthreshold ActiveConn InActConn \n"
			   "  -> RemoteAddress:Port\n");
		break;
	case IPVS_L_PERSISTENT:
		txt_left(t, "Prot LocalAddress:Port", SVC_WIDTH);
		txt_str(t, " Weight    PersistConn ActiveConn InActConn \n"
			   "  -> RemoteAddress:Port\n");
		break;
	case IPVS_L_TUNNEL:
		txt_str(t, "Prot LocalAddress:Port Scheduler Flags\n"
			   "  -> RemoteAddress:Port           Forward "
			   "TunnelInfo    Weight ActiveConn InActConn\n");
		break;
	default:
		txt_str(t, "Prot LocalAddress:Port Scheduler Flags\n"
			   "  -> RemoteAddress:Port           Forward Weight "
			   "ActiveConn InActConn\n");
	}
}

/* ---- Services. */

static void mask(struct txt *t, const struct ipvs_svc *s)
{
	struct addr a = addr_from(AF_INET, &s->netmask);

	if (s->addr.family == AF_INET6 && s->netmask != 128) {
		txt_str(t, " mask ");
		txt_num(t, s->netmask);
	} else if (s->addr.family == AF_INET && s->netmask != UINT32_MAX) {
		txt_str(t, " mask ");
		txt_addr(t, &a);
	}
}

static void settings(struct txt *t, const struct ipvs_svc *s)
{
	txt_str(t, " ");
	txt_str(t, s->sched);
	if (s->flags & IPVS_SCHED_ALL) {
		txt_str(t, " (");
		ipvs_flag_names(t, s);
		txt_str(t, ")");
	}
	if (s->flags & IPVS_PERSISTENT) {
		txt_str(t, " persistent ");
		txt_num(t, s->timeout);
		mask(t, s);
		if (*s->pe) {
			txt_str(t, " pe ");
			txt_str(t, s->pe);
		}
	}
	txt_str(t, s->flags & IPVS_ONEPACKET ? " ops" : "");
}

static void stats(
	struct txt *t, const struct ipvs_list *l, const uint64_t v[IPVS_STATS])
{
	size_t first = l->layout == IPVS_L_STATS ? IPVS_CONNS : IPVS_CPS;

	for (size_t i = first; i < first + 5; i++)
		large(t, l, v[i]);
}

void ipvs_list_svc(
	struct txt *t, const struct ipvs_list *l, const struct ipvs_svc *s)
{
	char name[256];
	struct txt n = txt_init(name, sizeof name);

	svc_name(&n, l, s);
	if (l->layout == IPVS_L_STATS || l->layout == IPVS_L_RATE) {
		txt_left(t, name, SVC_WIDTH);
		stats(t, l, s->stats);
	} else {
		txt_str(t, name);
		settings(t, s);
	}
	txt_str(t, "\n");
}

/* ---- Destinations. */

static void column(struct txt *t, uint64_t v, size_t width)
{
	txt_str(t, " ");
	txt_num_left(t, v, width);
}

static void rates(
	struct txt *t, const struct ipvs_list *l, const struct ipvs_dest *d)
{
	for (size_t i = IPVS_CPS; i <= IPVS_OUTPPS; i++) {
		txt_str(t, " ");
		txt_num_right(t, d->stats[i], 8);
	}
	large(t, l, d->stats[IPVS_INBPS]);
	large(t, l, d->stats[IPVS_OUTBPS]);
}

static void tun_info(struct txt *t, const struct ipvs_dest *d)
{
	static const char *const flags[] = { "-c", "+c", "r+c" };
	char info[32];
	struct txt i = txt_init(info, sizeof info);

	if (d->fwd != IPVS_TUNNEL || d->tun_type > IPVS_GRE) {
		txt_str(&i, "n/a");
	} else if (d->tun_type == IPVS_IPIP) {
		txt_str(&i, "ipip");
	} else {
		txt_str(&i, d->tun_type == IPVS_GUE ? "gue:" : "gre:");
		if (d->tun_type == IPVS_GUE) {
			txt_num(&i, d->tun_port);
			txt_str(&i, ":");
		}
		txt_str(&i, flags[d->tun_flags <= 2 ? d->tun_flags : 2]);
	}
	txt_str(t, " ");
	padded(t, info, 13, false);
}

static void counts(struct txt *t, const struct ipvs_dest *d)
{
	column(t, d->active, 10);
	column(t, d->inactive, 10);
}

static void forward(struct txt *t, const struct ipvs_dest *d)
{
	txt_str(t, " ");
	txt_left(t, ipvs_fwd_name(d->fwd), 7);
}

static void dest_columns(
	struct txt *t, const struct ipvs_list *l, const struct ipvs_dest *d)
{
	switch (l->layout) {
	case IPVS_L_STATS:
		stats(t, l, d->stats);
		return;
	case IPVS_L_RATE:
		rates(t, l, d);
		return;
	case IPVS_L_THRESHOLDS:
		column(t, d->upper, 10);
		column(t, d->lower, 10);
		break;
	case IPVS_L_PERSISTENT:
		column(t, d->weight, 9);
		column(t, d->persist, 11);
		break;
	case IPVS_L_TUNNEL:
		forward(t, d);
		tun_info(t, d);
		column(t, d->weight, 6);
		break;
	default:
		forward(t, d);
		column(t, d->weight, 6);
	}
	counts(t, d);
}

void ipvs_list_dest(struct txt *t, const struct ipvs_list *l,
	const struct ipvs_svc *s, const struct ipvs_dest *d)
{
	char name[256];
	struct txt n = txt_init(name, sizeof name);

	name_of(&n, l, &d->addr, d->port, s->proto);
	name[NAME_LEN] = '\0';
	txt_str(t, "  -> ");
	padded(t, name, DEST_WIDTH, d->addr.family != AF_INET6);
	dest_columns(t, l, d);
	txt_str(t, "\n");
}

/* ---- The rest. */

static void fact(struct txt *t, const char *name, uint32_t v)
{
	if (!v)
		return;
	txt_str(t, name);
	txt_num(t, v);
}

void ipvs_list_daemon(struct txt *t, const struct ipvs_daemon *d)
{
	if (!d->role)
		return;
	txt_str(t, d->role == IPVS_MASTER ? "master" : "backup");
	txt_str(t, " sync daemon (mcast=");
	txt_str(t, d->ifname);
	txt_str(t, ", syncid=");
	txt_num(t, d->syncid);
	fact(t, ", maxlen=", d->maxlen);
	if (d->group.family) {
		txt_str(t, ", group=");
		txt_addr(t, &d->group);
	}
	fact(t, ", port=", d->port);
	fact(t, ", ttl=", d->ttl);
	txt_str(t, ")\n");
}

void ipvs_list_timeouts(struct txt *t, const struct ipvs_timeouts *o)
{
	txt_str(t, "Timeout (tcp tcpfin udp): ");
	txt_num(t, o->tcp);
	txt_str(t, " ");
	txt_num(t, o->fin);
	txt_str(t, " ");
	txt_num(t, o->udp);
	txt_str(t, "\n");
}

/* ---- Connections. */

void ipvs_list_conn_title(struct txt *t, const struct ipvs_list *l)
{
	txt_str(t, "IPVS connection entries\n"
		   "pro expire state       source             virtual        "
		   "    destination");
	if (l->layout == IPVS_L_PERSISTENT)
		txt_str(t, "        pe name          pe_data");
	txt_str(t, "\n");
}

static bool hex(const char *s, uint64_t max, uint64_t *out)
{
	const char *digits = "0123456789ABCDEF";

	for (*out = 0; *s && *out <= max; s++) {
		const char *d = strchr(digits, *s >= 'a' ? *s - 32 : *s);

		if (!d)
			return false;
		*out = *out * 16 + (uint64_t)(d - digits);
	}
	return *out <= max;
}

/* "C0000201" or text, as the kernel's versions have it. */
static bool conn_addr(struct addr *a, const char *s)
{
	uint64_t v;

	if (strlen(s) != 8 || strchr(s, '.') || strchr(s, ':'))
		return addr_parse(a, s);
	if (!hex(s, UINT32_MAX, &v))
		return false;
	*a = (struct addr){ .family = AF_INET,
		.b = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
			(uint8_t)(v >> 8), (uint8_t)v } };
	return true;
}

static void two_digits(struct txt *t, uint64_t v)
{
	txt_str(t, v < 10 ? "0" : "");
	txt_num(t, v);
}

static void expiry(struct txt *t, uint64_t secs)
{
	char text[32];
	struct txt e = txt_init(text, sizeof text);

	two_digits(&e, secs / 60);
	txt_str(&e, ":");
	two_digits(&e, secs % 60);
	txt_str(t, " ");
	txt_left(t, text, 6);
}

static bool conn_end(struct txt *t, const struct ipvs_list *l, char *words[],
	size_t width, uint8_t proto)
{
	char text[256];
	struct txt n = txt_init(text, sizeof text);
	struct addr a;
	uint64_t port;

	if (!conn_addr(&a, words[0]) || !hex(words[1], 65535, &port))
		return false;
	name_of(&n, l, &a, (uint16_t)port, proto);
	text[NAME_LEN] = '\0';
	txt_str(t, " ");
	txt_left(t, text, width);
	return true;
}

static uint8_t proto_of(const char *s)
{
	return strcmp(s, "TCP") == 0	? IPVS_TCP
	       : strcmp(s, "UDP") == 0	? IPVS_UDP
	       : strcmp(s, "SCTP") == 0 ? IPVS_SCTP
					: 0;
}

bool ipvs_list_conn(struct txt *t, const struct ipvs_list *l, char *line)
{
	char *w[IPVS_WORDS_MAX];
	size_t n = ipvs_split(line, w);
	bool pe = n == 11 && l->layout == IPVS_L_PERSISTENT;
	uint64_t secs;
	uint8_t proto;

	if (n < 9 || n > 11 || !num_u64(w[8], 0, UINT32_MAX, &secs))
		return false;
	proto = proto_of(w[0]);
	txt_left(t, w[0], 3);
	expiry(t, secs);
	txt_str(t, " ");
	txt_left(t, w[7], 11);
	if (!conn_end(t, l, w + 1, 18, proto) ||
		!conn_end(t, l, w + 3, 18, proto) ||
		!conn_end(t, l, w + 5, pe ? 16 : 0, proto))
		return false;
	if (pe) {
		txt_str(t, " ");
		txt_left(t, w[9], 18);
		txt_str(t, " ");
		txt_str(t, w[10]);
	}
	txt_str(t, "\n");
	return true;
}
