#include "t.h"
#include "../../vip-bind/holder.c"

#define S  US_PER_S
#define MS US_PER_MS

/* A holder, its clock, a kernel that has addresses by number, and what was
 * done in a turn as one string: "-3" removed, "=3" renewed or taken over, "+3"
 * added, "!3" announced; with "?" the kernel refused, with "x" it had one. */
#define HOSTS 4096

struct rig {
	struct holder h;
	struct mono now;
	enum hold_seen kern[HOSTS];
	int refuse; /* what the kernel answers to all edits; 0: it obeys */
	int eth;
	size_t skipped, fresh; /* of the latest list */
	uint16_t got[HOLD_PER_SUBJECT];
	size_t len;
	char did[32768];
};

static struct rig rig; /* it is large */

static const struct hold_cfg plain = { .garp_count = 1 };

static struct prefix host(unsigned n)
{
	return (struct prefix){
		.addr = { .family = AF_INET,
			.b = { 10, 0, (uint8_t)(n >> 8), (uint8_t)n } },
		.len = 24,
		.told = true,
	};
}

static unsigned num(const struct hold_addr *a)
{
	return (unsigned)a->prefix.addr.b[2] << 8 | a->prefix.addr.b[3];
}

static struct rig *setup(const struct hold_cfg *cfg)
{
	struct rig *r = &rig;

	memset(r, 0, sizeof *r);
	r->now.us = 1 * S; /* just booted */
	holder_init(&r->h, cfg);
	r->eth = holder_if(&r->h, "eth0");
	holder_link(&r->h, (unsigned)r->eth, true, false, r->now);
	return r;
}

static void note(struct rig *r, char op, size_t slot, const char *how)
{
	r->len += (size_t)snprintf(r->did + r->len, sizeof r->did - r->len,
		"%s%c%u%s", r->len ? " " : "", op, num(&r->h.addrs[slot]), how);
	assert_true(r->len < sizeof r->did);
}

/* ---- The kernel, and the hands as bind.c has them. */

static int kernel_edit(struct rig *r, enum hold_op op, unsigned n)
{
	if (r->refuse)
		return r->refuse;
	assert_false(op != HOLD_ADD && r->kern[n] == SEEN_OTHER);
	if (op == HOLD_ADD && r->kern[n] != SEEN_NOT)
		return -EEXIST;
	if (op == HOLD_DEL && r->kern[n] == SEEN_NOT)
		return -EADDRNOTAVAIL;
	r->kern[n] = op == HOLD_DEL ? SEEN_NOT : SEEN_OURS;
	return 0;
}

/* As the holder, but it asks each address. */
static size_t ask_all(
	const struct rig *r, enum hold_op op, uint16_t list[HOLD_ADDRS])
{
	size_t n = 0;

	for (size_t i = 0; i < r->h.naddrs; i++)
		if (is_due(&r->h, &r->h.addrs[i], op, r->now))
			list[n++] = (uint16_t)i;
	return n;
}

static int by_number(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void edit(struct rig *r, enum hold_op op)
{
	uint16_t list[HOLD_ADDRS], all[HOLD_ADDRS];
	size_t want = ask_all(r, op, all);
	size_t due = holder_due(&r->h, op, r->now, list);

	qsort(list, due, sizeof *list, by_number);
	assert_int_equal(due, want);
	assert_memory_equal(list, all, want * sizeof *list);

	for (size_t i = 0; i < due; i++) {
		unsigned n = num(&r->h.addrs[list[i]]);
		int err = kernel_edit(r, op, n);

		note(r, "-+="[op], list[i],
			err == -EEXIST ? "x"
			: err	       ? "?"
				       : "");
		if (err == -EEXIST)
			holder_seen(&r->h, list[i], r->kern[n], r->now);
		else
			holder_done(&r->h, op, list[i], err, r->now);
	}
}

static void announce(struct rig *r)
{
	uint16_t list[HOLD_ADDRS];
	size_t due;

	while ((due = holder_announce(&r->h, r->now, list)) > 0)
		for (size_t i = 0; i < due; i++)
			note(r, '!', list[i], "");
}

static const char *turn(struct rig *r)
{
	r->len = 0;
	r->did[0] = '\0';
	while (holder_expire(&r->h, r->now) >= 0)
		;
	edit(r, HOLD_DEL);
	edit(r, HOLD_RENEW);
	edit(r, HOLD_ADD);
	edit(r, HOLD_RENEW);
	if (r->h.cfg.garp_count)
		announce(r);
	return r->did;
}

/* ---- What happens to them. */

static void name_on(struct rig *r, const char *who, int iface,
	const unsigned *nums, size_t n)
{
	int s = holder_subject(&r->h, who);
	struct prefix p[HOLD_PER_SUBJECT + 10];

	assert_true(s >= 0 && n <= N_OF(p));
	for (size_t i = 0; i < n; i++)
		p[i] = host(nums[i]);
	r->fresh = holder_name(&r->h, s, iface, p, n, r->got, &r->skipped);
	for (size_t i = 0; i < r->fresh; i++)
		holder_seen(&r->h, r->got[i],
			r->kern[num(&r->h.addrs[r->got[i]])], r->now);
}

#define NAME(r, who, ...)                                                      \
	name_on(r, who, (r)->eth, (const unsigned[]){ __VA_ARGS__ },           \
		N_OF(((const unsigned[]){ __VA_ARGS__ })))

static void line_of(struct rig *r, const char *who, bool up, uint64_t epoch)
{
	holder_line(&r->h, holder_subject(&r->h, who), up, epoch, r->now);
}

#define UP(r, who, epoch) line_of(r, who, true, epoch)
#define DOWN(r, who)	  line_of(r, who, false, 0)

static size_t slot_of(struct rig *r, unsigned n)
{
	size_t i = 0;

	while (i < r->h.naddrs &&
		(num(&r->h.addrs[i]) != n || is_free(&r->h.addrs[i])))
		i++;
	assert_true(i < r->h.naddrs);
	return i;
}

/* Somebody else changes the kernel, and it tells. */
static void become(struct rig *r, unsigned n, enum hold_seen seen)
{
	r->kern[n] = seen;
	holder_seen(&r->h, slot_of(r, n), seen, r->now);
}

static void link_to(struct rig *r, bool ready, bool gone)
{
	holder_link(&r->h, (unsigned)r->eth, ready, gone, r->now);
}

static void pass(struct rig *r, int64_t us)
{
	r->now = mono_add(r->now, us);
}

static int64_t left(struct rig *r)
{
	struct mono d = holder_deadline(&r->h);

	return mono_is_never(d) ? INT64_MAX : mono_diff(d, r->now);
}

/* Sleeps until the deadline. */
static const char *wait(struct rig *r)
{
	assert_int_not_equal(left(r), INT64_MAX);
	r->now = holder_deadline(&r->h);
	return turn(r);
}

#define DOES(did, want) CHECK_STR(__func__, did, want)
#define LEFT(r, us)	CHECK_NUM(__func__, left(r), us)
#define NEVER		INT64_MAX

/* A names 1 and is up; the turn is done. */
static struct rig *holding(const struct hold_cfg *cfg)
{
	struct rig *r = setup(cfg);

	NAME(r, "A", 1);
	UP(r, "A", 1);
	turn(r);
	assert_int_equal(r->kern[1], SEEN_OURS);
	return r;
}

/* ---- Who wants what. */

static void an_address_is_held_while_one_that_is_up_names_it(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1, 2);
	DOES(turn(r), "");
	assert_false(holder_wanted(&r->h));
	UP(r, "A", 1);
	DOES(turn(r), "+1 +2 !1 !2");
	DOES(turn(r), "");
	assert_true(holder_wanted(&r->h));
	DOWN(r, "A");
	assert_false(holder_wanted(&r->h));
	DOES(turn(r), "-1 -2");
	DOES(turn(r), "");
	DOWN(r, "A");
	DOES(turn(r), "");
	UP(r, "A", 1);
	DOES(turn(r), "+1 +2 !1 !2");
	LEFT(r, NEVER);
}

static void several_may_name_the_same(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1, 2);
	NAME(r, "B", 2, 3);
	assert_int_equal(r->fresh, 1);
	NAME(r, "C", 2);
	assert_int_equal(r->fresh, 0);
	UP(r, "A", 1);
	DOES(turn(r), "+1 +2 !1 !2");
	UP(r, "B", 1);
	DOES(turn(r), "+3 !2 !3");
	assert_int_equal(r->h.addrs[slot_of(r, 2)].users, 2);
	assert_int_equal(r->h.addrs[slot_of(r, 2)].named, 3);
	DOWN(r, "A");
	DOES(turn(r), "-1");
	DOWN(r, "A"); /* said twice it counts once */
	DOES(turn(r), "");
	UP(r, "A", 0); /* the epoch of its last line */
	DOES(turn(r), "+1 !1 !2");
	DOWN(r, "A");
	DOES(turn(r), "-1");
	UP(r, "C", 1);
	UP(r, "C", 1);
	DOWN(r, "B");
	DOES(turn(r), "-3 !2");
	DOWN(r, "C");
	DOES(turn(r), "-2");
	assert_false(holder_wanted(&r->h));
	assert_int_equal(holder_count(&r->h), 0);
}

static void a_list_may_name_one_twice(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1, 1, 2, 1);
	assert_int_equal(r->fresh, 2);
	assert_int_equal(r->skipped, 0);
	UP(r, "A", 1);
	DOES(turn(r), "+1 +2 !1 !2");
	DOWN(r, "A");
	DOES(turn(r), "-1 -2");
}

static void a_new_list_keeps_what_is_on_both(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1, 2, 3);
	UP(r, "A", 1);
	turn(r);
	NAME(r, "A", 3, 4, 2);
	assert_int_equal(r->fresh, 1);
	DOES(turn(r), "-1 +4 !4");
	NAME(r, "A", 3, 4, 2); /* the same again */
	assert_int_equal(r->fresh, 0);
	DOES(turn(r), "");
	DOWN(r, "A");
	NAME(r, "A", 5, 4);
	DOES(turn(r), "-2 -3 -4");
	UP(r, "A", 1);
	DOES(turn(r), "+5 +4 !5 !4"); /* 5 has the place of 1 */
}

static void a_new_list_leaves_what_others_name(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1, 2);
	NAME(r, "B", 1, 3);
	UP(r, "A", 1);
	UP(r, "B", 1);
	turn(r);
	NAME(r, "A", 2);
	DOES(turn(r), "");
	NAME(r, "B", 2);
	DOES(turn(r), "-1 -3");
	DOWN(r, "A");
	DOES(turn(r), "");
	DOWN(r, "B");
	DOES(turn(r), "-2");
}

static void an_empty_list(void **state)
{
	struct rig *r = holding(&plain);

	(void)state;
	name_on(r, "A", r->eth, NULL, 0);
	DOES(turn(r), "-1");
	UP(r, "A", 2);
	DOES(turn(r), "");
	assert_false(holder_wanted(&r->h));
	NAME(r, "A", 1);
	DOES(turn(r), "+1 !1");
}

static void interface_length_and_family_make_another_address(void **state)
{
	struct rig *r = setup(&plain);
	int eth1 = holder_if(&r->h, "eth1");
	struct prefix p[4] = { host(1), host(1), host(1), host(1) };

	(void)state;
	p[1].len = 32;
	p[2].addr.family = AF_INET6;
	p[3].told = false; /* that is how it was written */
	assert_int_equal(holder_name(&r->h, holder_subject(&r->h, "A"), r->eth,
				 p, 4, r->got, &r->skipped),
		3);
	NAME(r, "B", 1);
	assert_int_equal(r->fresh, 0);
	name_on(r, "C", eth1, (const unsigned[]){ 1 }, 1);
	assert_int_equal(r->fresh, 1);
	assert_int_equal(r->h.naddrs, 4);
}

static void a_list_moved_to_another_interface(void **state)
{
	struct rig *r = holding(&plain);
	int eth1 = holder_if(&r->h, "eth1");

	(void)state;
	r->kern[1] = SEEN_NOT; /* the kernel here knows of no interfaces */
	name_on(r, "A", eth1, (const unsigned[]){ 1 }, 1);
	r->kern[1] = SEEN_OURS;
	DOES(turn(r), "-1"); /* eth1 is not ready */
	holder_link(&r->h, (unsigned)eth1, true, false, r->now);
	DOES(turn(r), "+1 !1");
}

static void the_end_of_input_lets_go_of_all(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1, 2);
	NAME(r, "B", 2, 3);
	UP(r, "A", 1);
	UP(r, "B", 1);
	turn(r);
	holder_release(&r->h);
	assert_false(holder_wanted(&r->h));
	DOES(turn(r), "-1 -2 -3");
	LEFT(r, NEVER);
}

/* ---- Leases. */

static const struct hold_cfg leased = { .lease = 2 * S, .garp_count = 1 };

static void a_lease_runs_out_to_the_microsecond(void **state)
{
	struct rig *r = holding(&leased);

	(void)state;
	LEFT(r, 2 * S);
	pass(r, 2 * S - 1);
	assert_int_equal(holder_expire(&r->h, r->now), -1);
	DOES(turn(r), "");
	LEFT(r, 1);
	pass(r, 1);
	assert_int_equal(holder_expire(&r->h, r->now), 0);
	assert_int_equal(holder_expire(&r->h, r->now), -1);
	assert_true(r->h.subjects[0].expired);
	DOES(turn(r), "-1");
	LEFT(r, NEVER);
}

static void a_line_renews_the_lease_once(void **state)
{
	struct rig *r = holding(&leased);

	(void)state;
	pass(r, 1500 * MS);
	UP(r, "A", 1);
	LEFT(r, 2 * S);
	DOES(turn(r), "=1"); /* and is no news to the neighbours */
	DOES(turn(r), "");
	pass(r, 1500 * MS);
	DOES(turn(r), "");
	LEFT(r, 500 * MS);
}

static void who_comes_back_after_its_lease_announces(void **state)
{
	struct rig *r = holding(&leased);

	(void)state;
	DOES(wait(r), "-1");
	UP(r, "A", 1);
	assert_false(r->h.subjects[0].expired);
	DOES(turn(r), "+1 !1");
	LEFT(r, 2 * S);
	pass(r, 3 * S);
	UP(r, "A", 1); /* late, but before it was found out */
	DOES(turn(r), "=1");
	pass(r, 3 * S);
	assert_int_equal(holder_expire(&r->h, r->now), 0);
	DOWN(r, "A");
	assert_false(r->h.subjects[0].expired);
}

static void a_lease_that_ran_out_in_the_kernel_first(void **state)
{
	struct rig *r = holding(&leased);

	(void)state;
	pass(r, 2 * S);
	become(r, 1, SEEN_NOT);
	DOES(turn(r), ""); /* it is not put back */
	UP(r, "A", 1);
	DOES(turn(r), "+1 !1"); /* a new one, so it is announced */
}

static void without_a_lease_nothing_expires(void **state)
{
	struct rig *r = holding(&plain);

	(void)state;
	LEFT(r, NEVER);
	pass(r, 1000000 * S);
	assert_int_equal(holder_expire(&r->h, r->now), -1);
	UP(r, "A", 1);
	DOES(turn(r), ""); /* nor is it renewed */
}

static void each_subject_has_its_own_lease(void **state)
{
	struct rig *r = setup(&leased);

	(void)state;
	NAME(r, "A", 1, 2);
	NAME(r, "B", 2, 3);
	UP(r, "A", 1);
	pass(r, 500 * MS);
	UP(r, "B", 1);
	turn(r);
	LEFT(r, 1500 * MS);
	DOES(wait(r), "-1");
	LEFT(r, 500 * MS);
	DOES(wait(r), "-2 -3");
	UP(r, "A", 1);
	UP(r, "B", 1);
	turn(r);
	pass(r, 2 * S);
	assert_int_equal(holder_expire(&r->h, r->now), 0);
	assert_int_equal(holder_expire(&r->h, r->now), 1);
	assert_int_equal(holder_expire(&r->h, r->now), -1);
}

static void a_renewal_that_is_refused_waits_for_the_next_line(void **state)
{
	struct rig *r = holding(&leased);

	(void)state;
	pass(r, 1 * S);
	UP(r, "A", 1);
	r->refuse = -EPERM;
	DOES(turn(r), "=1?");
	DOES(turn(r), "");
	LEFT(r, 2 * S);
	r->refuse = 0;
	UP(r, "A", 1);
	DOES(turn(r), "=1");
}

static void a_renewal_asked_for_by_who_left_is_forgotten(void **state)
{
	struct rig *r = holding(&leased);

	(void)state;
	UP(r, "A", 1);
	DOWN(r, "A");
	DOES(turn(r), "-1");
	UP(r, "A", 1);
	DOES(turn(r), "+1 !1");
}

/* ---- Announcements. */

static void a_new_epoch_announces_and_a_repeat_does_not(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1, 2);
	UP(r, "A", 7);
	DOES(turn(r), "+1 +2 !1 !2");
	UP(r, "A", 7);
	DOES(turn(r), "");
	UP(r, "A", 8);
	DOES(turn(r), "!1 !2");
	UP(r, "A", 7); /* another is another */
	DOES(turn(r), "!1 !2");
	UP(r, "A", 0);
	DOES(turn(r), "!1 !2");
	UP(r, "A", UINT64_MAX);
	DOES(turn(r), "!1 !2");
	UP(r, "A", UINT64_MAX);
	DOES(turn(r), "");
	LEFT(r, NEVER);
}

static void each_subject_has_its_own_epoch(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1);
	NAME(r, "B", 2);
	UP(r, "A", 1);
	UP(r, "B", 2);
	turn(r);
	UP(r, "A", 1);
	UP(r, "B", 3);
	DOES(turn(r), "!2");
}

/* Each time at which something was said, in us from the start. */
static const struct {
	const char *name;
	struct hold_cfg cfg;
	int64_t at[10];
	bool ends;
} paces[] = {
	{ "none", { .garp_count = 0 }, { -1 }, true },
	{ "none, ever",
		{ .garp_count = 0,
			.garp_interval = 1,
			.garp_again = 5 * S,
			.garp_refresh = 60 * S },
		{ -1 }, true },
	{ "one", { .garp_count = 1 }, { 0, -1 }, true },
	{ "two at once, a last word", { .garp_count = 3 },
		{ 0, 0, 75 * MS, -1 }, true },
	{ "three", { .garp_count = 3, .garp_interval = 100003 },
		{ 0, 100003, 200006, -1 }, true },
	{ "again", { .garp_count = 1, .garp_again = 5 * S + 1 },
		{ 0, 5 * S + 1, -1 }, true },
	{ "two, again",
		{ .garp_count = 2, .garp_interval = 7, .garp_again = 5 * S },
		{ 0, 7, 5 * S, 5 * S + 7, -1 }, true },
	{ "a last word, again", { .garp_count = 2, .garp_again = 5 * S },
		{ 0, 75 * MS, 5 * S, 5075 * MS, -1 }, true },
	{ "refresh", { .garp_count = 1, .garp_refresh = 60 * S + 1 },
		{ 0, 60 * S + 1, 120 * S + 2, 180 * S + 3, -1 }, false },
	{ "two, refresh",
		{ .garp_count = 2, .garp_interval = 7, .garp_refresh = 60 * S },
		{ 0, 7, 60 * S + 7, 120 * S + 7, -1 }, false },
	{ "all",
		{ .garp_count = 3,
			.garp_interval = 250 * MS,
			.garp_again = 5 * S,
			.garp_refresh = 60 * S },
		{ 0, 250 * MS, 500 * MS, 5 * S, 5250 * MS, 5500 * MS,
			65500 * MS, 125500 * MS, -1 },
		false },
};

static void announcements_come_to_the_microsecond(void **state)
{
	uint16_t list[HOLD_ADDRS];

	(void)state;
	for (size_t i = 0; i < N_OF(paces); i++) {
		struct rig *r = setup(&paces[i].cfg);
		struct mono start = r->now;

		NAME(r, "A", 1);
		UP(r, "A", 1);
		edit(r, HOLD_ADD);
		for (const int64_t *at = paces[i].at; *at >= 0; at++) {
			CHECK_NUM(paces[i].name,
				mono_diff(holder_deadline(&r->h), start), *at);
			r->now = mono_add(start, *at - 1);
			CHECK_NUM(paces[i].name,
				holder_announce(&r->h, r->now, list), 0);
			r->now = mono_add(start, *at);
			CHECK_NUM(paces[i].name,
				holder_announce(&r->h, r->now, list), 1);
		}
		CHECK_NUM(paces[i].name, left(r) == NEVER, paces[i].ends);
	}
}

static const struct hold_cfg full = {
	.garp_count = 2,
	.garp_interval = 100 * MS,
	.garp_again = 5 * S,
	.garp_refresh = 60 * S,
};

static void a_second_burst_waits_for_the_first(void **state)
{
	const struct hold_cfg cfg = {
		.garp_count = 3, .garp_interval = 2 * S, .garp_again = 1 * S
	};
	struct rig *r = holding(&cfg);

	(void)state;
	DOES(wait(r), "!1");
	LEFT(r, 2 * S);
	DOES(wait(r), "!1 !1");
	LEFT(r, 2 * S);
	DOES(wait(r), "!1");
	DOES(wait(r), "!1");
	LEFT(r, NEVER);
}

static void news_begin_a_burst_anew(void **state)
{
	struct rig *r = holding(&full);

	(void)state;
	LEFT(r, 100 * MS);
	pass(r, 50 * MS);
	UP(r, "A", 2);
	DOES(turn(r), "!1");
	LEFT(r, 100 * MS);
	DOES(wait(r), "!1");
	LEFT(r, 4900 * MS);
	DOES(wait(r), "!1");
	UP(r, "A", 3); /* within the second one */
	DOES(turn(r), "!1");
	DOES(wait(r), "!1");
	LEFT(r, 4900 * MS);
}

static void what_was_let_go_is_not_announced(void **state)
{
	struct rig *r = holding(&full);

	(void)state;
	DOWN(r, "A");
	DOES(turn(r), "-1");
	LEFT(r, NEVER);
	pass(r, 100 * S);
	DOES(turn(r), "");
	UP(r, "A", 1);
	DOES(turn(r), "+1 !1");
	become(r, 1, SEEN_NOT);
	r->refuse = -EPERM;
	DOES(turn(r), "+1?");
	pass(r, 100 * MS);
	DOES(turn(r), "");
}

static void a_late_wake_does_not_make_up_for_refreshes(void **state)
{
	struct rig *r = holding(&full);

	(void)state;
	pass(r, 1000 * S);
	DOES(turn(r), "!1 !1"); /* the rest of one, the first of the other */
	LEFT(r, 100 * MS);
	DOES(wait(r), "!1");
	LEFT(r, 60 * S);
	pass(r, 1000 * S);
	DOES(turn(r), "!1");
	LEFT(r, 60 * S);
}

static void neighbours_of_an_interface_are_told_of_all(void **state)
{
	struct rig *r = setup(&plain);
	int eth1 = holder_if(&r->h, "eth1");

	(void)state;
	holder_link(&r->h, (unsigned)eth1, true, false, r->now);
	r->kern[3] = SEEN_OTHER;
	NAME(r, "A", 1, 3);
	NAME(r, "B", 4);
	name_on(r, "C", eth1, (const unsigned[]){ 2 }, 1);
	UP(r, "A", 1);
	UP(r, "C", 1);
	turn(r);
	holder_announce_if(&r->h, (unsigned)r->eth, r->now);
	DOES(turn(r), "!1 !3");
	holder_announce_if(&r->h, (unsigned)eth1, r->now);
	DOES(turn(r), "!2");
}

/* ---- What is there already. */

static void what_is_another_s_is_left_alone(void **state)
{
	struct rig *r = setup(&leased);

	(void)state;
	r->kern[1] = SEEN_OTHER;
	NAME(r, "A", 1);
	DOES(turn(r), "");
	UP(r, "A", 1);
	DOES(turn(r), "!1"); /* it is there, so the neighbours may know */
	assert_int_equal(holder_count(&r->h), 1);
	UP(r, "A", 1);
	DOES(turn(r), "");
	UP(r, "A", 2);
	DOES(turn(r), "!1");
	DOWN(r, "A");
	DOES(turn(r), "");
	assert_int_equal(holder_count(&r->h), 0);
	UP(r, "A", 1);
	turn(r);
	become(r, 1, SEEN_NOT); /* he takes it away: now it is our turn */
	DOES(turn(r), "+1 !1");
}

static void another_s_that_we_were_not_told_of(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1);
	UP(r, "A", 1);
	r->kern[1] = SEEN_OTHER;
	DOES(turn(r), "+1x !1");
	DOES(turn(r), "");
	LEFT(r, NEVER);
	DOWN(r, "A");
	DOES(turn(r), "");
	assert_int_equal(r->kern[1], SEEN_OTHER);
}

static void ours_that_we_were_not_told_of(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1);
	UP(r, "A", 1);
	r->kern[1] = SEEN_OURS;
	DOES(turn(r), "+1x =1 !1");
	LEFT(r, NEVER);
}

static void what_bears_our_mark_is_adopted(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	r->kern[1] = SEEN_OURS;
	r->kern[2] = SEEN_OURS;
	NAME(r, "A", 1);
	NAME(r, "B", 2);
	UP(r, "A", 1);
	assert_int_equal(holder_count(&r->h), 0);
	DOES(turn(r), "-2 =1 !1"); /* nobody wants 2 */
	assert_int_equal(holder_count(&r->h), 1);
	DOES(turn(r), "");
	DOWN(r, "A");
	DOES(turn(r), "-1");
}

static void an_adoption_that_is_refused_is_tried_again(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	r->kern[1] = SEEN_OURS;
	NAME(r, "A", 1);
	UP(r, "A", 1);
	r->refuse = -EPERM;
	DOES(turn(r), "=1?");
	LEFT(r, 1 * S);
	assert_int_equal(holder_count(&r->h), 0);
	r->refuse = 0;
	pass(r, 1 * S - 1);
	DOES(turn(r), "");
	pass(r, 1);
	DOES(turn(r), "=1 !1");
}

static void another_makes_ours_his_own(void **state)
{
	struct rig *r = holding(&leased);

	(void)state;
	UP(r, "A", 1);
	become(r, 1, SEEN_OTHER); /* before the renewal could be done */
	DOES(turn(r), "!1");
	DOWN(r, "A");
	DOES(turn(r), "");
	UP(r, "A", 1);
	turn(r);
	become(r, 1, SEEN_OURS);
	DOES(turn(r), "=1 !1");
	become(r, 1, SEEN_OURS); /* the echo of our own edit */
	DOES(turn(r), "");
	become(r, 1, SEEN_OTHER);
	become(r, 1, SEEN_NOT); /* his to remove: it is no putting back */
	DOES(turn(r), "+1 !1");
	assert_int_equal(r->h.addrs[0].nbacks, 0);
}

static void nothing_is_told_of_a_free_place(void **state)
{
	struct rig *r = holding(&plain);

	(void)state;
	name_on(r, "A", r->eth, NULL, 0);
	turn(r);
	r->kern[1] = SEEN_OURS;
	holder_seen(&r->h, 0, SEEN_OURS, r->now);
	DOES(turn(r), "");
	assert_int_equal(r->kern[1], SEEN_OURS);
}

/* ---- Refusals. */

static void an_address_that_is_refused_is_tried_again(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1);
	UP(r, "A", 1);
	r->refuse = -EPERM;
	for (int i = 0; i < 3; i++) {
		DOES(turn(r), "+1?");
		DOES(turn(r), "");
		LEFT(r, 1 * S);
		pass(r, 1 * S - 1);
		DOES(turn(r), "");
		pass(r, 1);
	}
	assert_int_equal(holder_count(&r->h), 0);
	r->refuse = 0;
	DOES(turn(r), "+1 !1");
	LEFT(r, NEVER);
}

static void who_asks_anew_need_not_wait(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1);
	UP(r, "A", 1);
	r->refuse = -EPERM;
	turn(r);
	r->refuse = 0;
	DOWN(r, "A");
	DOES(turn(r), "");
	LEFT(r, NEVER);
	UP(r, "A", 1);
	DOES(turn(r), "+1 !1");
}

static void a_removal_that_is_refused_is_tried_again(void **state)
{
	struct rig *r = holding(&plain);

	(void)state;
	DOWN(r, "A");
	r->refuse = -EPERM;
	DOES(turn(r), "-1?");
	DOES(turn(r), "");
	LEFT(r, 1 * S);
	r->refuse = 0;
	name_on(r, "A", r->eth, NULL, 0); /* it keeps its place till then */
	pass(r, 1 * S - 1);
	DOES(turn(r), "");
	pass(r, 1);
	DOES(turn(r), "-1");
	LEFT(r, NEVER);
}

static void removing_what_is_gone_is_success(void **state)
{
	static const int errs[] = { -EADDRNOTAVAIL, -ENODEV };

	(void)state;
	for (size_t i = 0; i < N_OF(errs); i++) {
		struct rig *r = holding(&plain);

		DOWN(r, "A");
		r->refuse = errs[i];
		DOES(turn(r), "-1?");
		LEFT(r, NEVER);
		DOES(turn(r), "");
	}
}

/* ---- Put back. */

static void what_others_remove_is_put_back_five_times_at_once(void **state)
{
	struct rig *r = holding(&plain);

	(void)state;
	for (int i = 0; i < HOLD_BACK_MAX; i++) {
		pass(r, 100 * MS);
		become(r, 1, SEEN_NOT);
		DOES(turn(r), "+1 !1");
	}
	for (int i = 0; i < 3; i++) { /* then once a second */
		become(r, 1, SEEN_NOT);
		DOES(turn(r), "");
		assert_int_equal(holder_count(&r->h), 0);
		LEFT(r, 1 * S);
		pass(r, 1 * S - 1);
		DOES(turn(r), "");
		pass(r, 1);
		DOES(turn(r), "+1 !1");
	}
}

static void the_pace_counts_from_the_latest(void **state)
{
	struct rig *r = holding(&plain);

	(void)state;
	for (int i = 0; i < HOLD_BACK_MAX; i++) {
		become(r, 1, SEEN_NOT);
		DOES(turn(r), "+1 !1");
	}
	pass(r, 300 * MS);
	become(r, 1, SEEN_NOT);
	LEFT(r, 700 * MS);
	DOES(wait(r), "+1 !1");
	pass(r, 2 * S);
	become(r, 1, SEEN_NOT); /* more than a second ago */
	DOES(turn(r), "+1 !1");
}

static void five_in_ten_seconds_to_the_microsecond(void **state)
{
	struct rig *r;

	(void)state;
	for (int64_t late = 0; late <= 1; late++) {
		r = holding(&plain);
		become(r, 1, SEEN_NOT); /* the oldest: 10 s ago, then */
		turn(r);
		pass(r, 10 * S - 1 + late);
		for (int i = 1; i < HOLD_BACK_MAX; i++) {
			become(r, 1, SEEN_NOT);
			DOES(turn(r), "+1 !1");
		}
		become(r, 1, SEEN_NOT);
		DOES(turn(r), late ? "+1 !1" : "");
	}
}

static void after_ten_quiet_seconds_it_begins_anew(void **state)
{
	struct rig *r = holding(&plain);

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < HOLD_BACK_MAX; i++) {
			become(r, 1, SEEN_NOT);
			DOES(turn(r), "+1 !1");
		}
		become(r, 1, SEEN_NOT);
		DOES(turn(r), "");
		DOES(wait(r), "+1 !1");
		pass(r, 10 * S);
	}
}

static void our_own_removals_do_not_count(void **state)
{
	struct rig *r = holding(&plain);

	(void)state;
	for (int i = 0; i < 3 * HOLD_BACK_MAX; i++) {
		DOWN(r, "A");
		DOES(turn(r), "-1");
		UP(r, "A", 1);
		DOES(turn(r), "+1 !1");
	}
	become(r, 1, SEEN_NOT);
	DOES(turn(r), "+1 !1");
}

static void each_address_has_its_own_pace(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1, 2);
	UP(r, "A", 1);
	turn(r);
	for (int i = 0; i < HOLD_BACK_MAX; i++) {
		become(r, 1, SEEN_NOT);
		turn(r);
	}
	become(r, 1, SEEN_NOT);
	become(r, 2, SEEN_NOT);
	DOES(turn(r), "+2 !2");
	DOES(wait(r), "+1 !1");
}

/* ---- Interfaces. */

static void nothing_is_added_to_what_is_down(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	link_to(r, false, false);
	NAME(r, "A", 1);
	UP(r, "A", 1);
	DOES(turn(r), "");
	LEFT(r, NEVER);
	link_to(r, true, false);
	DOES(turn(r), "+1 !1");
}

static void a_link_that_goes_down_keeps_its_addresses(void **state)
{
	struct rig *r = holding(&full);

	(void)state;
	link_to(r, false, false);
	pass(r, 10 * S);
	DOES(turn(r), "");
	LEFT(r, NEVER); /* nobody is there to be told */
	UP(r, "A", 2);
	DOES(turn(r), "");
	assert_int_equal(holder_count(&r->h), 1);
	link_to(r, true, false);
	holder_announce_if(&r->h, (unsigned)r->eth, r->now);
	DOES(turn(r), "!1");
	LEFT(r, 100 * MS);
	link_to(r, false, false);
	DOWN(r, "A");
	DOES(turn(r), "-1");
}

static void neighbours_are_told_when_it_is_asked_for(void **state)
{
	struct rig *r = holding(&plain);

	(void)state;
	LEFT(r, NEVER);
	holder_announce_if(&r->h, (unsigned)r->eth, r->now);
	LEFT(r, 0);
	DOES(turn(r), "!1");
	LEFT(r, NEVER);
}

static void a_link_that_takes_addresses_along(void **state)
{
	struct rig *r = holding(&plain);

	(void)state;
	for (int i = 0; i < 3 * HOLD_BACK_MAX; i++) {
		bool late = i % 2; /* IPv6: told after the link */

		if (late)
			link_to(r, false, false);
		become(r, 1, SEEN_NOT);
		if (!late)
			link_to(r, false, false);
		DOES(turn(r), "");
		LEFT(r, NEVER);
		link_to(r, true, false);
		DOES(turn(r), "+1 !1"); /* at once: nobody removed it */
	}
	assert_int_equal(r->h.addrs[0].nbacks, 0);
}

static void a_link_that_is_gone_and_comes_back(void **state)
{
	struct rig *r = setup(&plain);
	int eth1 = holder_if(&r->h, "eth1");

	(void)state;
	holder_link(&r->h, (unsigned)eth1, true, false, r->now);
	NAME(r, "A", 1, 2);
	name_on(r, "B", eth1, (const unsigned[]){ 3 }, 1);
	UP(r, "A", 1);
	UP(r, "B", 1);
	turn(r);
	for (int i = 0; i < 3 * HOLD_BACK_MAX; i++) {
		memset(r->kern, 0, 3 * sizeof *r->kern);
		link_to(r, false, true);
		assert_int_equal(holder_count(&r->h), 1);
		DOES(turn(r), "");
		LEFT(r, NEVER);
		link_to(r, true, false);
		DOES(turn(r), "+1 +2 !1 !2");
	}
	memset(r->kern, 0, 3 * sizeof *r->kern);
	link_to(r, false, true);
	DOWN(r, "A");
	DOES(turn(r), ""); /* there is nothing to remove */
	LEFT(r, NEVER);
}

static void another_s_goes_with_its_link_too(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	r->kern[1] = SEEN_OTHER;
	NAME(r, "A", 1);
	UP(r, "A", 1);
	turn(r);
	r->kern[1] = SEEN_NOT;
	link_to(r, false, true);
	assert_int_equal(holder_count(&r->h), 0);
	link_to(r, true, false);
	DOES(turn(r), "+1 !1");
}

static void a_link_that_comes_ends_the_wait(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	NAME(r, "A", 1);
	UP(r, "A", 1);
	r->refuse = -ENODEV;
	DOES(turn(r), "+1?");
	r->refuse = 0;
	link_to(r, true, false); /* it was up already: no news */
	DOES(turn(r), "");
	LEFT(r, 1 * S);
	link_to(r, false, false);
	LEFT(r, NEVER);
	link_to(r, true, false);
	DOES(turn(r), "+1 !1");
}

static void the_end_of_a_pace_does_not_outlive_its_link(void **state)
{
	struct rig *r = holding(&plain);

	(void)state;
	for (int i = 0; i < HOLD_BACK_MAX; i++) {
		become(r, 1, SEEN_NOT);
		turn(r);
	}
	become(r, 1, SEEN_NOT);
	DOES(turn(r), "");
	link_to(r, false, false);
	link_to(r, true, false);
	DOES(turn(r), "+1 !1");
}

/* ---- Tables. */

static void a_table_of_interfaces(void **state)
{
	struct rig *r = setup(&plain);
	char name[IF_NAMESIZE + 1];

	(void)state;
	memset(name, 'x', sizeof name);
	name[IF_NAMESIZE] = '\0';
	assert_int_equal(holder_if(&r->h, name), -1);
	name[IF_NAMESIZE - 1] = '\0';
	assert_int_equal(holder_if(&r->h, name), 1);
	assert_int_equal(holder_if(&r->h, name), 1);
	for (int i = 2; i < HOLD_IFS; i++) {
		snprintf(name, sizeof name, "v%d", i);
		assert_int_equal(holder_if(&r->h, name), i);
	}
	assert_int_equal(holder_if(&r->h, "more"), -1);
	assert_int_equal(holder_if(&r->h, "eth0"), 0);
	assert_int_equal(holder_if(&r->h, "v63"), 63);
}

static void a_table_of_subjects(void **state)
{
	struct rig *r = setup(&plain);
	char name[HOLD_NAME_LEN + 1];

	(void)state;
	memset(name, 'x', sizeof name);
	name[HOLD_NAME_LEN] = '\0';
	assert_int_equal(holder_subject(&r->h, name), -1);
	name[HOLD_NAME_LEN - 1] = '\0';
	assert_int_equal(holder_subject(&r->h, name), 0);
	for (int i = 1; i < HOLD_SUBJECTS; i++) {
		snprintf(name, sizeof name, "s%d", i);
		assert_int_equal(holder_subject(&r->h, name), i);
	}
	assert_int_equal(holder_subject(&r->h, "more"), -1);
	assert_int_equal(holder_subject(&r->h, "s1023"), 1023);
	assert_int_equal(holder_subject(&r->h, "s1"), 1);
	assert_int_equal(holder_subject(&r->h, "s2"), 2);
}

/* Names n from `first` on. */
static void name_many(struct rig *r, const char *who, unsigned first, size_t n)
{
	unsigned nums[HOLD_PER_SUBJECT + 10];

	for (size_t i = 0; i < n; i++)
		nums[i] = first + (unsigned)i;
	name_on(r, who, r->eth, nums, n);
}

static void so_many_addresses_of_a_subject(void **state)
{
	struct rig *r = setup(&plain);

	(void)state;
	name_many(r, "A", 1, HOLD_PER_SUBJECT + 3);
	assert_int_equal(r->fresh, HOLD_PER_SUBJECT);
	assert_int_equal(r->skipped, 3);
	assert_int_equal(r->h.naddrs, HOLD_PER_SUBJECT);
	UP(r, "A", 1);
	turn(r);
	assert_int_equal(holder_count(&r->h), HOLD_PER_SUBJECT);
	DOWN(r, "A");
	turn(r);
	assert_int_equal(holder_count(&r->h), 0);
}

static void so_many_addresses_in_all(void **state)
{
	static const char *const names[] = { "A", "B", "C", "D", "P", "Q", "R",
		"S" };
	struct rig *r = setup(&plain);

	(void)state;
	for (unsigned i = 0; i < N_OF(names); i++) {
		name_many(r, names[i], 1 + i * HOLD_PER_SUBJECT,
			HOLD_PER_SUBJECT);
		assert_int_equal(r->skipped, 0);
		UP(r, names[i], 1);
	}
	name_many(r, "E", 3000, 10);
	UP(r, "E", 1);
	assert_int_equal(r->fresh, 8);
	assert_int_equal(r->skipped, 2);
	turn(r);
	assert_int_equal(holder_count(&r->h), HOLD_ADDRS);
	name_many(r, "F", 1, 5); /* all known */
	assert_int_equal(r->fresh + r->skipped, 0);
	name_many(r, "A", 6, 1); /* drops all but one */
	name_many(r, "G", 3100, 10);
	assert_int_equal(r->skipped, 10); /* they are in the kernel still */
	turn(r);
	name_many(r, "G", 3100, 10);
	assert_int_equal(r->skipped, 0);
	assert_int_equal(r->fresh, 10);
	assert_int_equal(r->h.naddrs, HOLD_ADDRS);
}

/* What had the place before leaves no trace. */
static void a_place_is_taken_again_clean(void **state)
{
	struct rig *r = holding(&full);

	(void)state;
	for (int i = 0; i < HOLD_BACK_MAX; i++) {
		become(r, 1, SEEN_NOT);
		turn(r);
	}
	name_on(r, "A", r->eth, NULL, 0);
	DOES(turn(r), "-1");
	NAME(r, "B", 2);
	assert_int_equal(r->got[0], 0);
	LEFT(r, NEVER);
	UP(r, "B", 1);
	DOES(turn(r), "+2 !2");
	become(r, 2, SEEN_NOT);
	DOES(turn(r), "+2 !2");
}

/* ---- A storm. */

#define WHO  5
#define ADDR 12

static const char *const who[WHO] = { "A", "B", "C", "D", "E" };

static struct hold_cfg some_cfg(uint64_t *rng)
{
	return (struct hold_cfg){
		.lease = t_below(rng, 2) ? 0 : 3 * S,
		.garp_count = (unsigned)t_below(rng, 4),
		.garp_interval = t_below(rng, 2) ? 0 : 100 * MS,
		.garp_again = t_below(rng, 2) ? 0 : 1 * S,
		.garp_refresh = t_below(rng, 2) ? 0 : 7 * S,
	};
}

static void some_list(struct rig *r, uint64_t *rng)
{
	unsigned nums[ADDR];
	size_t n = t_below(rng, ADDR);

	for (size_t i = 0; i < n; i++)
		nums[i] = 1 + (unsigned)t_below(rng, ADDR);
	name_on(r, who[t_below(rng, WHO)], r->eth, nums, n);
}

static void some_change(struct rig *r, uint64_t *rng)
{
	size_t i = t_below(rng, r->h.naddrs + 1);

	if (i == r->h.naddrs || is_free(&r->h.addrs[i]))
		return;
	become(r, num(&r->h.addrs[i]), (enum hold_seen)t_below(rng, 3));
}

static void some_link(struct rig *r, uint64_t *rng)
{
	bool ready = t_below(rng, 2), gone = !ready && t_below(rng, 2);

	link_to(r, ready, gone);
	if (gone)
		memset(r->kern, 0, sizeof r->kern);
	if (ready && t_below(rng, 2))
		holder_announce_if(&r->h, (unsigned)r->eth, r->now);
}

static void some_event(struct rig *r, uint64_t *rng)
{
	switch (t_below(rng, 9)) {
	case 0:
		some_list(r, rng);
		break;
	case 1:
	case 2:
	case 3:
		line_of(r, who[t_below(rng, WHO)], t_below(rng, 4) > 0,
			t_below(rng, 3));
		break;
	case 4:
	case 5:
		some_change(r, rng);
		break;
	case 6:
		some_link(r, rng);
		break;
	case 7:
		r->refuse = t_below(rng, 3) ? 0 : -EPERM;
		break;
	case 8: /* another came first, and we were not told */
		for (unsigned n = 1; n <= ADDR; n++)
			if (r->kern[n] == SEEN_NOT && t_below(rng, 4) == 0)
				r->kern[n] = SEEN_OTHER;
		break;
	}
}

static unsigned count_of(const struct rig *r, size_t slot, bool only_up)
{
	unsigned n = 0;

	for (size_t i = 0; i < r->h.nsubjects; i++) {
		const struct hold_subject *s = &r->h.subjects[i];

		n += has(s->addrs, s->naddrs, (int)slot) && (s->up || !only_up);
	}
	return n;
}

/* What must hold after any turn whatever. */
static void check_turn(struct rig *r)
{
	uint16_t list[HOLD_ADDRS];
	struct mono d = holder_deadline(&r->h);

	assert_true(mono_before(r->now, d));
	for (int op = HOLD_DEL; op <= HOLD_RENEW; op++)
		assert_int_equal(ask_all(r, (enum hold_op)op, list), 0);
	assert_int_equal(r->h.nrenew, 0);
	stir(&r->h);
	assert_int_equal(holder_deadline(&r->h).us, d.us);
	for (size_t i = 0; i < r->h.naddrs; i++) {
		const struct hold_addr *a = &r->h.addrs[i];

		assert_int_equal(a->named, count_of(r, i, false));
		assert_int_equal(a->users, count_of(r, i, true));
		assert_false(a->held && (a->seen != SEEN_OURS || !a->users));
		assert_false(a->renew || a->listed);
		if (a->seen == SEEN_OURS)
			assert_int_equal(r->kern[num(a)], SEEN_OURS);
	}
}

/* Undisturbed, all is as wanted in the end. */
static void check_rest(struct rig *r)
{
	r->refuse = 0;
	link_to(r, true, false);
	for (size_t i = 0; i < r->h.nsubjects; i++)
		if (r->h.subjects[i].up)
			UP(r, who[i], 0);
	turn(r);
	pass(r, HOLD_RETRY);
	turn(r);
	for (size_t i = 0; i < r->h.naddrs; i++) {
		const struct hold_addr *a = &r->h.addrs[i];

		assert_true(a->users ? r->kern[num(a)] != SEEN_NOT
				     : a->seen != SEEN_OURS);
		assert_true(!a->users || is_there(a));
	}
}

static void storm(uint64_t *rng)
{
	struct hold_cfg cfg = some_cfg(rng);
	struct rig *r = setup(&cfg);

	for (size_t i = 0; i < WHO; i++)
		holder_subject(&r->h, who[i]);
	for (int i = 0; i < 300; i++) {
		for (uint64_t n = t_below(rng, 4); n--;)
			some_event(r, rng);
		turn(r);
		check_turn(r);
		if (t_below(rng, 3) == 0 && left(r) < 100 * S)
			r->now = holder_deadline(&r->h);
		else if (t_below(rng, 3) == 0)
			pass(r, (int64_t)t_below(rng, 4 * S));
	}
	check_rest(r);
}

static void a_storm(void **state)
{
	uint64_t rng = t_seed();

	(void)state;
	for (int i = 0; i < 500; i++)
		storm(&rng);
}

#define T(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_address_is_held_while_one_that_is_up_names_it),
		T(several_may_name_the_same),
		T(a_list_may_name_one_twice),
		T(a_new_list_keeps_what_is_on_both),
		T(a_new_list_leaves_what_others_name),
		T(an_empty_list),
		T(interface_length_and_family_make_another_address),
		T(a_list_moved_to_another_interface),
		T(the_end_of_input_lets_go_of_all),
		T(a_lease_runs_out_to_the_microsecond),
		T(a_line_renews_the_lease_once),
		T(who_comes_back_after_its_lease_announces),
		T(a_lease_that_ran_out_in_the_kernel_first),
		T(without_a_lease_nothing_expires),
		T(each_subject_has_its_own_lease),
		T(a_renewal_that_is_refused_waits_for_the_next_line),
		T(a_renewal_asked_for_by_who_left_is_forgotten),
		T(a_new_epoch_announces_and_a_repeat_does_not),
		T(each_subject_has_its_own_epoch),
		T(announcements_come_to_the_microsecond),
		T(a_second_burst_waits_for_the_first),
		T(news_begin_a_burst_anew),
		T(what_was_let_go_is_not_announced),
		T(a_late_wake_does_not_make_up_for_refreshes),
		T(neighbours_of_an_interface_are_told_of_all),
		T(what_is_another_s_is_left_alone),
		T(another_s_that_we_were_not_told_of),
		T(ours_that_we_were_not_told_of),
		T(what_bears_our_mark_is_adopted),
		T(an_adoption_that_is_refused_is_tried_again),
		T(another_makes_ours_his_own),
		T(nothing_is_told_of_a_free_place),
		T(an_address_that_is_refused_is_tried_again),
		T(who_asks_anew_need_not_wait),
		T(a_removal_that_is_refused_is_tried_again),
		T(removing_what_is_gone_is_success),
		T(what_others_remove_is_put_back_five_times_at_once),
		T(the_pace_counts_from_the_latest),
		T(five_in_ten_seconds_to_the_microsecond),
		T(after_ten_quiet_seconds_it_begins_anew),
		T(our_own_removals_do_not_count),
		T(each_address_has_its_own_pace),
		T(nothing_is_added_to_what_is_down),
		T(a_link_that_goes_down_keeps_its_addresses),
		T(neighbours_are_told_when_it_is_asked_for),
		T(a_link_that_takes_addresses_along),
		T(a_link_that_is_gone_and_comes_back),
		T(another_s_goes_with_its_link_too),
		T(a_link_that_comes_ends_the_wait),
		T(the_end_of_a_pace_does_not_outlive_its_link),
		T(a_table_of_interfaces),
		T(a_table_of_subjects),
		T(so_many_addresses_of_a_subject),
		T(so_many_addresses_in_all),
		T(a_place_is_taken_again_clean),
		T(a_storm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
