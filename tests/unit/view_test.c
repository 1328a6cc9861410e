#include "t.h"
#include "../../vrrp-elect/view.c"

#include <linux/if_addr.h>

/* What rtnetlink told, and what a router makes of it.  The events are those of
 * lib/sys/nlmon.c, which is not linked: this is all that view.c wants of it. */
bool nl_link_usable(const struct nl_link *l)
{
	return (l->flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
}

#define UP	(IFF_UP | IFF_RUNNING)
#define PENDING IFA_F_TENTATIVE
#define FAILED	IFA_F_DADFAILED

struct rig {
	struct router_cfg cfg;
	struct prefix vips[8];
	struct track_if tracks[8];
	struct view v;
	bool told; /* of eth0 and its address */
};

static struct views vs;

static struct addr ip(const char *s)
{
	struct addr a;

	assert_true(addr_parse(&a, s));
	return a;
}

static void tell_link(
	struct rig *r, int ifindex, const char *name, unsigned flags, bool gone)
{
	struct nl_link l = { .ifindex = ifindex, .flags = flags };

	(void)r;
	snprintf(l.name, sizeof l.name, "%s", name);
	views_link(&vs, &l, gone);
}

static void tell_addr(
	struct rig *r, int ifindex, const char *s, uint32_t flags, bool gone)
{
	struct nl_ifaddr a = { .ifindex = ifindex, .flags = flags };

	(void)r;
	assert_true(prefix_parse(&a.prefix, s));
	views_addr(&vs, &a, gone);
}

#define LINK(r, i, name, flags) tell_link(r, i, name, flags, false)
#define LINK_GONE(r, i, name)	tell_link(r, i, name, 0, true)
#define ADDR(r, i, s)		tell_addr(r, i, s, IFA_F_PERMANENT, false)
#define ADDR_AS(r, i, s, flags) tell_addr(r, i, s, flags, false)
#define ADDR_GONE(r, i, s)	tell_addr(r, i, s, IFA_F_PERMANENT, true)

static const char *fault(const struct rig *r)
{
	const char *why = view_fault(&r->v);

	return why ? why : "";
}

static const char *source(const struct rig *r)
{
	static char buf[ADDR_STRLEN];
	struct addr a = view_source(&r->v);

	return a.family ? addr_str(&a, buf) : "";
}

#define FAULT(r, want)	CHECK_STR(__func__, fault(r), want)
#define SOURCE(r, want) CHECK_STR(__func__, source(r), want)
#define WEIGHT(r, want) CHECK_NUM(__func__, view_weight(&(r)->v), want)
#define HOLDS(r, all, any)                                                     \
	do {                                                                   \
		CHECK_NUM(__func__, view_holds_all(&(r)->v), all);             \
		CHECK_NUM(__func__, view_holds_any(&(r)->v), any);             \
	} while (0)

#define VIP  "192.0.2.10/24"
#define VIP6 "fe80::10/64"

/* What it is to be was told before the first event. */
static void look(struct rig *r)
{
	views_free(&vs);
	r->cfg.vips = r->vips;
	r->cfg.track_ifs = r->tracks;
	r->cfg.family = r->vips[0].addr.family;
	assert_true(views_add(&vs, &r->v, &r->cfg));
	assert_true(views_settle(&vs));
	if (!r->told)
		return;
	LINK(r, 2, "eth0", UP);
	ADDR(r, 2, "192.0.2.1/24");
}

static void add_vip(struct rig *r, const char *s)
{
	views_free(&vs);
	assert_true(prefix_parse(&r->vips[r->cfg.nvips++], s));
	look(r);
}

static void add_track(struct rig *r, const char *name, int weight)
{
	struct track_if *t;

	views_free(&vs);
	t = &r->tracks[r->cfg.ntrack_ifs++];
	snprintf(t->name, sizeof t->name, "%s", name);
	t->weighted = weight != 0;
	t->weight = weight;
	look(r);
}

static void told_source(struct rig *r, const char *s)
{
	views_free(&vs);
	r->cfg.source = ip(s);
	look(r);
}

static void setup(struct rig *r, const char *vip)
{
	views_free(&vs);
	*r = (struct rig){ .cfg = { .ifname = "eth0", .elect.prio = 100 } };
	add_vip(r, vip);
}

static void ready(struct rig *r)
{
	setup(r, VIP);
	r->told = true;
	look(r);
	FAULT(r, "");
}

/* ---- The interface. */

static void an_interface_that_never_came(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r, VIP);
	FAULT(&r, "no-interface");
	LINK(&r, 2, "eth1", UP);
	LINK(&r, 3, "eth00", UP);
	LINK(&r, 4, "eth", UP);
	ADDR(&r, 2, "192.0.2.1/24");
	FAULT(&r, "no-interface");
	SOURCE(&r, "");
}

static const struct {
	const char *name;
	unsigned flags;
	bool ignore;
	const char *want;
} link_rows[] = {
	{ "nothing", 0, false, "link-down" },
	{ "up", IFF_UP, false, "no-carrier" },
	{ "running alone", IFF_RUNNING, false, "link-down" },
	{ "both", UP, false, "" },
	{ "ignored: nothing", 0, true, "" },
	{ "ignored: up", IFF_UP, true, "" },
	{ "ignored: both", UP, true, "" },
};

static void the_state_of_the_link(void **state)
{
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < N_OF(link_rows); i++) {
		ready(&r);
		r.cfg.ignore_link = link_rows[i].ignore;
		LINK(&r, 2, "eth0", link_rows[i].flags);
		CHECK_STR(link_rows[i].name, fault(&r), link_rows[i].want);
		LINK(&r, 2, "eth0", UP); /* the address is known still */
		CHECK_STR(link_rows[i].name, fault(&r), "");
	}
}

static void an_ignored_link_must_exist_all_the_same(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	r.cfg.ignore_link = true;
	LINK_GONE(&r, 2, "eth0");
	FAULT(&r, "no-interface");
}

static void a_renamed_interface_is_gone(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	LINK(&r, 2, "lan0", UP);
	FAULT(&r, "no-interface");
	assert_int_equal(view_ifindex(&r.v), 0);
	LINK(&r, 3, "eth0", UP); /* another has the name now */
	FAULT(&r, "no-address"); /* and not the addresses of the former */
	ADDR(&r, 3, "192.0.2.3/24");
	FAULT(&r, "");
	SOURCE(&r, "192.0.2.3");
}

static void another_interface_changes_nothing(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	LINK(&r, 3, "eth1", 0);
	LINK(&r, 3, "eth2", 0);
	LINK_GONE(&r, 3, "eth2");
	ADDR(&r, 3, "192.0.2.1/24");
	ADDR_GONE(&r, 3, "192.0.2.1/24");
	FAULT(&r, "");
	SOURCE(&r, "192.0.2.1");
}

static void a_deleted_interface_takes_all_along(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	ADDR(&r, 2, VIP);
	HOLDS(&r, true, true);
	LINK_GONE(&r, 2, "eth0");
	FAULT(&r, "no-interface");
	SOURCE(&r, "");
	HOLDS(&r, false, false);
	assert_int_equal(r.v.iface->now.flags, 0);
}

static void an_interface_made_anew_is_ours(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	LINK_GONE(&r, 2, "eth0");
	LINK(&r, 7, "eth0", IFF_UP);
	FAULT(&r, "no-carrier");
	LINK(&r, 7, "eth0", UP);
	FAULT(&r, "no-address");
	ADDR(&r, 2, "192.0.2.1/24"); /* of the former number */
	FAULT(&r, "no-address");
	ADDR(&r, 7, "192.0.2.1/24");
	FAULT(&r, "");
}

/* The kernel may tell of the new one first, as of a renaming. */
static void a_late_word_of_the_former_interface(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	LINK(&r, 7, "eth0", UP);
	SOURCE(&r, "");
	ADDR(&r, 7, "192.0.2.7/24");
	LINK_GONE(&r, 2, "eth0");
	FAULT(&r, "");
	SOURCE(&r, "192.0.2.7");
	assert_int_equal(view_ifindex(&r.v), 7);
}

/* ---- The source. */

static void the_first_address_is_the_source(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r, VIP);
	LINK(&r, 2, "eth0", UP);
	FAULT(&r, "no-address");
	ADDR(&r, 2, "192.0.2.2/24");
	ADDR(&r, 2, "192.0.2.1/24");
	ADDR(&r, 2, "fe80::1/64"); /* of the other family */
	SOURCE(&r, "192.0.2.2");
	ADDR(&r, 2, "192.0.2.2/24"); /* told twice */
	ADDR_GONE(&r, 2, "192.0.2.2/24");
	SOURCE(&r, "192.0.2.1");
	ADDR(&r, 2, "192.0.2.2/24"); /* it is the last one now */
	SOURCE(&r, "192.0.2.1");
	ADDR_GONE(&r, 2, "192.0.2.9/24"); /* never heard of */
	ADDR_GONE(&r, 2, "192.0.2.1/24");
	ADDR_GONE(&r, 2, "192.0.2.2/24");
	SOURCE(&r, "");
	FAULT(&r, "no-address");
}

static void a_virtual_address_is_no_source(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r, VIP);
	LINK(&r, 2, "eth0", UP);
	ADDR(&r, 2, VIP);
	SOURCE(&r, "");
	FAULT(&r, "no-address");
	ADDR(&r, 2, "192.0.2.1/24");
	SOURCE(&r, "192.0.2.1");
	ADDR_GONE(&r, 2, VIP);
	SOURCE(&r, "192.0.2.1");
	ADDR(&r, 2, "192.0.2.10/32"); /* whatever its length */
	ADDR_GONE(&r, 2, "192.0.2.1/24");
	SOURCE(&r, "");
}

static void it_is_for_the_owner(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r, VIP);
	r.cfg.elect.prio = VRRP_PRIO_OWNER;
	LINK(&r, 2, "eth0", UP);
	ADDR(&r, 2, VIP);
	SOURCE(&r, "192.0.2.10");
	FAULT(&r, "");
	HOLDS(&r, true, true);
	ADDR_GONE(&r, 2, VIP);
	FAULT(&r, "no-address");
	HOLDS(&r, false, false);
}

static void a_told_source_must_be_there(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	told_source(&r, "192.0.2.5");
	SOURCE(&r, "");
	FAULT(&r, "no-address");
	ADDR(&r, 3, "192.0.2.5/24"); /* on another interface */
	SOURCE(&r, "");
	ADDR(&r, 2, "192.0.2.5/24");
	SOURCE(&r, "192.0.2.5");
	FAULT(&r, "");
	ADDR_GONE(&r, 3, "192.0.2.5/24");
	SOURCE(&r, "192.0.2.5");
	ADDR_GONE(&r, 2, "192.0.2.5/24");
	SOURCE(&r, ""); /* rather than the other one */
	ADDR(&r, 2, "192.0.2.5/24");
	LINK_GONE(&r, 2, "eth0");
	SOURCE(&r, "");
}

static void a_told_source_goes_with_its_interface(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	told_source(&r, "192.0.2.5");
	ADDR(&r, 2, "192.0.2.5/24");
	LINK(&r, 7, "eth0", UP);
	SOURCE(&r, "");
	FAULT(&r, "no-address");
}

/* ---- IPv6. */

static void only_link_local_addresses_send_ipv6(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r, VIP6);
	LINK(&r, 2, "eth0", UP);
	FAULT(&r, "no-link-local-address");
	ADDR(&r, 2, "2001:db8::1/64");
	ADDR(&r, 2, "fec0::1/64");
	ADDR(&r, 2, "192.0.2.1/24");
	ADDR(&r, 2, VIP6);
	FAULT(&r, "no-link-local-address");
	ADDR(&r, 2, "fe80::1/64");
	SOURCE(&r, "fe80::1");
	FAULT(&r, "");
	ADDR_GONE(&r, 2, "2001:db8::1/64");
	SOURCE(&r, "fe80::1");
}

static void a_told_source_may_be_any(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r, VIP6);
	told_source(&r, "2001:db8::1");
	LINK(&r, 2, "eth0", UP);
	ADDR(&r, 2, "fe80::1/64");
	SOURCE(&r, "");
	ADDR(&r, 2, "2001:db8::1/64");
	SOURCE(&r, "2001:db8::1");
}

static const struct {
	const char *name;
	uint32_t flags;
	const char *source;
} dad_rows[] = {
	{ "under detection", PENDING, "" },
	{ "failed", FAILED, "" },
	{ "failed and pending", PENDING | FAILED, "" },
	{ "optimistic and pending", PENDING | IFA_F_OPTIMISTIC, "" },
	{ "deprecated", IFA_F_DEPRECATED, "fe80::1" },
	{ "fine", IFA_F_PERMANENT, "fe80::1" },
};

static void addresses_under_duplicate_detection_wait(void **state)
{
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < N_OF(dad_rows); i++) {
		const char *name = dad_rows[i].name;

		setup(&r, VIP6);
		LINK(&r, 2, "eth0", UP);
		ADDR_AS(&r, 2, "fe80::1/64", dad_rows[i].flags);
		CHECK_STR(name, source(&r), dad_rows[i].source);
		ADDR(&r, 2, "fe80::1/64"); /* it is done */
		CHECK_STR(name, source(&r), "fe80::1");
		ADDR_AS(&r, 2, "fe80::1/64", dad_rows[i].flags);
		CHECK_STR(name, source(&r), dad_rows[i].source);
	}
}

static void a_told_source_waits_for_its_detection(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r, VIP6);
	told_source(&r, "2001:db8::1");
	LINK(&r, 2, "eth0", UP);
	ADDR_AS(&r, 2, "2001:db8::1/64", PENDING);
	FAULT(&r, "no-link-local-address");
	ADDR(&r, 2, "2001:db8::1/64");
	SOURCE(&r, "2001:db8::1");
	ADDR_AS(&r, 2, "2001:db8::1/64", FAILED);
	SOURCE(&r, "");
}

/* ---- Virtual addresses held. */

static void all_and_any(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	add_vip(&r, "192.0.2.11");
	add_vip(&r, "fe80::11"); /* of the other family */
	HOLDS(&r, false, false);
	ADDR(&r, 2, "192.0.2.10/24");
	HOLDS(&r, false, true);
	ADDR(&r, 2, "192.0.2.11/32");
	HOLDS(&r, false, true);
	ADDR(&r, 2, "fe80::11/64");
	HOLDS(&r, true, true);
	ADDR_GONE(&r, 2, "192.0.2.10/24");
	HOLDS(&r, false, true);
	ADDR_GONE(&r, 2, "192.0.2.11/32");
	HOLDS(&r, false, true);
	ADDR_GONE(&r, 2, "fe80::11/64");
	HOLDS(&r, false, false);
}

static void any_interface_may_hold_them(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	ADDR(&r, 1, "192.0.2.10/32");
	HOLDS(&r, true, true);
	ADDR_GONE(&r, 2, "192.0.2.10/32"); /* it is not there that it is */
	HOLDS(&r, true, true);
	LINK_GONE(&r, 2, "eth0");
	HOLDS(&r, true, true);
	LINK_GONE(&r, 1, "lo");
	HOLDS(&r, false, false);
}

/* One may be told before its interface is, or after that got another name. */
static void held_without_an_interface(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r, VIP);
	ADDR(&r, 2, VIP);
	HOLDS(&r, true, true);
	LINK(&r, 2, "eth0", UP);
	HOLDS(&r, true, true);
	LINK(&r, 2, "lan0", UP);
	HOLDS(&r, true, true);
	ADDR_GONE(&r, 2, VIP);
	HOLDS(&r, false, false);
}

/* ---- Tracked interfaces. */

static void a_tracked_interface_without_weight_means_fault(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	add_track(&r, "wan0", 0);
	FAULT(&r, "track-wan0");
	LINK(&r, 5, "wan0", IFF_UP);
	FAULT(&r, "track-wan0");
	LINK(&r, 5, "wan0", UP);
	FAULT(&r, "");
	LINK(&r, 5, "wan0", IFF_RUNNING);
	FAULT(&r, "track-wan0");
	LINK(&r, 5, "wan0", UP);
	LINK(&r, 6, "dmz0", 0);
	LINK_GONE(&r, 6, "dmz0");
	FAULT(&r, "");
	LINK(&r, 5, "old0", UP); /* renamed */
	FAULT(&r, "track-wan0");
	LINK(&r, 5, "wan0", UP);
	FAULT(&r, "");
	LINK_GONE(&r, 5, "wan0");
	FAULT(&r, "track-wan0");
	LINK(&r, 9, "wan0", UP);
	FAULT(&r, "");
	LINK_GONE(&r, 5, "wan0"); /* of the former number */
	FAULT(&r, "");
	WEIGHT(&r, 0);
}

static const struct {
	const char *name;
	int weight;
	unsigned flags;
	int want;
} weight_rows[] = {
	{ "+20, usable", 20, UP, 20 },
	{ "+20, no carrier", 20, IFF_UP, 0 },
	{ "+20, down", 20, 0, 0 },
	{ "-20, usable", -20, UP, 0 },
	{ "-20, no carrier", -20, IFF_UP, -20 },
	{ "-20, down", -20, 0, -20 },
};

static void weights_of_tracked_interfaces(void **state)
{
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < N_OF(weight_rows); i++) {
		const char *name = weight_rows[i].name;
		int w = weight_rows[i].weight;

		ready(&r);
		add_track(&r, "wan0", w);
		/* one that is not there is down */
		CHECK_NUM(name, view_weight(&r.v), w < 0 ? w : 0);
		LINK(&r, 5, "wan0", weight_rows[i].flags);
		CHECK_NUM(name, view_weight(&r.v), weight_rows[i].want);
		CHECK_STR(name, fault(&r), "");
		LINK_GONE(&r, 5, "wan0");
		CHECK_NUM(name, view_weight(&r.v), w < 0 ? w : 0);
	}
}

static void weights_add_up(void **state)
{
	static struct rig r;

	(void)state;
	ready(&r);
	add_track(&r, "wan0", 20);
	add_track(&r, "wan1", -30);
	add_track(&r, "eth0", -7); /* our own one, it may have a weight */
	add_track(&r, "must0", 0);
	WEIGHT(&r, -30);
	LINK(&r, 2, "eth0", 0);
	WEIGHT(&r, -37);
	LINK(&r, 2, "eth0", UP);
	LINK(&r, 5, "wan0", UP);
	LINK(&r, 6, "wan1", UP);
	WEIGHT(&r, 20);
	LINK(&r, 6, "wan1", 0);
	WEIGHT(&r, -10);
	FAULT(&r, "track-must0");
	LINK(&r, 8, "must0", UP);
	FAULT(&r, "");
	WEIGHT(&r, -10);
}

static void our_own_faults_are_told_first(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r, VIP);
	add_track(&r, "wan0", 0);
	add_track(&r, "wan1", 0);
	FAULT(&r, "no-interface");
	LINK(&r, 2, "eth0", UP);
	FAULT(&r, "no-address");
	ADDR(&r, 2, "192.0.2.1/24");
	FAULT(&r, "track-wan0");
	LINK(&r, 5, "wan0", UP);
	FAULT(&r, "track-wan1");
	LINK(&r, 6, "wan1", UP);
	FAULT(&r, "");
}

static void more_addresses_than_we_keep(void **state)
{
	char s[32];
	static struct rig r;

	(void)state;
	setup(&r, VIP);
	told_source(&r, "10.0.0.200");
	LINK(&r, 2, "eth0", UP);
	for (int i = 1; i <= IFACE_ADDRS_MAX + 8; i++) {
		snprintf(s, sizeof s, "10.0.0.%d/24", i);
		ADDR(&r, 2, s);
	}
	assert_int_equal(r.v.iface->now.naddrs, IFACE_ADDRS_MAX);
	ADDR(&r, 2, "10.0.0.200/24"); /* found all the same */
	SOURCE(&r, "10.0.0.200");
	r.cfg.source.family = 0;
	SOURCE(&r, "10.0.0.1");
	ADDR_GONE(&r, 2, "10.0.0.1/24");
	SOURCE(&r, "10.0.0.2");
	ADDR_GONE(&r, 2, "10.0.0.32/24");
	assert_int_equal(r.v.iface->now.naddrs, IFACE_ADDRS_MAX - 2);
}

static void one_address_with_two_lengths(void **state)
{
	static struct rig r;

	(void)state;
	setup(&r, VIP);
	LINK(&r, 2, "eth0", UP);
	ADDR(&r, 2, "192.0.2.1/24");
	ADDR(&r, 2, "192.0.2.1/32");
	ADDR_GONE(&r, 2, "192.0.2.1/24");
	SOURCE(&r, "192.0.2.1");
	ADDR_GONE(&r, 2, "192.0.2.1/32");
	SOURCE(&r, "");
}

/* ---- Many routers. */

struct crowd {
	struct router_cfg cfg[3];
	struct prefix vips[3];
	struct view v[3];
};

/* Two on eth0, one of them the owner of its address; one on eth1. */
static void crowd(struct crowd *c)
{
	static const char *const vips[] = { VIP, "192.0.2.1/24",
		"192.0.2.30/32" };

	views_free(&vs);
	*c = (struct crowd){ 0 };
	for (size_t i = 0; i < 3; i++) {
		assert_true(prefix_parse(&c->vips[i], vips[i]));
		c->cfg[i] = (struct router_cfg){ .family = AF_INET,
			.elect.prio = i == 1 ? VRRP_PRIO_OWNER : 100,
			.vips = &c->vips[i],
			.nvips = 1 };
		snprintf(c->cfg[i].ifname, IF_NAMESIZE, "eth%d", i == 2);
		assert_true(views_add(&vs, &c->v[i], &c->cfg[i]));
	}
	assert_true(views_settle(&vs));
	tell_link(NULL, 2, "eth0", UP, false);
	tell_link(NULL, 3, "eth1", UP, false);
	views_look(&vs);
	for (size_t i = 0; i < 3; i++)
		c->v[i].changed = false;
}

static unsigned changed(struct crowd *c)
{
	unsigned set = 0;

	views_look(&vs);
	for (size_t i = 0; i < 3; i++) {
		set |= c->v[i].changed ? 1u << i : 0;
		c->v[i].changed = false;
	}
	return set;
}

static void an_interface_is_kept_once(void **state)
{
	static struct crowd c;

	(void)state;
	crowd(&c);
	assert_int_equal(vs.nifaces, 2);
	assert_ptr_equal(c.v[0].iface, c.v[1].iface);
	views_remove(&vs, &c.v[0]);
	assert_int_equal(vs.nifaces, 2);
	views_remove(&vs, &c.v[1]);
	assert_int_equal(vs.nifaces, 1);
	tell_addr(NULL, 2, VIP, 0, false); /* nobody's any more */
	assert_ptr_equal(c.v[2].iface, vs.ifaces[0]);
}

static void only_those_concerned_look(void **state)
{
	static struct crowd c;

	(void)state;
	crowd(&c);
	tell_addr(NULL, 3, "192.0.2.9/24", 0, false);
	assert_int_equal(changed(&c), 4);
	tell_addr(NULL, 2, VIP, 0, false);
	assert_int_equal(changed(&c), 1);
	tell_link(NULL, 2, "eth0", IFF_UP, false);
	assert_int_equal(changed(&c), 3);
	tell_link(NULL, 9, "eth9", UP, false);
	tell_addr(NULL, 9, "192.0.2.7/24", 0, false);
	assert_int_equal(changed(&c), 0);
}

static void no_virtual_address_of_another_is_a_source(void **state)
{
	static struct crowd c;

	(void)state;
	crowd(&c);
	tell_addr(NULL, 3, VIP, 0, false); /* of the first, on eth1 */
	assert_int_equal(view_source(&c.v[2]).family, 0);
	assert_true(view_holds_all(&c.v[0]));
	tell_addr(NULL, 2, "192.0.2.1/24", 0, false); /* the owner's */
	assert_int_equal(view_source(&c.v[0]).family, AF_INET);
	assert_int_equal(view_source(&c.v[1]).family, AF_INET);
}

static void while_a_dump_runs_the_old_facts_stay(void **state)
{
	static struct crowd c;

	(void)state;
	crowd(&c);
	tell_addr(NULL, 2, "192.0.2.5/24", 0, false);
	tell_addr(NULL, 2, VIP, 0, false);
	views_sync(&vs, false);
	tell_link(NULL, 7, "eth0", UP, false);
	tell_addr(NULL, 7, "192.0.2.6/24", 0, false);
	assert_int_equal(view_ifindex(&c.v[0]), 2);
	assert_true(view_holds_all(&c.v[0]));
	views_sync(&vs, true);
	assert_int_equal(view_ifindex(&c.v[0]), 7);
	assert_int_equal(view_ifindex(&c.v[2]), 0); /* not told anew */
	assert_false(view_holds_any(&c.v[0]));
	assert_false(views_look(&vs)); /* a dump told of it */
	tell_link(NULL, 8, "eth0", UP, false);
	assert_true(views_look(&vs));
}

static void one_that_changes_looks_elsewhere(void **state)
{
	static struct crowd c;
	struct router_cfg other;

	(void)state;
	crowd(&c);
	tell_addr(NULL, 2, VIP, 0, false);
	other = c.cfg[0];
	other.vips = &c.vips[2];
	snprintf(other.ifname, IF_NAMESIZE, "eth1");
	assert_true(views_change(&vs, &c.v[0], &other));
	assert_true(views_settle(&vs));
	assert_ptr_equal(c.v[0].iface, c.v[2].iface);
	assert_false(view_holds_any(&c.v[0]));
	tell_addr(NULL, 3, "192.0.2.30/32", 0, false);
	assert_true(view_holds_all(&c.v[0]) && view_holds_all(&c.v[2]));
	views_free(&vs);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_interface_that_never_came),
		T(one_address_with_two_lengths),
		T(the_state_of_the_link),
		T(an_ignored_link_must_exist_all_the_same),
		T(a_renamed_interface_is_gone),
		T(another_interface_changes_nothing),
		T(a_deleted_interface_takes_all_along),
		T(an_interface_made_anew_is_ours),
		T(a_late_word_of_the_former_interface),
		T(the_first_address_is_the_source),
		T(a_virtual_address_is_no_source),
		T(it_is_for_the_owner),
		T(a_told_source_must_be_there),
		T(a_told_source_goes_with_its_interface),
		T(only_link_local_addresses_send_ipv6),
		T(a_told_source_may_be_any),
		T(addresses_under_duplicate_detection_wait),
		T(a_told_source_waits_for_its_detection),
		T(all_and_any),
		T(any_interface_may_hold_them),
		T(held_without_an_interface),
		T(a_tracked_interface_without_weight_means_fault),
		T(weights_of_tracked_interfaces),
		T(weights_add_up),
		T(our_own_faults_are_told_first),
		T(more_addresses_than_we_keep),
		T(an_interface_is_kept_once),
		T(only_those_concerned_look),
		T(no_virtual_address_of_another_is_a_source),
		T(while_a_dump_runs_the_old_facts_stay),
		T(one_that_changes_looks_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
