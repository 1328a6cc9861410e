#include <string.h>

#include "elect.h"

/* A second announcement within this time tells the neighbours nothing new. */
#define EPOCH_GAP (250 * US_PER_MS)
/* How long both hold the address when a Master yields: time for the other's
 * announcement to arrive, small beside the interval. */
#define GRACE_MAX (50 * US_PER_MS)
/* What a successor needs beyond its skew: wake up, send, travel. */
#define SUCCESSOR_SLACK (50 * US_PER_MS)
/* How long to stay out after addresses did not appear or adverts did not
 * leave; doubled each time. */
#define HOLD_DOWN      (10 * US_PER_S)
#define HOLD_DOUBLINGS 5

struct fxs {
	struct elect_fx *fx;
	size_t n;
};

static const char *const state_str[] = {
#define X(name) [ELECT_##name] = #name,
	ELECT_STATES(X)
#undef X
};

_Static_assert(sizeof state_str / sizeof *state_str == ELECT_STATE_N,
	"every state has a word");

const char *elect_state_str(enum elect_state s)
{
	return state_str[s];
}

int64_t elect_skew(uint8_t version, uint8_t prio, int64_t learned)
{
	return (256 - prio) * (version == 2 ? US_PER_S : learned) / 256;
}

int64_t elect_down(uint8_t version, uint8_t prio, int64_t learned)
{
	return 3 * learned + elect_skew(version, prio, learned);
}

static int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void elect_init(struct elect *e, const struct elect_cfg *cfg)
{
	*e = (struct elect){
		.cfg = cfg,
		.prio = cfg->prio,
		.learned = cfg->interval,
		.sent_ok = true,
		.timer = MONO_NEVER,
		.leave_by = MONO_NEVER,
		.hold_until = MONO_NEVER,
		.beat = MONO_NEVER,
		.line_at = MONO_NEVER,
		.confirm_by = MONO_NEVER,
		.preempt_at = MONO_NEVER,
	};
}

bool elect_is_active(const struct elect *e)
{
	return e->state == ELECT_MASTER && e->leaving == LEAVE_NOT &&
	       !e->halted;
}

/* When the neighbours are told what could not be told at once. */
static struct mono epoch_at(const struct elect *e)
{
	bool owed = e->epoch_owed && e->sent_ok && elect_is_active(e);

	return owed ? e->epoch_ok : MONO_NEVER;
}

struct mono elect_deadline(const struct elect *e)
{
	struct mono d = mono_min(e->timer, e->leave_by);

	d = mono_min(d, mono_min(e->beat, e->line_at));
	d = mono_min(d, mono_min(e->confirm_by, e->hold_until));
	d = mono_min(d, epoch_at(e));
	return e->halted ? MONO_NEVER : d;
}

/* ---- Effects. */

static struct elect_fx *fx_add(struct fxs *out, enum elect_fx_type type)
{
	struct elect_fx *fx = &out->fx[out->n++];

	*fx = (struct elect_fx){ .type = type };
	return fx;
}

static void advertise(struct fxs *out, uint8_t prio)
{
	fx_add(out, FX_ADVERT)->prio = prio;
}

static void say(struct elect *e, struct fxs *out)
{
	e->line_at = MONO_NEVER;
	fx_add(out, FX_LINE);
}

static void halt(struct elect *e, int code, struct fxs *out)
{
	e->halted = true;
	fx_add(out, FX_HALT)->code = code;
}

/* ---- Transitions. */

static void enter(struct elect *e, enum elect_state s, const char *why)
{
	size_t n = strnlen(why, sizeof e->why - 1);

	memmove(e->why, why, n);
	e->why[n] = '\0';
	e->was = e->state;
	e->state = s;
	e->timer = MONO_NEVER;
	e->confirm_by = MONO_NEVER;
	e->zero_owed = false;
}

static void arm_down(struct elect *e, struct mono now)
{
	e->timer =
		mono_add(now, elect_down(e->cfg->version, e->prio, e->learned));
	e->released = false;
	e->heard_lower = false;
	e->listening = false;
}

static void await_addrs(struct elect *e, struct mono now)
{
	bool wanted = e->cfg->confirm && !e->held_all;

	e->confirm_by = wanted ? mono_add(now, e->cfg->confirm) : MONO_NEVER;
}

static void announce_anew(struct elect *e, struct mono now)
{
	e->epoch++;
	e->epoch_owed = false;
	e->epoch_ok = mono_add(now, max64(e->cfg->interval, EPOCH_GAP));
}

/* The line goes first: it is what takes time. */
static void become_master(
	struct elect *e, const char *why, struct mono now, struct fxs *out)
{
	enter(e, ELECT_MASTER, why);
	e->since = now;
	announce_anew(e, now);
	e->sent_ok = true;
	e->last_sent = now;
	e->preempt_at = MONO_NEVER;
	e->timer = mono_add(now, e->cfg->interval - e->cfg->phase);
	await_addrs(e, now);
	say(e, out);
	advertise(out, e->prio);
}

static void become_backup(struct elect *e, const char *why, struct mono now)
{
	enter(e, ELECT_BACKUP, why);
	e->preempt_at = MONO_NEVER;
	arm_down(e, now);
}

/* Takes part, unless something still forbids it. */
static void begin(
	struct elect *e, const char *why, struct mono now, struct fxs *out)
{
	if (e->faulted || !mono_is_never(e->hold_until))
		return;
	e->learned = e->cfg->interval;
	if (mono_before(now, e->start_at)) {
		enter(e, ELECT_INIT, "start-delay");
		e->timer = e->start_at;
		say(e, out);
	} else if (e->prio == 255) {
		become_master(e, "owner", now, out);
	} else {
		become_backup(e, why, now);
		say(e, out);
	}
}

/* Time for a reader to let go, or for its lease in the kernel to run out: at
 * most 3 intervals, and the kernel may be 0.9 s late. */
static int64_t release_time(const struct elect *e)
{
	return max64(e->cfg->confirm, 3 * e->cfg->interval + US_PER_S);
}

/* No longer Master, but the addresses are still in this kernel: the others
 * are kept out by adverts until they are not, and only then called in. */
static void owe_zero(struct elect *e, struct mono now)
{
	e->zero_owed = true;
	e->owed_by = mono_add(now, release_time(e));
	e->timer = mono_add(now, e->cfg->interval);
}

/* Lets go at once; the others hear of it when that is safe. */
static void resign(
	struct elect *e, const char *why, struct mono now, struct fxs *out)
{
	bool owed = e->zero_owed;
	bool master = e->state == ELECT_MASTER;
	bool wait = e->cfg->handover == HANDOVER_BREAK && e->held_any;

	enter(e, ELECT_FAULT, why);
	say(e, out);
	if (owed || (master && wait))
		owe_zero(e, now);
	else if (master)
		advertise(out, 0);
}

static void hold_down(
	struct elect *e, const char *why, struct mono now, struct fxs *out)
{
	int64_t t = max64(HOLD_DOWN, 3 * e->cfg->interval);

	resign(e, why, now, out);
	e->hold_until = mono_add(now, t << e->resigned);
	if (e->resigned < HOLD_DOUBLINGS)
		e->resigned++;
}

/* The end of every departure. */
static void finish(struct elect *e, struct fxs *out)
{
	if (e->state != ELECT_INIT) {
		enter(e, ELECT_INIT, e->code ? e->why : "stop");
		say(e, out);
	}
	halt(e, e->code, out);
}

/* ---- Master. */

static int64_t grace(const struct elect *e)
{
	return min64(e->cfg->interval / 4, GRACE_MAX);
}

/* So late that the others may have elected somebody else meanwhile. */
static bool woke_late(const struct elect *e, struct mono now)
{
	return mono_diff(now, e->timer) > 2 * e->cfg->interval;
}

static void learn(struct elect *e, const struct elect_event *ev)
{
	if (e->cfg->version == 3)
		e->learned = min64(ev->interval, e->cfg->max_interval);
	e->master = ev->src;
	e->master_prio = ev->prio;
}

/* The last advert lets the winner know that we were there, so that it tells
 * the neighbours again; without it a healed split leaves hosts with us.  But
 * the Backups may hear it after the winner's and learn our interval from it:
 * not where that is the shorter one, or they would time the winner out. */
static bool says_farewell(
	const struct elect *e, const struct elect_event *ev, struct mono now)
{
	return !e->cfg->higher_no_advert && !woke_late(e, now) &&
	       (e->cfg->version == 2 || ev->interval <= e->cfg->interval);
}

static void yield(struct elect *e, const struct elect_event *ev,
	const char *why, struct mono now, struct fxs *out)
{
	bool linger =
		e->cfg->handover == HANDOVER_OVERLAP && !woke_late(e, now);

	if (says_farewell(e, ev, now))
		advertise(out, e->prio);
	learn(e, ev);
	become_backup(e, why, now);
	if (linger)
		e->line_at = mono_add(now, grace(e));
	else
		say(e, out);
}

static void tell_again(struct elect *e, struct mono now, struct fxs *out)
{
	if (!e->sent_ok || mono_before(now, e->epoch_ok)) {
		e->epoch_owed = true;
		return;
	}
	announce_anew(e, now);
	say(e, out);
}

/* At most one reply per quarter interval: two routers that both believe to
 * win, or a forger, get no storm out of us. */
static bool may_assert(struct elect *e, struct mono now)
{
	if (mono_before(now, e->assert_ok))
		return false;
	e->assert_ok = mono_add(now, e->cfg->interval / 4);
	return true;
}

/* Just after a takeover it is the farewell of the one that yielded. */
static void master_wins(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	if (mono_diff(now, e->since) >= e->cfg->interval / 4)
		fx_add(out, FX_OTHER_MASTER)->prio = ev->prio;
	if (!e->cfg->lower_no_advert && may_assert(e, now))
		advertise(out, e->prio);
	tell_again(e, now, out);
}

static bool outranked(const struct elect *e, const struct elect_event *ev)
{
	return ev->prio > e->prio ||
	       (ev->prio == e->prio && addr_cmp(&ev->src, &e->me) > 0);
}

/* It was Master: the neighbours may still be with it.  When we are late our
 * own timer is due, and what else was heard must find us late. */
static void master_hears_zero(struct elect *e, struct mono now, struct fxs *out)
{
	if (woke_late(e, now))
		return;
	if (may_assert(e, now)) {
		advertise(out, e->prio);
		e->timer = mono_add(now, e->cfg->interval);
	} else { /* Backups count down: no later than we may */
		e->timer = mono_min(e->timer, e->assert_ok);
	}
	tell_again(e, now, out);
}

static void master_hears(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	if (ev->prio == 0) {
		master_hears_zero(e, now, out);
	} else if (outranked(e, ev)) {
		yield(e, ev, "better-master", now, out);
	} else if (woke_late(e, now)) {
		yield(e, ev, "late-wake", now, out);
	} else {
		master_wins(e, ev, now, out);
	}
}

/* On a fixed grid, so that lateness does not add up. */
static void next_advert(struct elect *e, struct mono now)
{
	int64_t step = e->sent_ok ? e->cfg->interval : e->cfg->interval / 4;

	e->timer = mono_add(e->timer, step);
	if (mono_due(e->timer, now))
		e->timer = mono_add(now, step);
}

static void master_timer(struct elect *e, struct mono now, struct fxs *out)
{
	if (woke_late(e, now)) {
		fx_add(out, FX_LATE)->late = mono_diff(now, e->timer);
		e->epoch_owed = true;
		e->last_sent = now;
	} else if (!e->sent_ok && e->leaving == LEAVE_NOT &&
		   mono_diff(now, e->last_sent) > 3 * e->cfg->interval) {
		hold_down(e, "cannot-send", now, out);
		return;
	}
	next_advert(e, now);
	advertise(out, e->prio);
	if (e->epoch_owed)
		tell_again(e, now, out);
}

/* ---- Backup. */

/* Is a lower Master to be left alone for now?  Never by the owner (RFC 9568
 * 6.1, Preempt_Mode). */
static bool holds_back(struct elect *e, struct mono now)
{
	if (e->prio == 255)
		return false;
	if (!e->cfg->preempt)
		return true;
	if (!e->cfg->preempt_delay)
		return false;
	if (mono_is_never(e->preempt_at))
		e->preempt_at = mono_add(now, e->cfg->preempt_delay);
	return mono_before(now, e->preempt_at);
}

static void follow(
	struct elect *e, const struct elect_event *ev, struct mono now)
{
	learn(e, ev);
	arm_down(e, now);
}

static void backup_hears(
	struct elect *e, const struct elect_event *ev, struct mono now)
{
	int64_t skew = elect_skew(e->cfg->version, e->prio, e->learned);

	if (ev->prio == 0) {
		e->timer = mono_min(e->timer, mono_add(now, skew));
		e->released = true;
	} else if (ev->prio >= e->prio) {
		e->preempt_at = MONO_NEVER;
		follow(e, ev, now);
	} else if (holds_back(e, now)) {
		follow(e, ev, now);
	} else {
		e->heard_lower = true; /* the timer runs on: we preempt */
	}
}

/* A Backup that slept over more than an interval was deaf, so it listens
 * once more; only once, or a busy machine would never take over. */
static void backup_timer(struct elect *e, struct mono now, struct fxs *out)
{
	int64_t late = mono_diff(now, e->timer);

	if (late > e->learned && !e->listening) {
		fx_add(out, FX_LATE)->late = late;
		e->listening = true;
		e->timer = mono_add(
			now, e->learned + elect_skew(e->cfg->version, e->prio,
						  e->learned));
		return;
	}
	become_master(e,
		e->released	 ? "released"
		: e->heard_lower ? "preempt"
				 : "timeout",
		now, out);
}

/* ---- Departure. */

/* After this nobody can still take over on account of our priority 0. */
static int64_t last_skew(const struct elect *e)
{
	return elect_skew(e->cfg->version, 1, e->cfg->interval) +
	       SUCCESSOR_SLACK;
}

static void leave(struct elect *e, enum elect_leaving how, int64_t within,
	struct mono now)
{
	e->leaving = how;
	e->leave_by = mono_add(now, within);
	e->hold_until = MONO_NEVER;
	e->confirm_by = MONO_NEVER;
}

static void leave_break(struct elect *e, struct mono now, struct fxs *out)
{
	leave(e, LEAVE_BREAK, release_time(e), now);
	enter(e, ELECT_INIT, "stop");
	say(e, out);
	owe_zero(e, now);
	if (!e->held_any) {
		advertise(out, 0);
		finish(e, out);
	}
}

static void leave_overlap(struct elect *e, struct mono now, struct fxs *out)
{
	leave(e, LEAVE_OVERLAP, last_skew(e), now);
	e->timer = MONO_NEVER;
	advertise(out, 0);
}

static void stop_owing(struct elect *e)
{
	e->zero_owed = false;
	e->timer = MONO_NEVER;
}

/* Somebody else is Master now: the one thing awaited by all who leave. */
static void leaver_hears(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	if (ev->prio == 0 || e->leaving == LEAVE_GRACE)
		return;
	if (e->leaving == LEAVE_OVERLAP)
		leave(e, LEAVE_GRACE, grace(e), now);
	else if (outranked(e, ev))
		finish(e, out);
}

static void leave_over(struct elect *e, struct fxs *out)
{
	if (e->leaving == LEAVE_READER)
		advertise(out, 0);
	if (e->leaving == LEAVE_BREAK)
		e->code = 111; /* still held: nobody may be called in */
	finish(e, out);
}

/* ---- Events. */

static void on_start(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	(void)ev;
	e->started = true;
	e->start_at = mono_add(now, e->cfg->start_delay);
	if (e->cfg->heartbeat)
		e->beat = mono_add(now, e->cfg->heartbeat);
	begin(e, "start", now, out);
}

static void on_stop(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	(void)ev;
	if (e->leaving == LEAVE_BREAK || e->leaving == LEAVE_READER)
		return; /* on the way, and bounded */
	if (!elect_is_active(e) && !e->zero_owed)
		finish(e, out);
	else if (e->cfg->handover == HANDOVER_BREAK)
		leave_break(e, now, out);
	else
		leave_overlap(e, now, out);
}

static void on_reader_gone(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	bool active = elect_is_active(e);

	if (e->leaving == LEAVE_READER)
		return;
	e->code = 111;
	if (!active) {
		finish(e, out);
		return;
	}
	enter(e, ELECT_MASTER, ev->why);
	e->timer = mono_add(now, e->cfg->interval);
	leave(e, LEAVE_READER, release_time(e), now);
	if (!e->held_any)
		leave_over(e, out);
}

static void on_fault(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	bool news = e->state != ELECT_FAULT || strcmp(e->why, ev->why) != 0;

	e->faulted = true;
	if (e->leaving == LEAVE_BREAK)
		return; /* bounded; and a priority 0 is owed */
	if (e->leaving != LEAVE_NOT)
		finish(e, out);
	else if (news)
		resign(e, ev->why, now, out);
}

static void on_clear(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	(void)ev;
	if (!e->faulted)
		return;
	e->faulted = false;
	if (e->started && e->leaving == LEAVE_NOT)
		begin(e, "fault-over", now, out);
}

static void on_prio(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	int64_t old = elect_skew(e->cfg->version, e->prio, e->learned);

	(void)now;
	if (ev->prio == e->prio)
		return;
	e->prio = ev->prio;
	if (e->state == ELECT_BACKUP)
		e->timer.us +=
			elect_skew(e->cfg->version, e->prio, e->learned) - old;
	if (e->state != ELECT_INIT && e->leaving == LEAVE_NOT)
		say(e, out);
}

static void on_addrs(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	bool had_all = e->held_all;

	e->held_all = ev->held_all;
	e->held_any = ev->held_any;
	if (elect_is_active(e) && e->held_all != had_all)
		await_addrs(e, now);
	if (elect_is_active(e) && e->held_all)
		e->resigned = 0;
	if (e->zero_owed && !e->held_any) {
		stop_owing(e);
		advertise(out, 0);
		if (e->leaving == LEAVE_BREAK)
			finish(e, out);
	} else if (e->leaving == LEAVE_READER && !e->held_any) {
		leave_over(e, out);
	}
}

static void on_advert(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	if (e->leaving != LEAVE_NOT)
		leaver_hears(e, ev, now, out);
	else if (e->state == ELECT_MASTER)
		master_hears(e, ev, now, out);
	else if (e->state == ELECT_BACKUP)
		backup_hears(e, ev, now);
	else if (e->zero_owed && outranked(e, ev))
		stop_owing(e);
}

static void on_sent(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	(void)out;
	e->sent_ok = ev->type == EV_SENT;
	if (e->sent_ok)
		e->last_sent = now;
	else if (elect_is_active(e))
		e->timer =
			mono_min(e->timer, mono_add(now, e->cfg->interval / 4));
}

/* No line while Master unless the kernel took the latest advert: what cannot
 * be told to the others is not claimed to our own. */
static void beat(struct elect *e, struct mono now, struct fxs *out)
{
	e->beat = mono_add(e->beat, e->cfg->heartbeat);
	if (mono_due(e->beat, now))
		e->beat = mono_add(now, e->cfg->heartbeat);
	if (mono_is_never(e->line_at) &&
		(e->state != ELECT_MASTER || e->sent_ok))
		say(e, out);
}

/* A deadline that ran out while we slept proves nothing. */
static void unconfirmed(struct elect *e, struct mono now, struct fxs *out)
{
	if (mono_diff(now, e->confirm_by) > e->cfg->interval)
		await_addrs(e, now);
	else
		hold_down(e, "not-bound", now, out);
}

/* In a departure leave_by is the bound, in a fault this is. */
static void owing_timer(struct elect *e, struct mono now, struct fxs *out)
{
	if (e->leaving == LEAVE_NOT && mono_due(e->owed_by, now)) {
		stop_owing(e);
		return;
	}
	next_advert(e, now);
	advertise(out, e->prio);
}

static void on_timer(struct elect *e, struct mono now, struct fxs *out)
{
	if (e->zero_owed)
		owing_timer(e, now, out);
	else if (e->state == ELECT_MASTER)
		master_timer(e, now, out);
	else if (e->state == ELECT_BACKUP)
		backup_timer(e, now, out);
	else
		begin(e, "start", now, out);
}

static void on_deadline(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out)
{
	(void)ev;
	if (mono_due(e->leave_by, now)) {
		leave_over(e, out);
		return;
	}
	if (mono_due(e->confirm_by, now))
		unconfirmed(e, now, out);
	if (mono_due(e->hold_until, now)) {
		e->hold_until = MONO_NEVER;
		begin(e, "hold-down-over", now, out);
	}
	if (mono_due(e->timer, now))
		on_timer(e, now, out);
	if (mono_due(epoch_at(e), now))
		tell_again(e, now, out);
	if (mono_due(e->line_at, now))
		say(e, out);
	if (mono_due(e->beat, now))
		beat(e, now, out);
}

typedef void handler(struct elect *e, const struct elect_event *ev,
	struct mono now, struct fxs *out);

static handler *const handlers[ELECT_EVENT_N] = {
	[EV_START] = on_start,
	[EV_STOP] = on_stop,
	[EV_READER_GONE] = on_reader_gone,
	[EV_FAULT] = on_fault,
	[EV_CLEAR] = on_clear,
	[EV_PRIO] = on_prio,
	[EV_ADDRS] = on_addrs,
	[EV_ADVERT] = on_advert,
	[EV_SENT] = on_sent,
	[EV_UNSENT] = on_sent,
	[EV_DEADLINE] = on_deadline,
};

size_t elect_step(struct elect *e, const struct elect_event *ev,
	struct mono now, struct elect_fx fx[ELECT_FX_MAX])
{
	struct fxs out = { fx, 0 };

	if (!e->halted)
		handlers[ev->type](e, ev, now, &out);
	return out.n;
}
