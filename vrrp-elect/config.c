#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "die.h"
#include "vframe.h"

#define CS_US INT64_C(10000)

static const char *take_keys(struct router_cfg *c, char *text)
{
	static char wrong[128];
	unsigned line;
	const char *what = auth_parse(c->auth_cfg, text, &line);

	if (!what)
		return NULL;
	snprintf(wrong, sizeof wrong, "line %u: %s", line, what);
	return wrong;
}

/* The first line: eight bytes at most.  That of AH is the key. */
static const char *take_password(struct router_cfg *c, char *text)
{
	struct auth_key *k = &c->auth_cfg->keys[0];
	size_t len = strcspn(text, "\r\n");

	if (!len)
		return "no password in the first line";
	if (len > VRRP_AUTH_LEN) {
		warn("%s: only the first 8 bytes of the password count",
			c->auth_file.path);
		len = VRRP_AUTH_LEN;
	}
	if (c->auth_cfg->kind == AUTH_AH) {
		*k = (struct auth_key){ .len = VRRP_AUTH_LEN };
		memcpy(k->b, text, len);
		return NULL;
	}
	memset(c->auth, 0, sizeof c->auth);
	memcpy(c->auth, text, len);
	return NULL;
}

const char *config_read_auth(struct router_cfg *c)
{
	const char *wrong;
	char *text;
	int err = kept_read(&c->auth_file, AUTH_FILE_MAX - 2, &text);

	if (err)
		return errno_str(err, NULL);
	wrong = c->auth_cfg->kind == AUTH_HMAC ? take_keys(c, text)
					       : take_password(c, text);
	free(text);
	return wrong;
}

int config_proto(const struct router_cfg *c)
{
	return c->auth_cfg->kind == AUTH_AH ? AUTH_AH_PROTO : VRRP_PROTO;
}

void config_use(struct router_cfg *c, struct cfg_room *room)
{
	c->auth_cfg = &room->auth_cfg;
	c->vips = room->vips;
	c->peers = room->peers;
	c->allow = room->allow;
	c->track_ifs = room->track_ifs;
	c->tracks.t = room->tracks;
}

struct block {
	char *p; /* NULL: only count */
	size_t len;
};

/* The next `size` bytes of the block, `used` of them from `from`. */
static void *part(struct block *b, const void *from, size_t used, size_t size)
{
	size_t at = b->len;

	b->len += (size + 15) / 16 * 16;
	return b->p ? memcpy(b->p + at, from, used) : NULL;
}

static void *string(struct block *b, const char *s)
{
	return s ? part(b, s, strlen(s) + 1, strlen(s) + 1) : NULL;
}

/* Lays c out in the block; to points there. */
static void lay_out(struct block *b, const struct router_cfg *c,
	struct router_cfg *to, const char *text)
{
	size_t tracks = c->tracks.any ? TRACKS_MAX : c->tracks.n;

#define PART(v, n) part(b, c->v, (n) * sizeof *c->v, (n) * sizeof *c->v)
	to->vips = PART(vips, c->nvips);
	to->peers = PART(peers, c->npeers);
	to->allow = PART(allow, c->nallow);
	to->track_ifs = PART(track_ifs, c->ntrack_ifs);
#undef PART
	to->tracks.t = part(b, c->tracks.t, c->tracks.n * sizeof *c->tracks.t,
		tracks * sizeof *c->tracks.t);
	to->auth_file.path = string(b, c->auth_file.path);
	to->text = string(b, text);
	if (c->auth_cfg->kind != AUTH_NONE)
		to->auth_cfg = part(b, c->auth_cfg, sizeof *c->auth_cfg,
			sizeof *c->auth_cfg);
}

struct router_cfg *config_copy(struct router_cfg *c, const char *text)
{
	static struct auth_cfg none;
	struct block b = { 0 };
	struct router_cfg *to, where;

	part(&b, c, sizeof *c, sizeof *c);
	lay_out(&b, c, &where, text);
	b.p = malloc(b.len);
	b.len = 0;
	if (!b.p)
		return NULL;
	to = part(&b, c, sizeof *c, sizeof *c);
	to->auth_cfg = &none;
	lay_out(&b, c, to, text);
	c->auth_file.fd = -1;
	return to;
}

void config_free(struct router_cfg *c)
{
	if (c)
		kept_close(&c->auth_file);
	free(c);
}

static bool same(const void *a, size_t an, const void *b, size_t bn)
{
	return an == bn && (!an || memcmp(a, b, an) == 0);
}

bool config_same_ear(const struct router_cfg *a, const struct router_cfg *b)
{
	return strcmp(a->ifname, b->ifname) == 0 && a->family == b->family &&
	       config_proto(a) == config_proto(b) &&
	       same(a->peers, a->npeers * sizeof *a->peers, b->peers,
		       b->npeers * sizeof *b->peers) &&
	       same(a->allow, a->nallow * sizeof *a->allow, b->allow,
		       b->nallow * sizeof *b->allow);
}

bool config_is_kin(const struct router_cfg *a, const struct router_cfg *b)
{
	return a->vrid == b->vrid && config_same_ear(a, b) &&
	       a->elect.version == b->elect.version &&
	       a->elect.interval == b->elect.interval &&
	       a->elect.heartbeat == b->elect.heartbeat &&
	       a->elect.confirm == b->elect.confirm;
}

static const char *check_interval(const struct elect_cfg *e)
{
	if (e->version == 2 &&
		(e->interval % US_PER_S || e->interval < US_PER_S ||
			e->interval > 255 * US_PER_S))
		return "--interval: version 2 has whole seconds, 1s to 255s";
	if (e->version == 3 && (e->interval % CS_US || e->interval < CS_US ||
				       e->interval > VRRP_CS_MAX * CS_US))
		return "--interval: version 3 has steps of 10ms, 10ms to "
		       "40.95s";
	return NULL;
}

static const char *check_vips(const struct router_cfg *c)
{
	for (size_t i = 0; i < c->nvips; i++) {
		const struct addr *a = &c->vips[i].addr;

		if (a->family != c->family)
			return "addresses of one family only: run one elector "
			       "for each, or give the others to vip-bind";
		if (addr_is_multicast(a) || addr_is_unspecified(a) ||
			addr_is_loopback(a))
			return "not an address a host can have";
		for (size_t j = 0; j < i; j++)
			if (addr_equal(a, &c->vips[j].addr))
				return "an address is there twice";
	}
	return c->nvips ? NULL : "no address";
}

static const char *check_peers(const struct router_cfg *c)
{
	bool far = false;

	for (size_t i = 0; i < c->npeers; i++) {
		if (c->peers[i].family != c->family)
			return "--peer: not of the family of the addresses";
		if (addr_is_multicast(&c->peers[i]) ||
			addr_is_unspecified(&c->peers[i]))
			return "--peer: not the address of a host";
		far = far || !addr_is_linklocal6(&c->peers[i]);
	}
	for (size_t i = 0; i < c->nallow; i++)
		if (c->allow[i].addr.family != c->family)
			return "--allow: not of the family of the addresses";
	if (c->source.family && c->source.family != c->family)
		return "--source: not of the family of the addresses";
	if (far && c->npeers && c->family == AF_INET6 && !c->source.family)
		return "--peer: needs --source, or link-local peers";
	if (c->min_ttl && !c->npeers)
		return "--min-ttl: only with --peer; multicast is always 255";
	return NULL;
}

static const char *check_vmac(const struct router_cfg *c)
{
	size_t one = c->family == AF_INET ? 4 : 16;

	if (!c->vmac)
		return NULL;
	if (c->npeers)
		return "--vmac: not with --peer: only what all hear is sent "
		       "from the virtual MAC";
	if (auth_head(c->auth_cfg) + VRRP_HDR_LEN + one * c->nvips +
			VRRP_AUTH_LEN + AUTH_ROOM >
		VFRAME_PAYLOAD)
		return "--vmac: more addresses than fit into one frame";
	return NULL;
}

static const char *check_election(const struct router_cfg *c)
{
	const struct elect_cfg *e = &c->elect;

	if (e->version == 2 && c->family == AF_INET6)
		return "--vrrp 2 has no IPv6";
	if (e->version == 3 && c->auth_type)
		return "--auth: version 3 has hmac:FILE alone; else --vrrp 2";
	if (e->version == 2 && c->sum_told)
		return "--checksum: only version 3 has two forms";
	if (e->prio == VRRP_PRIO_OWNER && !e->preempt)
		return "--nopreempt: the owner (priority 255) always preempts";
	if (e->preempt_delay && !e->preempt)
		return "--preempt-delay excludes --nopreempt";
	if (e->max_interval && e->max_interval < e->interval)
		return "--max-interval: shorter than --interval";
	return NULL;
}

static void name_subject(struct router_cfg *c)
{
	if (!c->subject[0])
		snprintf(c->subject, sizeof c->subject, "vrrp%s.%u@%s",
			c->family == AF_INET6 ? "6" : "", c->vrid, c->ifname);
}

static void default_timers(struct elect_cfg *e)
{
	const int64_t longest = VRRP_CS_MAX * CS_US;

	if (!e->max_interval)
		e->max_interval = 10 * e->interval;
	if (e->max_interval > longest && e->version == 3)
		e->max_interval = longest;
}

const char *config_finish(struct router_cfg *c)
{
	const char *wrong = check_vips(c);

	if (!c->elect.interval)
		c->elect.interval = US_PER_S;
	if (!wrong)
		wrong = check_interval(&c->elect);
	if (!wrong)
		wrong = check_peers(c);
	if (!wrong)
		wrong = check_vmac(c);
	if (!wrong)
		wrong = check_election(c);
	if (wrong)
		return wrong;
	name_subject(c);
	default_timers(&c->elect);
	return NULL;
}
