#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

#include "acd.h"
#include "announce.h"
#include "clock.h"
#include "die.h"
#include "give_up.h"
#include "kernel.h"
#include "line.h"
#include "macvlan.h"
#include "once.h"
#include "pktsock.h"
#include "vmac.h"

#define DUMP_TIME (10 * US_PER_S)

/* A look at one interface, and the means to change it. */
static struct once {
	const struct options *o;
	struct nl_link link; /* that the addresses are for; ifindex 0: absent */
	struct vmac vmac;    /* --vmac: it is this one */
	struct kernel kernel;
	struct nladdr nl;
	int pkt; /* -1: nothing is asked or announced */
	struct nledit edits[HOLD_PER_SUBJECT];
	size_t index[HOLD_PER_SUBJECT]; /* of its address */
	size_t n;
} self;

static void on_link(void *arg, const struct nl_link *l, bool gone)
{
	struct once *w = arg;

	vmac_link(&w->vmac, l, gone);
}

static void on_addr(void *arg, const struct nl_ifaddr *a, bool gone)
{
	struct once *w = arg;

	if (gone)
		kernel_drop(&w->kernel, a->ifindex, &a->prefix);
	else
		kernel_put(&w->kernel, a);
}

static void on_sync(void *arg, bool end)
{
	struct once *w = arg;

	kernel_sync(&w->kernel, end);
}

static void need(int err, const char *what, const char *capability)
{
	if (err < 0)
		die(EXIT_SYSTEM, "%s: %s", what, errno_str(err, capability));
}

static void dump(struct once *w, unsigned what)
{
	static const struct nlmon_ops ops = { on_link, on_addr, on_sync };
	struct nlmon mon;
	int err = nlmon_open(&mon, what, &ops, w);

	if (!err)
		err = nlmon_wait(&mon, mono_add(mono_now(), DUMP_TIME));
	nlmon_close(&mon);
	need(err, "rtnetlink", NULL);
}

/* The macvlan takes the place of the interface. */
static void look_vmac(struct once *w)
{
	const char *why;

	vmac_init(&w->vmac, w->o, w->o->addrs[0].addr.family);
	vmac_on(&w->vmac, w->o->ifname);
	dump(w, NLMON_LINKS);
	why = vmac_trouble(&w->vmac);
	if (why)
		die(EXIT_SYSTEM, "--vmac: %s: %s",
			why == w->vmac.unfit ? w->o->ifname : w->vmac.name,
			why);
	w->link = w->vmac.dev;
	w->kernel.only = w->link.ifindex ? w->link.ifindex : -1;
}

static void look(struct once *w, const struct options *o)
{
	w->o = o;
	need(link_get(o->ifname, &w->link), o->ifname, NULL);
	w->kernel.only = w->link.ifindex;
	if (o->vmac)
		look_vmac(w);
	dump(w, NLMON_ADDRS);
}

static const struct nl_ifaddr *find(const struct once *w, size_t i)
{
	return kernel_find(&w->kernel, w->link.ifindex, &w->o->addrs[i]);
}

static void may_edit(struct once *w)
{
	need(nladdr_open(&w->nl), "rtnetlink", NULL);
	need(nladdr_permitted(&w->nl), w->o->ifname, "CAP_NET_ADMIN");
}

static void plan(struct once *w, size_t i, struct nl_msg *m, uint16_t flags)
{
	if (!m)
		die(EXIT_SYSTEM, "out of memory");
	w->index[w->n] = i;
	w->edits[w->n++] = (struct nledit){ m, w->link.ifindex, flags, 0 };
}

static void finish(struct once *w)
{
	for (size_t i = 0; i < w->n; i++)
		nladdr_free(w->edits[i].msg);
	nladdr_close(&w->nl);
}

static void say(const struct once *w, size_t i, const char *what)
{
	char text[PREFIX_STRLEN];

	if (w->o->words >= 0)
		warn("%s: %s: %s", w->link.name,
			prefix_str(&w->o->addrs[i], text), what);
}

/* ---- add */

static bool any_foreign(const struct once *w)
{
	bool any = false;

	for (size_t i = 0; i < w->o->naddrs; i++) {
		const struct nl_ifaddr *a = find(w, i);

		if (!a || nladdr_is_ours(a))
			continue;
		say(w, i, "is there and not ours");
		any = true;
	}
	return any;
}

static bool any_used(struct once *w)
{
	static struct acd_target t[HOLD_PER_SUBJECT];
	char text[64] = "is used by ";
	bool any = false;
	int err;

	for (size_t i = 0; i < w->n; i++)
		t[i].addr = w->o->addrs[w->index[i]].addr;
	/* a probe from the virtual MAC would take it from its Master */
	err = acd_run(w->pkt, w->o->vmac ? &w->vmac.parent : &w->link, t, w->n,
		ACD_COUNT, ACD_INTERVAL);
	need(err, "probe", "CAP_NET_RAW");
	for (size_t i = 0; i < w->n; i++) {
		if (!t[i].used)
			continue;
		mac_str(t[i].mac, text + strlen("is used by "));
		say(w, w->index[i], text);
		any = true;
	}
	return any;
}

static void announce(struct once *w)
{
	bool router = link_forwards6(w->link.name);
	struct frame f;
	struct pkt p = { w->link.ifindex, &f };

	for (unsigned k = 0; k < w->o->hold.garp_count; k++) {
		for (size_t i = 0; i < w->n; i++) {
			announce_frame(&f, &w->o->addrs[w->index[i]].addr,
				w->link.lladdr, false, router);
			pktsock_send(w->pkt, &p, 1);
		}
	}
}

/* All or none: takes back what went in. */
static void take_back(struct once *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct nledit del = {
			.msg = nladdr_del_msg(&w->o->addrs[w->index[i]]),
			.ifindex = w->link.ifindex,
		};

		if (!w->edits[i].err && del.msg)
			nladdr_edit(&w->nl, &del, 1);
		nladdr_free(del.msg);
	}
}

static int carry_out(struct once *w)
{
	int err = nladdr_edit(&w->nl, w->edits, w->n);

	for (size_t i = 0; i < w->n; i++) {
		if (!w->edits[i].err)
			continue;
		err = w->edits[i].err;
		say(w, w->index[i], errno_str(err, "CAP_NET_ADMIN"));
	}
	return err;
}

/* The macvlan is there, and up. */
static bool raise_vmac(struct once *w)
{
	struct vmac *v = &w->vmac;
	const char *why = v->dev.ifindex ? NULL : vmac_make(v, &w->nl);

	if (!why)
		why = vmac_raise(v, &w->nl, true);
	if (why)
		warn("%s: %s", v->name, why);
	w->link = v->dev;
	for (size_t i = 0; i < w->n; i++)
		w->edits[i].ifindex = v->dev.ifindex;
	return !why;
}

static int add_planned(struct once *w)
{
	bool is_new = w->o->vmac && !w->link.ifindex;
	bool raised = !w->o->vmac || raise_vmac(w);

	if (!raised || carry_out(w) != 0) {
		if (raised)
			take_back(w);
		if (is_new && w->vmac.dev.ifindex)
			vmac_remove(&w->vmac, &w->nl);
		return EXIT_SYSTEM;
	}
	if (w->pkt >= 0)
		announce(w);
	return EXIT_YES;
}

static void open_pkt(struct once *w, const char *mute)
{
	bool asks = !w->o->force, speaks = w->o->hold.garp_count;

	w->pkt = -1;
	if (mute || !w->n || (!asks && !speaks))
		return;
	w->pkt = pktsock_open();
	need(w->pkt, "packet socket", "CAP_NET_RAW");
}

int once_add(const struct options *o)
{
	struct once *w = &self;
	const char *mute, *doubt;
	int code = EXIT_YES;

	look(w, o);
	may_edit(w);
	mute = link_mute(o->vmac ? &w->vmac.parent : &w->link);
	doubt = o->vmac ? macvlan_doubt(o->ifname, w->vmac.family) : NULL;
	if (doubt && o->words >= 0)
		warn("%s: %s", o->ifname, doubt);
	for (size_t i = 0; i < o->naddrs; i++)
		if (!find(w, i))
			plan(w, i, nladdr_add_msg(&o->addrs[i], &o->addr),
				NLM_F_CREATE | NLM_F_EXCL);
	if (mute && w->n && !o->force && w->link.lladdr_len &&
		!(w->link.flags & IFF_NOARP))
		die(EXIT_SYSTEM, "%s: %s: cannot ask who has it (--force)",
			o->ifname, mute);
	open_pkt(w, mute);
	give_up(o, 0);
	if (any_foreign(w) || (!o->force && w->pkt >= 0 && any_used(w)))
		code = EXIT_NO;
	else if (w->n || o->vmac)
		code = add_planned(w);
	if (w->pkt >= 0)
		close(w->pkt);
	finish(w);
	return code;
}

/* ---- del */

/* Is what is planned all that is on it? */
static bool is_rest(const struct once *w)
{
	return w->o->vmac && w->link.ifindex && w->n == w->kernel.n;
}

/* It goes down first of all, and nothing of it is heard any more. */
static int remove_vmac(struct once *w)
{
	const char *why = vmac_remove(&w->vmac, &w->nl);

	if (why)
		warn("%s: %s", w->vmac.name, why);
	return why ? EXIT_SYSTEM : EXIT_YES;
}

int once_del(const struct options *o)
{
	struct once *w = &self;
	int code;

	look(w, o);
	may_edit(w);
	give_up(o, 0);
	for (size_t i = 0; i < o->naddrs; i++) {
		const struct nl_ifaddr *a = find(w, i);

		if (a && (o->force || nladdr_is_ours(a)))
			plan(w, i, nladdr_del_msg(&a->prefix), 0);
		else if (a)
			say(w, i, "is not ours: left alone (--force)");
	}
	code = w->n ? EXIT_YES : EXIT_NO;
	if (is_rest(w))
		code = remove_vmac(w);
	else if (w->n && carry_out(w) != 0)
		code = EXIT_SYSTEM;
	finish(w);
	return code;
}

/* ---- show */

/* Without a length, whatever length it has. */
static const struct nl_ifaddr *find_any(const struct once *w, size_t i)
{
	const struct prefix *p = &w->o->addrs[i];

	for (size_t k = 0; !p->told && k < w->kernel.n; k++)
		if (addr_equal(&w->kernel.addrs[k].prefix.addr, &p->addr))
			return &w->kernel.addrs[k];
	return find(w, i);
}

static void put_scope(struct line_out *l, uint8_t scope)
{
	const char *name = scope == RT_SCOPE_UNIVERSE ? "global"
			   : scope == RT_SCOPE_SITE   ? "site"
			   : scope == RT_SCOPE_LINK   ? "link"
			   : scope == RT_SCOPE_HOST   ? "host"
						      : NULL;

	if (name)
		line_str(l, "scope", name);
	else
		line_num(l, "scope", scope);
}

static bool show(const struct once *w, size_t i)
{
	const struct nl_ifaddr *a = find_any(w, i);
	char text[PREFIX_STRLEN];
	struct line_out l;

	line_begin(&l, w->o->json, a ? "UP" : "DOWN",
		prefix_str(a ? &a->prefix : &w->o->addrs[i], text));
	line_str(&l, "if", w->link.name);
	if (a) {
		line_str(&l, "owner", nladdr_is_ours(a) ? "ours" : "other");
		put_scope(&l, a->scope);
		if (a->valid_lft == NL_LFT_FOREVER)
			line_str(&l, "valid_lft", "forever");
		else
			line_num(&l, "valid_lft", a->valid_lft);
	}
	if (write(STDOUT_FILENO, l.buf, line_end(&l)) < 0)
		die(EXIT_SYSTEM, "stdout: %s", errno_str(errno, NULL));
	return a != NULL;
}

int once_show(const struct options *o)
{
	struct once *w = &self;
	int code = EXIT_YES;

	look(w, o);
	give_up(o, 0);
	for (size_t i = 0; i < o->naddrs; i++)
		if (!show(w, i))
			code = EXIT_NO;
	return code;
}
