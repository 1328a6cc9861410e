#include <string.h>

#include "dump.h"

#define DAY 86400

/* ---- Time */

struct civil {
	int64_t days; /* since the epoch */
	uint32_t sec; /* of the day */
	uint32_t ns;
};

static struct civil civil_of(int64_t ns)
{
	int64_t sec = ns / NS_PER_S - (ns % NS_PER_S < 0);
	int64_t days = sec / DAY - (sec % DAY < 0);

	return (struct civil){ days, (uint32_t)(sec - days * DAY),
		(uint32_t)(ns - sec * NS_PER_S) };
}

/* Days to year, month, day of the Gregorian calendar, counted in eras of 400
 * years that begin with March. */
static void put_date(struct txt *t, int64_t days)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	uint32_t doe = (uint32_t)(z - era * 146097);
	uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint32_t mp = (5 * doy + 2) / 153, month = mp < 10 ? mp + 3 : mp - 9;
	int64_t year = yoe + era * 400 + (month <= 2);

	txt_zeros(t, year < 0 ? 0 : (uint64_t)year, 4);
	txt_ch(t, '-');
	txt_zeros(t, month, 2);
	txt_ch(t, '-');
	txt_zeros(t, doy - (153 * mp + 2) / 5 + 1, 2);
}

static void put_fraction(struct txt *t, uint32_t ns, bool nano)
{
	txt_ch(t, '.');
	txt_zeros(t, nano ? ns : ns / 1000, nano ? 9 : 6);
}

static void put_clock(struct txt *t, const struct civil *c, bool nano)
{
	txt_zeros(t, c->sec / 3600, 2);
	txt_ch(t, ':');
	txt_zeros(t, c->sec / 60 % 60, 2);
	txt_ch(t, ':');
	txt_zeros(t, c->sec % 60, 2);
	put_fraction(t, c->ns, nano);
}

void dump_iso(struct txt *t, int64_t ns, bool nano)
{
	struct civil c = civil_of(ns);

	put_date(t, c.days);
	txt_ch(t, 'T');
	put_clock(t, &c, nano);
	txt_ch(t, 'Z');
}

static void put_since(struct txt *t, int64_t ns, bool nano)
{
	struct civil c;

	if (ns < 0) {
		txt_ch(t, '-');
		ns = -ns;
	}
	c = civil_of(ns);
	if (c.days) {
		txt_num(t, (uint64_t)c.days);
		txt_str(t, "d ");
	}
	put_clock(t, &c, nano);
}

static void put_time(
	struct txt *t, const struct dump_opts *o, const struct dump_packet *p)
{
	struct civil c = civil_of(p->ns);

	switch (o->time) {
	case TIME_NONE:
		return;
	case TIME_EPOCH:
		txt_num(t, (uint64_t)(p->ns < 0 ? 0 : p->ns / NS_PER_S));
		put_fraction(t, c.ns, o->nano);
		break;
	case TIME_DELTA:
	case TIME_SINCE:
		put_since(t, p->since, o->nano);
		break;
	default:
		c = civil_of(p->ns + p->utc_offset * NS_PER_S);
		if (o->time == TIME_DATE) {
			put_date(t, c.days);
			txt_ch(t, ' ');
		}
		put_clock(t, &c, o->nano);
	}
	txt_ch(t, ' ');
}

/* ---- Link */

static void put_type(struct txt *t, uint16_t type)
{
	txt_str(t, ", ethertype ");
	txt_str(t, type == ETHERTYPE_V4	   ? "IPv4"
		   : type == ETHERTYPE_V6  ? "IPv6"
		   : type == ETHERTYPE_ARP ? "ARP"
					   : "Unknown");
	txt_str(t, " (0x");
	txt_hex(t, type, 4);
	txt_str(t, "), ");
}

static void put_link(struct txt *t, const struct dissect *d)
{
	const struct layers *l = &d->l;

	if (l->has_src_mac)
		txt_mac(t, l->src_mac);
	if (l->has_dst_mac) {
		txt_str(t, " > ");
		txt_mac(t, l->dst_mac);
	}
	if (!l->has_src_mac)
		txt_str(t, link_type_str(l->link));
	if (l->ethertype)
		put_type(t, l->ethertype);
	else
		txt_str(t, ", ");
	for (unsigned i = 0; i < l->nvlans; i++) {
		txt_str(t, "vlan ");
		txt_num(t, l->vlan[i] & 0xfff);
		txt_str(t, ", p ");
		txt_num(t, l->vlan[i] >> 13);
		txt_str(t, ", ");
	}
	txt_str(t, "length ");
	txt_num(t, d->wire);
	txt_str(t, ": ");
}

static const char *direction_str(uint8_t direction)
{
	static const char *const str[] = { "In", "B", "M", "P", "Out" };

	return direction < 5 ? str[direction] : "?";
}

static void put_if(struct txt *t, const struct dump_packet *p)
{
	size_t from = t->len;

	txt_str(t, p->ifname ? p->ifname : "?");
	txt_pad(t, from, 6);
	from = t->len;
	txt_str(t, direction_str(p->d->l.direction));
	txt_pad(t, from, 4);
}

/* ---- IP */

static void put_v4(struct txt *t, const struct layers *l)
{
	txt_str(t, "(tos 0x");
	txt_hex(t, l->tos, 1);
	txt_str(t, ", ttl ");
	txt_num(t, l->ip.ttl);
	txt_str(t, ", id ");
	txt_num(t, l->id);
	txt_str(t, ", offset ");
	txt_num(t, l->frag);
	txt_str(t, ", flags [");
	txt_str(t, l->mf ? (l->df ? "+, DF" : "+") : l->df ? "DF" : "none");
	txt_str(t, l->ah ? "], proto AH (51), length "
			 : "], proto VRRP (112), length ");
	txt_num(t, l->ip_len);
	txt_str(t, ") ");
}

static void put_v6(struct txt *t, const struct layers *l)
{
	txt_ch(t, '(');
	if (l->tos) {
		txt_str(t, "class 0x");
		txt_hex(t, l->tos, 2);
		txt_str(t, ", ");
	}
	if (l->flow) {
		txt_str(t, "flowlabel 0x");
		txt_hex(t, l->flow, 5);
		txt_str(t, ", ");
	}
	txt_str(t, "hlim ");
	txt_num(t, l->ip.ttl);
	for (unsigned i = 0; i < l->nexts; i++) {
		txt_str(t, i ? "," : ", next-headers ");
		txt_num(t, l->ext[i]);
	}
	txt_str(t, ", payload length: ");
	txt_num(t, l->ip_len);
	txt_str(t, ") ");
}

static void put_ip(
	struct txt *t, const struct dump_opts *o, const struct layers *l)
{
	txt_str(t, l->family == AF_INET6 ? "IP6 " : "IP ");
	if (!l->ip.src.family) {
		txt_str(t, "[|ip]");
		return;
	}
	if (o->verbose && l->family == AF_INET)
		put_v4(t, l);
	else if (o->verbose)
		put_v6(t, l);
	txt_addr(t, &l->ip.src);
	txt_str(t, " > ");
	txt_addr(t, &l->ip.dst);
	txt_str(t, ": ");
	if (!l->ah)
		return;
	txt_str(t, "AH(spi=0x");
	txt_hex(t, l->spi, 8);
	txt_str(t, ",seq=0x");
	txt_hex(t, l->seq, 1);
	txt_str(t, "): ");
}

/* ---- VRRP */

static void put_prio(struct txt *t, uint8_t prio)
{
	txt_str(t, ", prio ");
	txt_num(t, prio);
	if (prio == VRRP_PRIO_STOP)
		txt_str(t, " (resigns)");
	else if (prio == VRRP_PRIO_OWNER)
		txt_str(t, " (owner)");
}

static void put_interval(struct txt *t, const struct vrrp_advert *a)
{
	static const char *const auth[] = { "none", "simple", "ah" };

	if (a->version == 2) {
		txt_str(t, ", authtype ");
		if (a->auth_type <= VRRP_AUTH_AH) {
			txt_str(t, auth[a->auth_type]);
		} else {
			txt_ch(t, '#');
			txt_num(t, a->auth_type);
			if (a->auth_type == AUTH_TYPE_MD5)
				txt_str(t, " (Cisco MD5)");
		}
		txt_str(t, ", intvl ");
		txt_num(t, a->cs / 100);
		txt_ch(t, 's');
	} else {
		txt_str(t, ", intvl ");
		txt_num(t, a->cs);
		txt_str(t, "cs");
	}
}

/* Version 3 over IPv4 has two checksums: which one is always told. */
static void put_sum(
	struct txt *t, const struct dump_opts *o, const struct dissect *d)
{
	bool two = d->a.version == 3 && d->l.family == AF_INET;

	if (d->form == SUM_UNKNOWN || d->faults & DIS_VF(CHECKSUM) ||
		(!two && !o->verbose) || o->quiet)
		return;
	txt_str(t, ", cksum ");
	if (o->verbose) {
		txt_str(t, "0x");
		txt_hex(t, d->sum, 4);
		txt_ch(t, ' ');
	}
	txt_str(t, dis_sum_str(d->form));
}

static void put_addrs(struct txt *t, const struct dissect *d)
{
	txt_str(t, ", addrs");
	if (d->a.count != 1) {
		txt_ch(t, '(');
		txt_num(t, d->a.count);
		txt_ch(t, ')');
	}
	txt_ch(t, ':');
	for (unsigned i = 0; i < d->shown; i++) {
		txt_ch(t, i ? ',' : ' ');
		txt_bytes(t, d->l.family, d->a.vips + i * d->asize);
	}
	if (d->shown < d->a.count)
		txt_str(t, d->shown ? ",[...]" : " [...]");
}

/* As C writes it, so that no byte of it reaches the terminal. */
static void put_quoted(struct txt *t, const uint8_t *p, size_t n)
{
	while (n && !p[n - 1])
		n--;
	txt_ch(t, '"');
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"' || p[i] == '\\')
			txt_ch(t, '\\');
		if (p[i] >= ' ' && p[i] < 0x7f) {
			txt_ch(t, (char)p[i]);
		} else {
			txt_str(t, "\\x");
			txt_hex(t, p[i], 2);
		}
	}
	txt_ch(t, '"');
}

static void put_hmac(struct txt *t, const struct dissect *d, bool show)
{
	txt_str(t, ", hmac(key ");
	txt_num(t, d->hmac.key_id);
	txt_str(t, ", seq ");
	txt_num(t, d->hmac.sec);
	txt_ch(t, '.');
	txt_num(t, d->hmac.frac);
	txt_ch(t, '.');
	txt_num(t, d->hmac.counter);
	if (show) {
		txt_str(t, ", tag ");
		txt_hexes(t, d->hmac.tag, HMAC_LEN - 12);
	}
	txt_ch(t, ')');
}

static void put_auth(struct txt *t, const struct dissect *d, bool show)
{
	if (d->hmac.tag)
		put_hmac(t, d, show);
	if (d->a.version != 2 || !d->auth_len || d->a.auth_type == 0 ||
		d->a.auth_type == VRRP_AUTH_AH)
		return;
	if (!show) {
		txt_str(t, " auth \"********\"");
	} else if (d->a.auth_type == VRRP_AUTH_PASS) {
		txt_str(t, " auth ");
		put_quoted(t, d->auth_data, d->auth_len);
	} else {
		txt_str(t, " auth 0x");
		txt_hexes(t, d->auth_data, d->auth_len);
	}
}

static void put_vrrp(
	struct txt *t, const struct dump_opts *o, const struct dissect *d)
{
	const struct vrrp_advert *a = &d->a;

	if (!d->decoded) {
		txt_str(t, d->l.payload ? "VRRP, length " : "VRRP");
		if (d->l.payload)
			txt_num(t, d->l.len);
		return;
	}
	txt_str(t, "VRRPv");
	txt_num(t, a->version);
	if (a->type == VRRP_ADVERT) {
		txt_str(t, ", Advertisement");
	} else {
		txt_str(t, ", unknown type (");
		txt_num(t, a->type);
		txt_ch(t, ')');
	}
	if (d->l.ip.ttl != VRRP_TTL) {
		txt_str(t, ", (ttl ");
		txt_num(t, d->l.ip.ttl);
		txt_ch(t, ')');
	}
	txt_str(t, ", vrid ");
	txt_num(t, a->vrid);
	put_prio(t, a->prio);
	if (a->version != 2 && a->version != 3) {
		txt_str(t, ", length ");
		txt_num(t, d->l.len);
		return;
	}
	put_interval(t, a);
	txt_str(t, ", length ");
	txt_num(t, d->l.len);
	put_sum(t, o, d);
	if (!o->quiet) {
		put_addrs(t, d);
		put_auth(t, d, o->show_auth);
	}
}

static void put_carp(struct txt *t, const struct dissect *d)
{
	const struct dis_carp *c = &d->carp;

	txt_str(t, "CARPv2-advertise 36: vhid=");
	txt_num(t, c->vhid);
	txt_str(t, " advbase=");
	txt_num(t, c->advbase);
	txt_str(t, " advskew=");
	txt_num(t, c->advskew);
	txt_str(t, " authlen=");
	txt_num(t, c->authlen);
	txt_str(t, " counter=");
	txt_num(t, c->counter);
	txt_str(t, " (not VRRP)");
}

/* ---- Announcements */

static void put_owner(struct txt *t, uint8_t owner)
{
	if (!owner)
		return;
	txt_str(t, ", of vrid ");
	txt_num(t, owner);
}

static void put_arp(struct txt *t, const struct dump_packet *p)
{
	const struct arp *a = &p->d->arp;

	txt_str(t, a->op == ARP_REQUEST ? "ARP, Announcement " : "ARP, Reply ");
	txt_addr(t, &a->spa);
	txt_str(t, " is-at ");
	txt_mac(t, a->sha);
	txt_str(t, ", length ");
	txt_num(t, p->d->l.len);
	put_owner(t, p->owner);
}

static void put_na(struct txt *t, const struct dump_packet *p)
{
	const struct nd *n = &p->d->nd;

	txt_str(t, "ICMP6, neighbor advertisement, tgt is ");
	txt_addr(t, &n->target);
	txt_str(t, ", Flags [");
	if (n->flags & NA_ROUTER)
		txt_str(t, "router");
	if (n->flags & NA_OVERRIDE)
		txt_str(t, n->flags & NA_ROUTER ? ", override" : "override");
	else if (!(n->flags & NA_ROUTER))
		txt_str(t, "none");
	txt_str(t, "], is-at ");
	if (n->has_mac)
		txt_mac(t, n->mac);
	else
		txt_ch(t, '-');
	txt_str(t, ", length ");
	txt_num(t, p->d->l.len);
	put_owner(t, p->owner);
}

/* ---- What is wrong */

static void put_faults(
	struct txt *t, const struct dissect *d, uint64_t set, const char *head)
{
	for (int f; (f = dis_fault_next(&set)) >= 0; head = "; ") {
		txt_str(t, head);
		dis_fault_words(t, d, f);
	}
}

static void put_kind(
	struct txt *t, const struct dump_opts *o, const struct dump_packet *p)
{
	const struct dissect *d = p->d;

	if (d->kind == DIS_ARP) {
		put_arp(t, p);
		return;
	}
	if (d->kind == DIS_UNREADABLE && !d->l.family) {
		txt_str(t, "[|link]");
		return;
	}
	put_ip(t, o, &d->l);
	if (!d->l.ip.src.family)
		return;
	switch (d->kind) {
	case DIS_VRRP:
		put_vrrp(t, o, d);
		break;
	case DIS_CARP:
		put_carp(t, d);
		break;
	case DIS_NA:
		put_na(t, p);
		break;
	case DIS_FRAGMENT:
		txt_str(t, "VRRP, a later fragment, length ");
		txt_num(t, d->l.len);
		break;
	default:
		txt_str(t, "[|payload]");
	}
}

void dump_text(
	struct txt *t, const struct dump_opts *o, const struct dump_packet *p)
{
	put_time(t, o, p);
	if (p->say_if)
		put_if(t, p);
	if (o->link)
		put_link(t, p->d);
	put_kind(t, o, p);
	put_faults(t, p->d, p->d->faults & DIS_DF(CUT), " -- ");
	put_faults(t, p->d, p->d->faults & DIS_WRONG, " -- WRONG: ");
	if (!o->quiet)
		put_faults(t, p->d, p->d->faults & DIS_NOTES, " -- note: ");
	txt_ch(t, '\n');
}

void dump_hex(
	struct txt *t, const uint8_t *data, size_t n, size_t off, bool ascii)
{
	size_t from;

	if (n > 16)
		n = 16;
	txt_str(t, "\t0x");
	txt_hex(t, off, 4);
	txt_str(t, ": ");
	from = t->len;
	for (size_t i = 0; i < n; i++) {
		if (i % 2 == 0)
			txt_ch(t, ' ');
		txt_hexes(t, data + i, 1);
	}
	if (ascii) {
		txt_pad(t, from, 42);
		for (size_t i = 0; i < n; i++)
			txt_ch(t, data[i] > ' ' && data[i] < 0x7f
					  ? (char)data[i]
					  : '.');
	}
	txt_ch(t, '\n');
}
