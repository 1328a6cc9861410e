#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "line.h"
#include "num.h"
#include "router.h"
#include "vframe.h"
#include "vmac.h"
#include "vrrpsock.h"

/* Of a line of 1024 bytes, so that all other facts fit as well. */
#define ADDRS_ROOM 600

bool router_init(struct router *r, struct common *common,
	struct router_cfg *cfg, struct cold *cold)
{
	*r = (struct router){ .common = common,
		.cfg = cfg,
		.cold = cold,
		.lock = -1,
		.sum = cfg->sum };
	elect_init(&r->elect, &cfg->elect);
	return views_add(&common->views, &r->view, cfg);
}

void router_free(struct router *r)
{
	heap_remove(&r->common->due, &r->due);
	groups_leave(&r->common->groups, r);
	views_remove(&r->common->views, &r->view);
	r->common->owed -= r->line_owed;
	r->common->ended -= r->done;
	if (r->lock >= 0)
		close(r->lock);
	config_free(r->cfg);
	r->cfg = NULL;
}

bool router_become(struct router *r, struct router_cfg *cfg)
{
	if (!views_change(&r->common->views, &r->view, cfg))
		return false;
	tracks_inherit(&cfg->tracks, &r->cfg->tracks);
	cfg->elect.phase = r->cfg->elect.phase;
	if (cfg->sum_told)
		r->sum = cfg->sum;
	config_free(r->cfg);
	r->cfg = cfg;
	r->elect.cfg = &cfg->elect;
	return true;
}

/* ---- Out: lines. */

/* "192.0.2.10/24,192.0.2.11"; false when it does not fit. */
static bool vips_str(const struct router_cfg *c, char *buf, size_t size)
{
	char one[PREFIX_STRLEN];
	size_t len = 0;

	for (size_t i = 0; i < c->nvips; i++) {
		prefix_str(&c->vips[i], one);
		if (len + strlen(one) + 2 > size)
			return false;
		len += (size_t)snprintf(
			buf + len, size - len, "%s%s", i ? "," : "", one);
	}
	return true;
}

static void add_identity(struct line_out *l, const struct router *r)
{
	const struct router_cfg *c = r->cfg;
	char vips[ADDRS_ROOM];

	line_str(l, "if", c->ifname);
	line_num(l, "vrid", c->vrid);
	line_str(l, "family", c->family == AF_INET ? "inet" : "inet6");
	line_num(l, "priority", r->elect.prio);
	if (vips_str(c, vips, sizeof vips))
		line_str(l, "addrs", vips);
	else
		line_num(l, "naddrs", c->nvips);
}

static void add_state(struct line_out *l, const struct router *r)
{
	const struct elect *e = &r->elect;
	char text[ADDR_STRLEN > DUR_STRLEN ? ADDR_STRLEN : DUR_STRLEN];

	line_str(l, "was", elect_state_str(e->was));
	line_str(l, "why", e->why);
	line_num(l, "epoch", e->epoch);
	if (e->state == ELECT_BACKUP && e->master.family)
		line_str(l, "master", addr_str(&e->master, text));
	line_num(l, "version", e->cfg->version);
	line_str(l, "interval", dur_str(e->cfg->interval, text));
}

void router_say(struct router *r, struct mono now)
{
	struct line_out l;

	line_begin(&l, r->common->json, elect_state_str(r->elect.state),
		r->cfg->subject);
	add_identity(&l, r);
	add_state(&l, r);
	line_end(&l);
	r->common->owed -= r->line_owed;
	r->line_owed = !out_line(&r->common->out, l.buf, l.len, now);
	r->common->owed += r->line_owed;
}

void router_tell(const struct router *r)
{
	const struct elect *e = &r->elect;
	char faults[512];

	warn("%s: %s why=%s priority=%u epoch=%u sent=%llu heard=%llu%s",
		r->cfg->subject, elect_state_str(e->state), e->why, e->prio,
		e->epoch, (unsigned long long)r->sent,
		(unsigned long long)r->heard,
		report_str(&r->cold->report, faults, sizeof faults));
}

/* ---- Out: adverts. */

struct sending {
	const struct outlet *out;
	int ifindex;
	const struct router_cfg *cfg;
	const struct auth_state *auth;
};

static int send_to(
	const struct sending *s, struct vrrp_out *o, const struct addr *dst)
{
	static uint8_t large[VFRAME_HEAD + VRRP_LEN_MAX + AUTH_ROOM];
	const size_t small = ROUTER_FRAME - VFRAME_HEAD - AUTH_ROOM;
	const struct outlet *out = s->out;
	uint8_t *buf = out->frame + VFRAME_HEAD;
	const struct auth_cfg *c = s->cfg->auth_cfg;
	size_t len;

	o->dst = *dst;
	len = vrrp_encode(buf + auth_head(c), small, o);
	if (!len) {
		buf = large + VFRAME_HEAD;
		len = vrrp_encode(buf + auth_head(c), VRRP_LEN_MAX, o);
	}
	len = auth_sign(c, s->auth, o, s->cfg->npeers, buf, len);
	if (out->vmac >= 0)
		return vmac_send(out->vmac, s->ifindex, s->cfg, o, buf, len);
	return vrrpsock_send(out->fd, s->ifindex, &o->src, &o->dst, buf, len);
}

int router_send(const struct outlet *out, const struct router_cfg *cfg,
	struct auth_state *auth, const struct view *v, uint8_t prio,
	uint32_t sum)
{
	const struct sending s = { out, view_ifindex(v), cfg, auth };
	struct vrrp_out o = { .version = cfg->elect.version,
		.vrid = cfg->vrid,
		.prio = prio,
		.auth_type = cfg->auth_type,
		.cs = (uint16_t)(cfg->elect.interval / 10000),
		.sum = sum,
		.src = view_source(v),
		.vips = cfg->vips,
		.nvips = cfg->nvips };
	const struct addr group = vrrp_group(cfg->family);
	int err = -EHOSTUNREACH, one;

	memcpy(o.auth, cfg->auth, sizeof o.auth);
	if (!o.src.family || !view_ifindex(v))
		return -EADDRNOTAVAIL;
	if (!auth_next(auth, cfg->auth_cfg, wall_now()))
		return -EOVERFLOW;
	if (!cfg->npeers)
		return send_to(&s, &o, &group);
	/* one peer that cannot be reached must not count for all */
	for (size_t i = 0; i < cfg->npeers; i++) {
		one = send_to(&s, &o, &cfg->peers[i]);
		err = i == 0 || one == 0 ? one : err;
	}
	return err;
}

/* Switches turn to whoever speaks from the virtual MAC: the Master alone, not
 * with the farewell of one that yields, and not before the addresses are here
 * where that is known; until then the old Master serves. */
static int vmac_now(const struct router *r)
{
	bool here = !r->cfg->elect.confirm || view_holds_all(&r->view);
	bool from = r->cfg->vmac && here && r->elect.state == ELECT_MASTER;

	return from ? r->common->vmac : -1;
}

static void advertise(struct router *r, uint8_t prio, struct mono now)
{
	struct elect_event ev = { .type = EV_SENT };
	const struct outlet out = { r->group->fd, vmac_now(r),
		r->common->frame };
	int err = router_send(
		&out, r->cfg, &r->cold->auth, &r->view, prio, r->sum);

	r->sent += err == 0;
	if (err)
		ev.type = EV_UNSENT;
	if (err && r->common->verbose > 0)
		warn("%s: advert not sent: %s", r->cfg->subject,
			errno_str(err, NULL));
	router_turn(r, &ev, now);
}

/* ---- Carrying out. */

static void note(struct router *r, int kind, const struct addr *src)
{
	report(&r->cold->report,
		r->common->verbose < 0 ? NULL : r->cfg->subject, kind, src);
}

static void log_transition(const struct router *r, enum elect_state before)
{
	if (r->common->verbose > 0 && r->elect.state != before)
		warn("%s: %s -> %s: %s", r->cfg->subject,
			elect_state_str(before),
			elect_state_str(r->elect.state), r->elect.why);
}

static void perform(struct router *r, const struct elect_fx *fx,
	const struct elect_event *ev, struct mono now)
{
	switch (fx->type) {
	case FX_ADVERT:
		advertise(r, fx->prio, now);
		break;
	case FX_LINE:
		router_say(r, now);
		break;
	case FX_OTHER_MASTER:
		note(r, REPORT_TWO_MASTERS, &ev->src);
		break;
	case FX_LATE:
		if (r->common->verbose > 0 ||
			(!r->common->verbose && fx->late > US_PER_S))
			warn("%s: woke %lld ms late", r->cfg->subject,
				(long long)(fx->late / US_PER_MS));
		break;
	case FX_HALT:
		r->common->ended += !r->done;
		r->done = true;
		r->code = fx->code;
		break;
	}
}

void router_turn(
	struct router *r, const struct elect_event *ev, struct mono now)
{
	struct elect_fx fx[ELECT_FX_MAX];
	enum elect_state before = r->elect.state;
	size_t n = elect_step(&r->elect, ev, now, fx);

	for (size_t i = 0; i < n; i++)
		perform(r, &fx[i], ev, now);
	log_transition(r, before); /* nobody waits for it */
	heap_set(&r->common->due, &r->due, elect_deadline(&r->elect));
}

/* ---- In: the kernel and the tracks. */

/* Hears the interface it has now.  NULL, or the fault. */
static const char *listen_on(struct router *r)
{
	int err = group_listen(r->group, view_ifindex(&r->view), r->cfg);

	if (!err)
		return NULL;
	warn("%s: %s: cannot join: %s", r->cfg->subject, r->cfg->ifname,
		errno_str(err, NULL));
	return "cannot-join";
}

static const char *fault_of(struct router *r)
{
	static char why[ELECT_WHY_LEN];
	const char *fault = view_fault(&r->view);
	bool unknown;

	if (!view_ifindex(&r->view))
		r->group->listening = 0;
	if (!fault)
		fault = listen_on(r);
	if (fault)
		return fault;
	fault = tracks_fault(&r->cfg->tracks, &unknown);
	if (!fault)
		return NULL;
	snprintf(
		why, sizeof why, "%s-%s", unknown ? "waiting" : "track", fault);
	return why;
}

void router_look(struct router *r, struct mono now)
{
	struct elect_event ev = { .why = fault_of(r) };

	r->elect.me = view_source(&r->view);
	ev.type = EV_PRIO;
	ev.prio = tracks_prio(
		&r->cfg->tracks, r->cfg->elect.prio, view_weight(&r->view));
	router_turn(r, &ev, now);
	ev.type = EV_ADDRS;
	ev.held_all = view_holds_all(&r->view);
	ev.held_any = view_holds_any(&r->view);
	router_turn(r, &ev, now);
	if (!ev.why && !r->faulted)
		return;
	r->faulted = ev.why != NULL;
	ev.type = ev.why ? EV_FAULT : EV_CLEAR;
	router_turn(r, &ev, now);
}

void router_start(struct router *r, struct mono now)
{
	const struct elect_event ev = { .type = EV_START };

	r->started = true;
	router_look(r, now);
	router_turn(r, &ev, now);
}

/* ---- In: adverts. */

static struct vrrp_local local_view(const struct router *r)
{
	const struct router_cfg *c = r->cfg;
	struct vrrp_local me = {
		.version = c->elect.version,
		.vrid = c->vrid,
		.prio = r->elect.prio,
		.auth_type = c->auth_type,
		.min_ttl = c->npeers ? (uint8_t)c->min_ttl : VRRP_TTL,
		.cs = (uint16_t)(c->elect.interval / 10000),
		.cs_max = (uint16_t)(c->elect.max_interval / 10000),
		.me = r->elect.me,
		.dst = c->npeers ? r->elect.me : vrrp_group(c->family),
		.peers = c->peers,
		.npeers = c->npeers,
		.allow = c->allow,
		.nallow = c->nallow,
		.vips = c->vips,
		.nvips = c->nvips,
	};

	memcpy(me.auth, c->auth, sizeof me.auth);
	return me;
}

/* Every notice is said; of the refusals only the first is. */
static enum vrrp_fault report_all(
	struct router *r, uint32_t faults, const struct addr *src)
{
	enum vrrp_fault refused = vrrp_refusal(faults);

	if (refused == VF_CARP || refused == VF_VRID)
		return refused;
	if (refused) {
		note(r, (int)refused, src);
		return refused;
	}
	for (uint32_t left = faults & VRRP_NOTICES; left; left &= left - 1)
		note(r, __builtin_ctz(left), src);
	return VF_OK;
}

/* A Backup takes over the checksum form of its Master, so that a change of
 * Master changes nothing for the others. */
static void learn_sum(struct router *r, const struct vrrp_advert *a)
{
	if (!r->cfg->sum_told && a->prio >= r->elect.prio &&
		a->sums != (VRRP_SUM_PLAIN | VRRP_SUM_PSEUDO))
		r->sum = a->sums;
}

/* All that is wrong with a packet.  Whether it is genuine is asked last, of
 * what would count: it costs a digest. */
static uint32_t examine(struct router *r, const struct vrrp_ip *ip,
	const struct auth_seen *s, struct vrrp_advert *a)
{
	const struct router_cfg *c = r->cfg;
	const struct vrrp_local me = local_view(r);
	uint32_t faults = vrrp_decode_tailed(a, ip, s->msg, s->len, s->tail);

	faults |= vrrp_judge(&me, ip, a);
	if (vrrp_refusal(faults) == VF_OK)
		faults |= auth_check(c->auth_cfg, &r->cold->auth, s, ip,
			c->npeers, me.cs, wall_now());
	return faults;
}

void router_hear(struct router *r, const struct packet *p, struct mono now)
{
	struct elect_event ev = { .type = EV_ADVERT, .src = p->ip->src };
	struct auth_seen seen;
	struct vrrp_advert a;
	uint32_t faults;

	if (p->fault != VF_OK) {
		note(r, (int)p->fault, &p->ip->src);
		return;
	}
	faults =
		auth_peel(&seen, r->cfg->auth_cfg, p->head, p->payload, p->len);
	if (!faults)
		faults = examine(r, p->ip, &seen, &a);
	if (report_all(r, faults, &p->ip->src) != VF_OK)
		return;
	r->heard++;
	auth_accept(&r->cold->auth, r->cfg->auth_cfg, &seen, &p->ip->src);
	learn_sum(r, &a);
	ev.prio = a.prio;
	ev.interval = a.cs * INT64_C(10000);
	router_turn(r, &ev, now);
}
