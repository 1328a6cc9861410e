#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "announce.h"
#include "bind.h"
#include "clock.h"
#include "die.h"
#include "macvlan.h"

#define DUMP_TIME (10 * US_PER_S)
#define BUDGET	  8192 /* all that fits into the receive buffer */

#define tell(b, ...)                                                           \
	do {                                                                   \
		if ((b)->o->words >= 0)                                        \
			warn(__VA_ARGS__);                                     \
	} while (0)

static const char *addr_text(const struct bind *b, size_t i)
{
	static char text[IF_NAMESIZE + 2 + PREFIX_STRLEN];
	const struct hold_addr *a = &b->h->addrs[i];
	size_t n = strlen(b->h->ifs[a->iface].name);

	memcpy(text, b->h->ifs[a->iface].name, n);
	memcpy(text + n, ": ", 2);
	prefix_str(&a->prefix, text + n + 2);
	return text;
}

/* ---- What the kernel has. */

static void look(struct bind *b, size_t i)
{
	const struct hold_addr *a = &b->h->addrs[i];
	int ifindex = b->ifs[a->iface].link.ifindex;
	const struct nl_ifaddr *k =
		ifindex ? kernel_find(&b->kernel, ifindex, &a->prefix) : NULL;

	holder_seen(b->h, i,
		!k		    ? SEEN_NOT
		: nladdr_is_ours(k) ? SEEN_OURS
				    : SEEN_OTHER,
		b->now);
}

static void look_all(struct bind *b, int ifindex)
{
	for (size_t i = 0; i < b->h->naddrs; i++)
		if (b->ifs[b->h->addrs[i].iface].link.ifindex == ifindex ||
			!ifindex)
			look(b, i);
}

static void on_addr(void *arg, const struct nl_ifaddr *a, bool gone)
{
	struct bind *b = arg;

	if (gone)
		kernel_drop(&b->kernel, a->ifindex, &a->prefix);
	else
		kernel_put(&b->kernel, a);
	for (size_t i = 0; b->mon.synced && i < b->h->naddrs; i++) {
		const struct hold_addr *h = &b->h->addrs[i];

		if (b->ifs[h->iface].link.ifindex == a->ifindex &&
			nladdr_same(&h->prefix, &a->prefix))
			look(b, i);
	}
}

static void frame_of(struct bind *b, size_t i)
{
	const struct hold_addr *a = &b->h->addrs[i];
	const struct bind_if *f = &b->ifs[a->iface];

	announce_frame(&b->slots[i].frame, &a->prefix.addr, f->link.lladdr,
		false, f->router);
}

static void frames_of(struct bind *b, unsigned iface)
{
	for (size_t i = 0; i < b->h->naddrs; i++)
		if (b->h->addrs[i].iface == iface)
			frame_of(b, i);
}

static bool is_routes_if(const struct bind *b, unsigned iface)
{
	return b->o->nroutes &&
	       strcmp(b->h->ifs[iface].name, b->o->ifname) == 0;
}

static void link_gone(struct bind *b, unsigned iface)
{
	struct bind_if *f = &b->ifs[iface];

	if (!f->link.ifindex)
		return;
	f->link.ifindex = 0;
	holder_link(b->h, iface, false, true, b->now);
	if (is_routes_if(b, iface))
		routes_link(&b->routes, 0);
}

static void link_is(struct bind *b, unsigned iface, const struct nl_link *l)
{
	struct bind_if *f = &b->ifs[iface];
	bool other = f->link.ifindex != l->ifindex;
	bool spoke = !other && !link_mute(&f->link);
	bool same_mac = memcmp(f->link.lladdr, l->lladdr, MAC_LEN) == 0;

	if (other)
		link_gone(b, iface);
	f->link = *l;
	f->fresh = true;
	holder_link(b->h, iface, l->flags & IFF_UP, false, b->now);
	if (is_routes_if(b, iface) && other)
		routes_link(&b->routes, l->ifindex);
	if (is_routes_if(b, iface) && !(l->flags & IFF_UP))
		routes_doubt(&b->routes);
	if (other)
		look_all(b, l->ifindex);
	if (!same_mac || other)
		frames_of(b, iface);
	if (!link_mute(l) && (!spoke || !same_mac))
		holder_announce_if(b->h, iface, b->now);
}

/* What bears the name of our macvlan counts only if it is ours. */
static void vmac_is(struct bind *b, struct vmac *v)
{
	if (v->iface < 0)
		return;
	if (vmac_fits(v))
		link_is(b, (unsigned)v->iface, &v->dev);
	else
		link_gone(b, (unsigned)v->iface);
}

static void on_link(void *arg, const struct nl_link *l, bool gone)
{
	struct bind *b = arg;

	for (size_t i = 0; i < 2 && b->o->vmac; i++) {
		vmac_link(&b->vmacs[i], l, gone);
		vmac_is(b, &b->vmacs[i]);
	}
	if (b->o->vmac)
		return;
	for (unsigned i = 0; i < b->h->nifs; i++) {
		bool named = strcmp(b->h->ifs[i].name, l->name) == 0;

		if (named && !gone)
			link_is(b, i, l);
		else if (b->ifs[i].link.ifindex == l->ifindex)
			link_gone(b, i); /* deleted or renamed */
	}
}

static void on_sync(void *arg, bool end)
{
	struct bind *b = arg;

	kernel_sync(&b->kernel, end);
	for (unsigned i = 0; i < b->h->nifs; i++) {
		if (!end)
			b->ifs[i].fresh = false;
		else if (!b->ifs[i].fresh)
			link_gone(b, i);
	}
	for (size_t i = 0; i < 2; i++)
		vmac_sync(&b->vmacs[i], end);
	if (end)
		look_all(b, 0);
	if (end && b->kernel.full)
		tell(b, "more than %d addresses in this kernel: not all known",
			KERNEL_ADDRS);
}

static const struct nlmon_ops ops = { on_link, on_addr, on_sync };

/* ---- Opening. */

static void need(int err, const char *what, const char *capability)
{
	if (err < 0)
		die(EXIT_SYSTEM, "%s: %s", what, errno_str(err, capability));
}

/* Once each. */
static void complain(struct bind *b, struct vmac *v, const char *why)
{
	size_t n = why ? strnlen(why, sizeof v->said - 1) : 0;

	if (n && strncmp(why, v->said, n) != 0)
		tell(b, "%s: %s", v->name, why);
	memcpy(v->said, n ? why : "", n);
	v->said[n] = '\0';
}

static struct vmac *vmac_at(struct bind *b, int family)
{
	return &b->vmacs[family == AF_INET6];
}

/* What is known from the start is refused at the start. */
static void check_vmac(struct bind *b)
{
	bool known = b->o->naddrs;
	struct vmac *v =
		vmac_at(b, known ? b->o->addrs[0].addr.family : AF_INET);
	const char *why;

	vmac_on(v, b->o->ifname);
	why = known ? vmac_trouble(v) : v->unfit;
	if (why)
		die(EXIT_SYSTEM, "--vmac: %s: %s",
			why == v->unfit ? v->parent.name : v->name, why);
}

void bind_open(struct bind *b, const struct options *o, struct holder *h)
{
	int err;

	b->o = o;
	b->h = h;
	b->pkt = -1;
	b->now = mono_now();
	need(nladdr_open(&b->nl), "rtnetlink", NULL);
	need(nladdr_permitted(&b->nl), "addresses", "CAP_NET_ADMIN");
	if (o->hold.garp_count) {
		b->pkt = pktsock_open();
		need(b->pkt, "packet socket", "CAP_NET_RAW");
	}
	routes_init(&b->routes, o, &b->nl);
	vmac_init(&b->vmacs[0], o, AF_INET);
	vmac_init(&b->vmacs[1], o, AF_INET6);
	err = nlmon_open(&b->mon, NLMON_LINKS | NLMON_ADDRS, &ops, b);
	if (!err)
		err = nlmon_wait(&b->mon, mono_add(b->now, DUMP_TIME));
	need(err, "rtnetlink", NULL);
	if (o->vmac && o->ifname)
		check_vmac(b);
}

void bind_close(struct bind *b)
{
	for (size_t i = 0; i < 2; i++)
		if (b->vmacs[i].iface >= 0 && vmac_fits(&b->vmacs[i]))
			complain(b, &b->vmacs[i],
				vmac_remove(&b->vmacs[i], &b->nl));
	for (size_t i = 0; i < HOLD_ADDRS; i++) {
		nladdr_free(b->slots[i].add);
		nladdr_free(b->slots[i].del);
	}
	routes_free(&b->routes);
	nlmon_close(&b->mon);
	nladdr_close(&b->nl);
	if (b->pkt >= 0)
		close(b->pkt);
}

static int bind_vmac(struct bind *b, struct vmac *v, const char *parent)
{
	const char *doubt;

	if (v->iface >= 0)
		return strcmp(v->parent.name, parent) == 0 ? v->iface : -1;
	vmac_on(v, parent);
	v->iface = holder_if(b->h, v->name);
	vmac_is(b, v);
	doubt = macvlan_doubt(parent, v->family);
	if (doubt)
		tell(b, "%s: %s", parent, doubt);
	return v->iface;
}

int bind_if(struct bind *b, const char *name, int family)
{
	size_t before = b->h->nifs;
	struct nl_link l;
	int i;

	if (b->o->vmac)
		return bind_vmac(b, vmac_at(b, family), name);
	i = holder_if(b->h, name);
	if (i >= 0 && b->h->nifs > before && link_get(name, &l) == 0)
		link_is(b, (unsigned)i, &l);
	return i;
}

void bind_fresh(struct bind *b, const uint16_t *list, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		struct bind_slot *s = &b->slots[list[k]];
		const struct hold_addr *a = &b->h->addrs[list[k]];

		nladdr_free(s->add);
		nladdr_free(s->del);
		*s = (struct bind_slot){
			.add = nladdr_add_msg(&a->prefix, &b->o->addr),
			.del = nladdr_del_msg(&a->prefix),
		};
		b->ifs[a->iface].has6 |= a->prefix.addr.family == AF_INET6;
		frame_of(b, list[k]);
		look(b, list[k]);
	}
}

int bind_hear(struct bind *b, struct mono now)
{
	b->now = now;
	return nlmon_read(&b->mon, BUDGET);
}

/* An interface that goes down takes addresses with it, and the kernel tells of
 * these first: look whether it is up before blaming somebody else. */
static void check_lost(struct bind *b)
{
	bool checked[HOLD_IFS] = { false };
	struct nl_link l;

	for (size_t i = 0; i < b->h->naddrs; i++) {
		const struct hold_addr *a = &b->h->addrs[i];

		if (!a->lost || !a->users || checked[a->iface])
			continue;
		checked[a->iface] = true;
		if (link_get(b->h->ifs[a->iface].name, &l) != 0)
			link_gone(b, a->iface);
		else if (!(l.flags & IFF_UP))
			link_is(b, a->iface, &l);
	}
}

/* ---- Edits. */

static void note_err(struct bind *b, size_t i, const char *what, int err)
{
	if (err && err != b->slots[i].err)
		tell(b, "%s: %s: %s", addr_text(b, i), what,
			errno_str(err, "CAP_NET_ADMIN"));
	b->slots[i].err = err;
}

static void added(struct bind *b, size_t i, int err)
{
	const struct hold_addr *a = &b->h->addrs[i];
	struct nl_ifaddr k = { .ifindex = b->ifs[a->iface].link.ifindex,
		.prefix = a->prefix,
		.proto = NL_MARK,
		.valid_lft = b->o->addr.valid_lft };

	if (err == -EEXIST) {
		bind_hear(b, b->now);
		look(b, i);
		if (a->seen != SEEN_NOT)
			return;
	}
	note_err(b, i, "cannot be added", err);
	if (!err && a->lost)
		tell(b, "%s: was removed by somebody else: put back",
			addr_text(b, i));
	if (!err)
		kernel_put(&b->kernel, &k);
	if (!err && b->h->ifs[a->iface].ready)
		routes_doubt(&b->routes);
	holder_done(b->h, HOLD_ADD, i, err, b->now);
}

static void removed(struct bind *b, size_t i, int err)
{
	const struct hold_addr *a = &b->h->addrs[i];

	if (!err)
		kernel_drop(
			&b->kernel, b->ifs[a->iface].link.ifindex, &a->prefix);
	if (err != -EADDRNOTAVAIL && err != -ENODEV)
		note_err(b, i, "cannot be removed", err);
	holder_done(b->h, HOLD_DEL, i, err, b->now);
}

static void renewed(struct bind *b, size_t i, int err)
{
	note_err(b, i, "cannot be renewed", err);
	holder_done(b->h, HOLD_RENEW, i, err, b->now);
}

static const struct {
	uint16_t flags;
	void (*done)(struct bind *b, size_t i, int err);
} how[] = {
	[HOLD_DEL] = { 0, removed },
	[HOLD_ADD] = { NLM_F_CREATE | NLM_F_EXCL, added },
	[HOLD_RENEW] = { NLM_F_CREATE | NLM_F_REPLACE, renewed },
};

static void edit(struct bind *b, enum hold_op op)
{
	static uint16_t list[HOLD_ADDRS];
	static struct nledit e[HOLD_ADDRS];
	size_t due = holder_due(b->h, op, b->now, list), n = 0;

	for (size_t k = 0; k < due; k++) {
		const struct bind_slot *s = &b->slots[list[k]];
		struct nl_msg *m = op == HOLD_DEL ? s->del : s->add;
		unsigned iface = b->h->addrs[list[k]].iface;

		if (!m || !b->ifs[iface].link.ifindex) {
			how[op].done(b, list[k], m ? -ENODEV : -ENOMEM);
			continue;
		}
		list[n] = list[k];
		e[n++] = (struct nledit){ m, b->ifs[iface].link.ifindex,
			how[op].flags, 0 };
	}
	if (n)
		nladdr_edit(&b->nl, e, n);
	for (size_t k = 0; k < n; k++)
		how[op].done(b, list[k], e[k].err);
}

/* ---- Announcements. */

/* The Router flag must be true when it is told. */
static void check_forwarding(struct bind *b)
{
	for (unsigned i = 0; i < b->h->nifs; i++) {
		struct bind_if *f = &b->ifs[i];
		bool router = f->has6 && link_forwards6(b->h->ifs[i].name);

		if (router == f->router)
			continue;
		f->router = router;
		frames_of(b, i);
	}
}

/* Counted from now on, for the edits before may have taken their time. */
static void announce(struct bind *b)
{
	static uint16_t list[HOLD_ADDRS];
	static struct pkt pkts[HOLD_ADDRS];
	const struct mono now = mono_now();
	bool first = true;
	size_t due;

	while ((due = holder_announce(b->h, now, list)) > 0) {
		size_t n = 0;
		int sent;

		if (first)
			check_forwarding(b);
		for (size_t k = 0; k < due; k++) {
			unsigned iface = b->h->addrs[list[k]].iface;
			const struct nl_link *l = &b->ifs[iface].link;

			if (!link_mute(l))
				pkts[n++] = (struct pkt){ l->ifindex,
					&b->slots[list[k]].frame };
		}
		sent = n ? pktsock_send(b->pkt, pkts, n) : 0;
		if (first && sent != (int)n)
			tell(b, "%zu announcements not sent: %s",
				n - (size_t)(sent < 0 ? 0 : sent),
				sent < 0 ? errno_str(sent, "CAP_NET_RAW")
					 : "no room");
		first = false;
	}
}

/* ---- Words. */

static void tell_others(struct bind *b)
{
	for (size_t i = 0; i < b->h->naddrs; i++) {
		const struct hold_addr *a = &b->h->addrs[i];
		bool other = a->users && a->seen == SEEN_OTHER;

		if (other && !b->slots[i].said)
			tell(b, "%s: is there and not ours: left alone",
				addr_text(b, i));
		b->slots[i].said = other;
	}
}

static bool is_wanted(const struct bind *b, unsigned iface)
{
	for (size_t i = 0; i < b->h->naddrs; i++)
		if (b->h->addrs[i].iface == iface && b->h->addrs[i].users)
			return true;
	return false;
}

static void tell_links(struct bind *b)
{
	for (unsigned i = 0; i < b->h->nifs; i++) {
		struct bind_if *f = &b->ifs[i];
		bool ready = b->h->ifs[i].ready;

		if (ready == !f->said || (!ready && !is_wanted(b, i)))
			continue;
		tell(b, "%s: %s", b->h->ifs[i].name,
			ready ? "is back"
			: f->link.ifindex
				? "is down: waiting for it"
				: "no such interface: waiting for it");
		f->said = !ready;
	}
}

/* ---- The macvlan. */

enum { VMAC_REST, VMAC_MAKE, VMAC_UP, VMAC_DOWN, VMAC_NONE };

static int vmac_due(const struct bind *b, const struct vmac *v)
{
	bool up = v->dev.flags & IFF_UP;
	bool wanted;

	if (v->iface < 0 || !v->parent.ifindex || !b->mon.synced)
		return VMAC_REST;
	if (vmac_trouble(v))
		return VMAC_NONE;
	wanted = is_wanted(b, (unsigned)v->iface);
	if (!v->dev.ifindex)
		return VMAC_MAKE;
	return up == wanted ? VMAC_REST : wanted ? VMAC_UP : VMAC_DOWN;
}

/* At most two steps in a turn: made, and up. */
static void tend(struct bind *b, struct vmac *v)
{
	int due = vmac_due(b, v);

	for (int n = 0; n < 2 && due != VMAC_REST; n++) {
		const char *why = due == VMAC_NONE   ? vmac_trouble(v)
				  : due == VMAC_MAKE ? vmac_make(v, &b->nl)
						     : vmac_raise(v, &b->nl,
							       due == VMAC_UP);

		complain(b, v, why);
		vmac_is(b, v);
		v->retry_at = why ? mono_add(b->now, HOLD_RETRY) : b->now;
		due = why ? VMAC_REST : vmac_due(b, v);
	}
}

struct mono bind_deadline(const struct bind *b)
{
	struct mono d = holder_deadline(b->h);

	for (size_t i = 0; i < 2; i++) {
		int due = vmac_due(b, &b->vmacs[i]);

		if (due != VMAC_REST && due != VMAC_NONE)
			d = mono_min(d, b->vmacs[i].retry_at);
	}
	return d;
}

void bind_act(struct bind *b, struct mono now)
{
	bool wanted;

	b->now = now;
	if (holder_is_calm(b->h, now) && !b->o->vmac && !b->o->nroutes) {
		edit(b, HOLD_RENEW);
		return;
	}
	wanted = holder_wanted(b->h);
	for (size_t i = 0; i < 2; i++)
		if (mono_due(b->vmacs[i].retry_at, now))
			tend(b, &b->vmacs[i]);
	if (!wanted && b->h->nsubjects)
		routes_out(&b->routes);
	check_lost(b);
	edit(b, HOLD_DEL);
	edit(b, HOLD_RENEW);
	edit(b, HOLD_ADD);
	edit(b, HOLD_RENEW); /* what turned out to be there and ours */
	if (b->pkt >= 0)
		announce(b);
	if (wanted && holder_count(b->h))
		routes_in(&b->routes);
	tell_others(b);
	tell_links(b);
}
