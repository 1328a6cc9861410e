#include <string.h>

#include "dump.h"

static void add_addr(struct json *j, const char *key, const struct addr *a)
{
	char text[ADDR_STRLEN];

	if (a->family)
		json_str(j, key, addr_str(a, text));
}

static void add_bytes(
	struct json *j, const char *key, int family, const uint8_t *b)
{
	char text[ADDR_STRLEN + 1];
	struct txt t = txt_init(text, sizeof text);

	txt_bytes(&t, family, b);
	json_str(j, key, txt_end(&t));
}

static void add_mac(struct json *j, const char *key, const uint8_t *mac)
{
	char text[MAC_STRLEN];

	json_str(j, key, mac_str(mac, text));
}

static void add_hex(
	struct json *j, const char *key, uint64_t v, unsigned digits)
{
	char text[24];
	struct txt t = txt_init(text, sizeof text);

	txt_str(&t, "0x");
	txt_hex(&t, v, digits);
	json_str(j, key, txt_end(&t));
}

static void add_hexes(
	struct json *j, const char *key, const uint8_t *p, size_t n)
{
	char text[2 * 64 + 1];
	struct txt t = txt_init(text, sizeof text);

	txt_hexes(&t, p, n < 64 ? n : 64);
	json_str(j, key, txt_end(&t));
}

static void add_time(struct json *j, int64_t ns, bool nano)
{
	char text[48];
	struct txt t = txt_init(text, sizeof text);

	dump_iso(&t, ns, nano);
	json_str(j, "time", txt_end(&t));
	t = txt_init(text, sizeof text);
	if (nano) {
		txt_num(&t, (uint64_t)ns / NS_PER_S);
		txt_ch(&t, '.');
		txt_zeros(&t, (uint64_t)ns % NS_PER_S, 9);
	} else {
		txt_secs(&t, ns / 1000, 6);
	}
	json_raw(j, "epoch", txt_end(&t));
}

/* ---- Layers */

static void add_link(struct json *j, const struct dissect *d)
{
	const struct layers *l = &d->l;

	json_str(j, "link", link_type_str(l->link));
	json_num(j, "frame_length", d->wire);
	json_num(j, "captured", d->cap);
	json_bool(j, "truncated", d->faults & DIS_DF(CUT));
	if (l->has_src_mac)
		add_mac(j, "src_mac", l->src_mac);
	if (l->has_dst_mac)
		add_mac(j, "dst_mac", l->dst_mac);
	if (!l->nvlans)
		return;
	json_open(j, "vlans", '[');
	for (unsigned i = 0; i < l->nvlans; i++)
		json_num(j, NULL, l->vlan[i] & 0xfff);
	json_close(j, ']');
	json_open(j, "vlan_priorities", '[');
	for (unsigned i = 0; i < l->nvlans; i++)
		json_num(j, NULL, l->vlan[i] >> 13);
	json_close(j, ']');
}

static void add_v4(struct json *j, const struct layers *l)
{
	json_num(j, "tos", l->tos);
	json_num(j, "id", l->id);
	json_bool(j, "df", l->df);
	json_num(j, "ip_header_length", l->hlen * 4u);
	add_hex(j, "ip_checksum", l->ip_sum, 4);
}

static void add_v6(struct json *j, const struct layers *l)
{
	json_num(j, "traffic_class", l->tos);
	json_num(j, "flow", l->flow);
	if (!l->nexts)
		return;
	json_open(j, "extension_headers", '[');
	for (unsigned i = 0; i < l->nexts; i++)
		json_num(j, NULL, l->ext[i]);
	json_close(j, ']');
}

static void add_ip(struct json *j, const struct layers *l)
{
	if (!l->family)
		return;
	json_str(j, "family", l->family == AF_INET ? "inet" : "inet6");
	if (!l->ip.src.family)
		return;
	add_addr(j, "src", &l->ip.src);
	add_addr(j, "dst", &l->ip.dst);
	json_num(j, "ttl", l->ip.ttl);
	json_num(j, "ip_length", l->ip_len);
	if (l->family == AF_INET)
		add_v4(j, l);
	else
		add_v6(j, l);
	if (l->faults & LF_BIT(FRAG)) {
		json_num(j, "fragment_id", l->id);
		json_num(j, "fragment_offset", l->frag);
		json_bool(j, "more_fragments", l->mf);
	}
	if (!l->ah)
		return;
	json_open(j, "ah", '{');
	add_hex(j, "spi", l->spi, 8);
	json_num(j, "seq", l->seq);
	add_hexes(j, "icv", l->icv, l->icv_len);
	json_close(j, '}');
}

/* ---- Kinds */

static void add_addresses(struct json *j, const struct dissect *d)
{
	json_open(j, "addresses", '[');
	for (unsigned i = 0; i < d->shown; i++)
		add_bytes(j, NULL, d->l.family, d->a.vips + i * d->asize);
	json_close(j, ']');
}

static void add_auth_data(struct json *j, const struct dissect *d)
{
	char pass[VRRP_AUTH_LEN + 1] = { 0 };

	if (d->a.auth_type == VRRP_AUTH_PASS && d->auth_len == VRRP_AUTH_LEN) {
		memcpy(pass, d->auth_data, VRRP_AUTH_LEN);
		json_str(j, "password", pass);
	}
	if (d->auth_len)
		add_hexes(j, "auth_data", d->auth_data, d->auth_len);
}

static void add_hmac(struct json *j, const struct dis_hmac *h, bool show)
{
	if (!h->tag)
		return;
	json_open(j, "hmac", '{');
	json_num(j, "key_id", h->key_id);
	json_num(j, "seconds", h->sec);
	json_num(j, "fraction", h->frac);
	json_num(j, "counter", h->counter);
	if (show)
		add_hexes(j, "tag", h->tag, HMAC_LEN - 12);
	json_close(j, '}');
}

static void add_message(struct json *j, const struct dissect *d, bool show)
{
	const struct vrrp_advert *a = &d->a;

	json_num(j, "interval_cs", a->cs);
	if (a->version == 2)
		json_num(j, "auth_type", a->auth_type);
	json_str(j, "auth", dis_auth_str(d->auth));
	if (a->version == 3)
		json_num(j, "reserved", d->reserved);
	add_hex(j, "checksum", d->sum, 4);
	json_str(j, "checksum_form", dis_sum_str(d->form));
	if (d->form != SUM_UNKNOWN)
		json_bool(j, "checksum_ok", !(d->faults & DIS_VF(CHECKSUM)));
	add_addresses(j, d);
	if (show)
		add_auth_data(j, d);
	add_hmac(j, &d->hmac, show);
}

static void add_vrrp(struct json *j, const struct dissect *d, bool show)
{
	json_num(j, "length", d->l.len);
	if (!d->decoded)
		return;
	json_num(j, "version", d->a.version);
	json_num(j, "type", d->a.type);
	json_num(j, "vrid", d->a.vrid);
	json_num(j, "priority", d->a.prio);
	json_num(j, "count", d->a.count);
	if (d->a.version == 2 || d->a.version == 3)
		add_message(j, d, show);
}

static void add_carp(struct json *j, const struct dis_carp *c)
{
	json_num(j, "vhid", c->vhid);
	json_num(j, "advskew", c->advskew);
	json_num(j, "advbase", c->advbase);
	json_num(j, "demote", c->demote);
	json_num(j, "counter", c->counter);
}

static void add_arp(struct json *j, const struct arp *a)
{
	json_num(j, "op", a->op);
	add_addr(j, "address", &a->spa);
	add_mac(j, "mac", a->sha);
	add_mac(j, "target_mac", a->tha);
}

static void add_na(struct json *j, const struct nd *n)
{
	add_addr(j, "address", &n->target);
	if (n->has_mac)
		add_mac(j, "mac", n->mac);
	json_bool(j, "router", n->flags & NA_ROUTER);
	json_bool(j, "override", n->flags & NA_OVERRIDE);
}

static void add_kind(
	struct json *j, const struct dump_opts *o, const struct dump_packet *p)
{
	const struct dissect *d = p->d;

	if (d->kind == DIS_VRRP)
		add_vrrp(j, d, o->show_auth);
	else if (d->kind == DIS_CARP)
		add_carp(j, &d->carp);
	else if (d->kind == DIS_ARP)
		add_arp(j, &d->arp);
	else if (d->kind == DIS_NA)
		add_na(j, &d->nd);
	if (p->owner)
		json_num(j, "vrid", p->owner);
}

static void add_faults(
	struct json *j, const char *key, const struct dissect *d, uint64_t set)
{
	char text[256];

	json_open(j, key, '[');
	for (int f; (f = dis_fault_next(&set)) >= 0;) {
		struct txt t = txt_init(text, sizeof text);

		dis_fault_words(&t, d, f);
		json_open(j, NULL, '{');
		json_str(j, "name", dis_fault_str(f));
		json_str(j, "text", txt_end(&t));
		json_close(j, '}');
	}
	json_close(j, ']');
}

void dump_json(
	struct json *j, const struct dump_opts *o, const struct dump_packet *p)
{
	json_open(j, NULL, '{');
	add_time(j, p->ns, o->nano);
	if (p->ifname)
		json_str(j, "interface", p->ifname);
	add_link(j, p->d);
	json_str(j, "kind", dis_kind_str(p->d->kind));
	add_ip(j, &p->d->l);
	add_kind(j, o, p);
	add_faults(j, "faults", p->d, p->d->faults & DIS_WRONG);
	add_faults(j, "notes", p->d, p->d->faults & DIS_NOTES);
	json_close(j, '}');
}
