#include <linux/if_addr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view.h"

/* ---- Who wants to know what. */

static bool is_for(const struct iface *f, const char *name, int family,
	const struct addr *source)
{
	return strcmp(f->name, name) == 0 && f->family == family &&
	       f->source.family == source->family &&
	       (!source->family || addr_equal(&f->source, source));
}

static struct iface *new_iface(struct views *vs)
{
	size_t room = vs->room ? 2 * vs->room : 4;
	struct iface **v = vs->ifaces;

	if (vs->nifaces == vs->room) {
		v = realloc(v, room * sizeof(struct iface *));
		if (!v)
			return NULL;
		vs->ifaces = v;
		vs->room = room;
	}
	v[vs->nifaces] = calloc(1, sizeof **v);
	return v[vs->nifaces] ? v[vs->nifaces++] : NULL;
}

static struct iface *get_iface(struct views *vs, const char *name, int family,
	const struct addr *source)
{
	struct iface *f = NULL;

	for (size_t i = 0; i < vs->nifaces && !f; i++)
		if (is_for(vs->ifaces[i], name, family, source))
			f = vs->ifaces[i];
	if (!f && (f = new_iface(vs)) != NULL) {
		memcpy(f->name, name, sizeof f->name);
		f->family = family;
		f->source = *source;
	}
	if (f)
		f->users++;
	return f;
}

static void put_iface(struct views *vs, struct iface *f)
{
	size_t i = 0;

	if (!f || --f->users)
		return;
	while (vs->ifaces[i] != f)
		i++;
	vs->ifaces[i] = vs->ifaces[--vs->nifaces];
	free(f);
}

static void put_all(struct views *vs, struct view *v)
{
	put_iface(vs, v->iface);
	for (size_t i = 0; v->tracks && i < v->cfg->ntrack_ifs; i++)
		put_iface(vs, v->tracks[i]);
	free(v->tracks);
	free(v->vip_on);
}

static bool get_all(struct views *vs, struct view *v)
{
	const struct router_cfg *c = v->cfg;
	const struct addr none = { 0 };
	bool fine;

	v->iface = get_iface(vs, c->ifname, c->family, &c->source);
	v->tracks = calloc(c->ntrack_ifs + 1, sizeof(struct iface *));
	fine = v->iface && v->tracks;
	for (size_t i = 0; v->tracks && i < c->ntrack_ifs; i++) {
		v->tracks[i] = get_iface(vs, c->track_ifs[i].name, 0, &none);
		fine = fine && v->tracks[i];
	}
	v->vip_on = calloc(2 * c->nvips, sizeof *v->vip_on);
	v->vip_fresh = v->vip_on + c->nvips;
	return fine && v->vip_on;
}

bool views_add(struct views *vs, struct view *v, const struct router_cfg *cfg)
{
	struct view **all = realloc(vs->v, (vs->n + 1) * sizeof(struct view *));

	*v = (struct view){ .cfg = cfg };
	if (!all)
		return false;
	vs->v = all;
	if (!get_all(vs, v)) {
		put_all(vs, v);
		return false;
	}
	vs->v[vs->n++] = v;
	return true;
}

/* The index speaks of it until it is made anew. */
static void forget(struct views *vs, const struct view *v)
{
	size_t n = 0;

	for (size_t i = 0; i < vs->nindex; i++)
		if (vs->index[i].view != v)
			vs->index[n++] = vs->index[i];
	vs->nindex = n;
}

void views_remove(struct views *vs, struct view *v)
{
	size_t i = 0;

	while (i < vs->n && vs->v[i] != v)
		i++;
	if (i == vs->n)
		return;
	vs->v[i] = vs->v[--vs->n];
	forget(vs, v);
	put_all(vs, v);
}

bool views_change(
	struct views *vs, struct view *v, const struct router_cfg *cfg)
{
	struct view other = { .cfg = cfg };

	if (!get_all(vs, &other)) {
		put_all(vs, &other);
		return false;
	}
	forget(vs, v);
	put_all(vs, v);
	*v = other;
	return true;
}

static int by_addr(const void *a, const void *b)
{
	const struct vip_at *x = a, *y = b;

	return x->addr.family != y->addr.family
		       ? (int)x->addr.family - (int)y->addr.family
		       : addr_cmp(&x->addr, &y->addr);
}

bool views_settle(struct views *vs)
{
	struct vip_at *index;
	size_t n = 0;

	for (size_t i = 0; i < vs->n; i++)
		n += vs->v[i]->cfg->nvips;
	index = malloc((n + 1) * sizeof *index);
	if (!index)
		return false;
	free(vs->index);
	vs->index = index;
	vs->nindex = 0;
	for (size_t i = 0; i < vs->n; i++)
		for (size_t j = 0; j < vs->v[i]->cfg->nvips; j++)
			index[vs->nindex++] =
				(struct vip_at){ vs->v[i]->cfg->vips[j].addr,
					vs->v[i], j };
	qsort(index, n, sizeof *index, by_addr);
	return true;
}

void views_free(struct views *vs)
{
	while (vs->n)
		views_remove(vs, vs->v[vs->n - 1]);
	free(vs->ifaces);
	free(vs->v);
	free(vs->index);
	*vs = (struct views){ 0 };
}

/* ---- Links. */

static struct iface_facts *facts(const struct views *vs, struct iface *f)
{
	return vs->syncing ? &f->fresh : &f->now;
}

/* By name: an interface that was renamed is gone, one made anew is ours. */
static void take_link(
	struct views *vs, struct iface *f, const struct nl_link *l, bool gone)
{
	struct iface_facts *now = facts(vs, f);
	bool known = l->ifindex == now->ifindex;
	bool named = !gone && strcmp(l->name, f->name) == 0;

	if (!named && !known)
		return;
	f->changed = true;
	if (gone || !known)
		now->naddrs = 0;
	now->ifindex = named ? l->ifindex : 0;
	now->flags = named ? l->flags : 0;
}

static int *told_vips(const struct views *vs, const struct view *v)
{
	return vs->syncing ? v->vip_fresh : v->vip_on;
}

void views_link(void *arg, const struct nl_link *l, bool gone)
{
	struct views *vs = arg;

	for (size_t i = 0; i < vs->nifaces; i++)
		take_link(vs, vs->ifaces[i], l, gone);
	for (size_t i = 0; gone && i < vs->nindex; i++) {
		const struct vip_at *at = &vs->index[i];
		int *on = &told_vips(vs, at->view)[at->i];

		if (*on == l->ifindex)
			*on = 0;
		at->view->changed = true;
	}
}

/* ---- Addresses. */

/* The same address can be there with two lengths, while a netmask changes. */
static size_t find(const struct iface_facts *f, const struct prefix *p)
{
	size_t i = 0;

	while (i < f->naddrs &&
		(f->addrs[i].len != p->len ||
			!addr_equal(&f->addrs[i].addr, &p->addr)))
		i++;
	return i;
}

/* Where there is no room the one to send from still finds some. */
static void take(struct iface_facts *f, const struct prefix *p, bool wanted)
{
	if (find(f, p) < f->naddrs)
		return;
	if (f->naddrs < IFACE_ADDRS_MAX)
		f->addrs[f->naddrs++] = *p;
	else if (wanted)
		f->addrs[IFACE_ADDRS_MAX - 1] = *p;
}

static void drop(struct iface_facts *f, const struct prefix *p)
{
	size_t i = find(f, p);

	if (i == f->naddrs)
		return;
	f->naddrs--;
	memmove(f->addrs + i, f->addrs + i + 1,
		(f->naddrs - i) * sizeof *f->addrs);
}

/* An address under duplicate detection cannot be sent from yet; the kernel
 * tells again when it can. */
static void own_addr(
	struct views *vs, struct iface *f, const struct nl_ifaddr *a, bool gone)
{
	const uint32_t unfit = IFA_F_TENTATIVE | IFA_F_DADFAILED;
	const struct addr *addr = &a->prefix.addr;
	bool wanted = f->source.family && addr_equal(addr, &f->source);
	struct iface_facts *now = facts(vs, f);

	if (a->ifindex != now->ifindex || addr->family != f->family)
		return;
	if (addr->family == AF_INET6 && !addr_is_linklocal6(addr) && !wanted)
		return;
	f->changed = true;
	if (gone || a->flags & unfit)
		drop(now, &a->prefix);
	else
		take(now, &a->prefix, wanted);
}

static size_t first_vip(const struct views *vs, const struct addr *a)
{
	const struct vip_at key = { .addr = *a };
	size_t lo = 0, hi = vs->nindex;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (by_addr(&vs->index[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* True when it is virtual, and not the owner's. */
static bool own_vips(struct views *vs, const struct nl_ifaddr *a, bool gone)
{
	const struct addr *addr = &a->prefix.addr;
	bool virtual = false;

	for (size_t i = first_vip(vs, addr); i < vs->nindex; i++) {
		const struct vip_at *at = &vs->index[i];
		int *on = &told_vips(vs, at->view)[at->i];

		if (at->addr.family != addr->family ||
			!addr_equal(&at->addr, addr))
			break;
		if (!gone)
			*on = a->ifindex;
		else if (*on == a->ifindex)
			*on = 0;
		at->view->changed = true;
		virtual = virtual ||
			  at->view->cfg->elect.prio != VRRP_PRIO_OWNER;
	}
	return virtual;
}

void views_addr(void *arg, const struct nl_ifaddr *a, bool gone)
{
	struct views *vs = arg;
	bool virtual = own_vips(vs, a, gone);

	for (size_t i = 0; !virtual && i < vs->nifaces; i++)
		own_addr(vs, vs->ifaces[i], a, gone);
}

/* ---- Dumps. */

static void sync_begin(struct views *vs)
{
	for (size_t i = 0; i < vs->nifaces; i++)
		vs->ifaces[i]->fresh = (struct iface_facts){ 0 };
	for (size_t i = 0; i < vs->n; i++)
		memset(vs->v[i]->vip_fresh, 0,
			vs->v[i]->cfg->nvips * sizeof(int));
}

static void sync_end(struct views *vs)
{
	for (size_t i = 0; i < vs->nifaces; i++) {
		struct iface *f = vs->ifaces[i];

		f->now = f->fresh;
		f->met = f->now.ifindex;
		f->changed = true;
	}
	for (size_t i = 0; i < vs->n; i++)
		memcpy(vs->v[i]->vip_on, vs->v[i]->vip_fresh,
			vs->v[i]->cfg->nvips * sizeof(int));
}

void views_sync(void *arg, bool end)
{
	struct views *vs = arg;

	if (end)
		sync_end(vs);
	else
		sync_begin(vs);
	vs->syncing = !end;
}

static bool uses_changed(const struct view *v)
{
	bool any = v->iface->changed;

	for (size_t i = 0; i < v->cfg->ntrack_ifs; i++)
		any = any || v->tracks[i]->changed;
	return any;
}

bool views_look(struct views *vs)
{
	bool met = false;

	for (size_t i = 0; i < vs->n; i++)
		vs->v[i]->changed = uses_changed(vs->v[i]) || vs->v[i]->changed;
	for (size_t i = 0; i < vs->nifaces; i++) {
		struct iface *f = vs->ifaces[i];

		met = met ||
		      (f->family && f->now.ifindex && f->now.ifindex != f->met);
		f->met = f->now.ifindex;
		f->changed = false;
	}
	return met;
}

/* ---- What follows for one router. */

struct addr view_source(const struct view *v)
{
	const struct iface_facts *f = &v->iface->now;
	const struct addr *want = &v->cfg->source;

	for (size_t i = 0; i < f->naddrs; i++)
		if (!want->family || addr_equal(&f->addrs[i].addr, want))
			return f->addrs[i].addr;
	return (struct addr){ 0 };
}

int view_ifindex(const struct view *v)
{
	return v->iface->now.ifindex;
}

static const char *link_fault(const struct view *v)
{
	unsigned flags = v->iface->now.flags;

	if (!view_ifindex(v))
		return "no-interface";
	if (v->cfg->ignore_link)
		return NULL;
	if (!(flags & IFF_UP))
		return "link-down";
	return flags & IFF_RUNNING ? NULL : "no-carrier";
}

static bool is_usable(const struct iface *f)
{
	const struct nl_link l = { .flags = f->now.flags };

	return f->now.ifindex && nl_link_usable(&l);
}

const char *view_fault(const struct view *v)
{
	static char text[ELECT_WHY_LEN];
	const char *why = link_fault(v);

	if (why)
		return why;
	if (!view_source(v).family)
		return v->cfg->family == AF_INET ? "no-address"
						 : "no-link-local-address";
	for (size_t i = 0; i < v->cfg->ntrack_ifs; i++)
		if (!v->cfg->track_ifs[i].weighted &&
			!is_usable(v->tracks[i])) {
			snprintf(text, sizeof text, "track-%s",
				v->cfg->track_ifs[i].name);
			return text;
		}
	return NULL;
}

int view_weight(const struct view *v)
{
	int sum = 0;

	for (size_t i = 0; i < v->cfg->ntrack_ifs; i++) {
		const struct track_if *t = &v->cfg->track_ifs[i];

		if (t->weighted && is_usable(v->tracks[i]) == (t->weight > 0))
			sum += t->weight;
	}
	return sum;
}

bool view_holds_all(const struct view *v)
{
	for (size_t i = 0; i < v->cfg->nvips; i++)
		if (!v->vip_on[i])
			return false;
	return true;
}

bool view_holds_any(const struct view *v)
{
	for (size_t i = 0; i < v->cfg->nvips; i++)
		if (v->vip_on[i])
			return true;
	return false;
}
