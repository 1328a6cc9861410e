#include <linux/if_addr.h>
#include <stdio.h>
#include <string.h>

#include "view.h"

void view_init(struct view *v, const struct router_cfg *cfg)
{
	*v = (struct view){ .cfg = cfg };
}

static void forget_addrs(struct view *v, int ifindex)
{
	if (ifindex == v->ifindex)
		v->naddrs = 0;
	for (size_t i = 0; i < v->cfg->nvips; i++)
		if (v->vip_on[i] == ifindex)
			v->vip_on[i] = 0;
}

/* By name: an interface that was renamed is gone, one made anew is ours. */
static bool named(const struct nl_link *l, const char *name, bool gone)
{
	return !gone && strcmp(l->name, name) == 0;
}

static void own_link(struct view *v, const struct nl_link *l, bool gone)
{
	if (named(l, v->cfg->ifname, gone)) {
		if (l->ifindex != v->ifindex)
			v->naddrs = 0;
		v->ifindex = l->ifindex;
		v->flags = l->flags;
	} else if (l->ifindex == v->ifindex) {
		v->ifindex = 0;
		v->flags = 0;
	}
}

static void track_link(
	struct view *v, size_t i, const struct nl_link *l, bool gone)
{
	if (named(l, v->cfg->track_ifs[i].name, gone)) {
		v->track_ifs[i].ifindex = l->ifindex;
		v->track_ifs[i].usable = nl_link_usable(l);
	} else if (l->ifindex == v->track_ifs[i].ifindex) {
		v->track_ifs[i].ifindex = 0;
		v->track_ifs[i].usable = false;
	}
}

void view_link(struct view *v, const struct nl_link *l, bool gone)
{
	if (gone)
		forget_addrs(v, l->ifindex);
	own_link(v, l, gone);
	for (size_t i = 0; i < v->cfg->ntrack_ifs; i++)
		track_link(v, i, l, gone);
}

static bool own_vip(struct view *v, const struct nl_ifaddr *a, bool gone)
{
	bool found = false;

	for (size_t i = 0; i < v->cfg->nvips; i++) {
		if (!addr_equal(&v->cfg->vips[i].addr, &a->prefix.addr))
			continue;
		found = true;
		if (!gone)
			v->vip_on[i] = a->ifindex;
		else if (v->vip_on[i] == a->ifindex)
			v->vip_on[i] = 0;
	}
	return found;
}

/* The same address can be there with two lengths, while a netmask changes. */
static size_t find(const struct view *v, const struct prefix *p)
{
	size_t i = 0;

	while (i < v->naddrs &&
		(v->addrs[i].len != p->len ||
			!addr_equal(&v->addrs[i].addr, &p->addr)))
		i++;
	return i;
}

/* Where there is no room the one to send from still finds some. */
static void take(struct view *v, const struct prefix *p)
{
	if (find(v, p) < v->naddrs)
		return;
	if (v->naddrs < VIEW_ADDRS_MAX)
		v->addrs[v->naddrs++] = *p;
	else if (addr_equal(&p->addr, &v->cfg->source))
		v->addrs[VIEW_ADDRS_MAX - 1] = *p;
}

static void drop(struct view *v, const struct prefix *p)
{
	size_t i = find(v, p);

	if (i == v->naddrs)
		return;
	v->naddrs--;
	memmove(v->addrs + i, v->addrs + i + 1,
		(v->naddrs - i) * sizeof *v->addrs);
}

/* An address under duplicate detection cannot be sent from yet; the kernel
 * tells again when it can. */
void view_addr(struct view *v, const struct nl_ifaddr *a, bool gone)
{
	const uint32_t unfit = IFA_F_TENTATIVE | IFA_F_DADFAILED;
	bool vip = own_vip(v, a, gone);

	if (a->ifindex != v->ifindex ||
		a->prefix.addr.family != v->cfg->family ||
		(vip && v->cfg->elect.prio != VRRP_PRIO_OWNER))
		return;
	if (a->prefix.addr.family == AF_INET6 &&
		!addr_is_linklocal6(&a->prefix.addr) &&
		!addr_equal(&a->prefix.addr, &v->cfg->source))
		return;
	if (gone || a->flags & unfit)
		drop(v, &a->prefix);
	else
		take(v, &a->prefix);
}

struct addr view_source(const struct view *v)
{
	const struct addr *want = &v->cfg->source;

	for (size_t i = 0; i < v->naddrs; i++)
		if (!want->family || addr_equal(&v->addrs[i].addr, want))
			return v->addrs[i].addr;
	return (struct addr){ 0 };
}

static const char *link_fault(const struct view *v)
{
	if (!v->ifindex)
		return "no-interface";
	if (v->cfg->ignore_link)
		return NULL;
	if (!(v->flags & IFF_UP))
		return "link-down";
	return v->flags & IFF_RUNNING ? NULL : "no-carrier";
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
		if (!v->cfg->track_ifs[i].weighted && !v->track_ifs[i].usable) {
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

		if (t->weighted && v->track_ifs[i].usable == (t->weight > 0))
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
