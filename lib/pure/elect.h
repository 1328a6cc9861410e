/* The election of one virtual router as a pure function (RFC 9568 6.4):
 *
 *	(state, event, now) -> state, effects
 *
 * Timers are data: elect_deadline() says when the next EV_DEADLINE is due, so
 * there is nothing to arm or cancel and no stale timer.  The caller draws
 * events in this order: orders to stop, what was heard, the deadline last.
 * The same object code runs in vrrp-elect, the unit tests and the simulator.
 *
 * Durations are microseconds.  Nothing here allocates or can fail. */
#ifndef ELECT_H
#define ELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "mono.h"

#define ELECT_FX_MAX  6
#define ELECT_WHY_LEN 80

/* X(name): the word on the line. */
#define ELECT_STATES(X) X(INIT) X(FAULT) X(BACKUP) X(MASTER)

enum elect_state {
#define X(name) ELECT_##name,
	/* clang-format off */
	ELECT_STATES(X)
#undef X
	ELECT_STATE_N
	/* clang-format on */
};

const char *elect_state_str(enum elect_state s);

enum elect_handover {
	HANDOVER_OVERLAP, /* make before break: no packet lost */
	HANDOVER_BREAK,	  /* break before make: never two holders */
};

struct elect_cfg {
	uint8_t version; /* 2 or 3 */
	uint8_t prio;	 /* 1..254; 255: owner */
	bool preempt;
	bool lower_no_advert;  /* do not answer a losing Master (RFC 5798) */
	bool higher_no_advert; /* yield without a last advert (the RFCs) */
	enum elect_handover handover;
	int64_t interval;      /* own Advertisement_Interval */
	int64_t max_interval;  /* ceiling on what is learned (v3) */
	int64_t preempt_delay; /* from the first lower advert; 0: none */
	int64_t start_delay;   /* 0: none */
	int64_t heartbeat;     /* repeat the line; 0: never */
	int64_t confirm;       /* addresses must be held by then; 0: off */
	int64_t phase; /* a Master's second advert comes so much earlier:
			* routers of one process that begin together do not send
			* together */
};

enum elect_event_type {
	EV_START,	/* once, first of all */
	EV_STOP,	/* asked to stop, or the input ended */
	EV_READER_GONE, /* who holds the addresses is dead or stuck */
	EV_FAULT,	/* cannot take part; why */
	EV_CLEAR,	/* no fault is left */
	EV_PRIO,	/* prio: the effective one, after tracks */
	EV_ADDRS,	/* held_all, held_any: what this kernel has of ours */
	EV_ADVERT,	/* a valid advert: prio, interval, src */
	EV_SENT,	/* the kernel took the latest advert */
	EV_UNSENT,	/* it did not */
	EV_DEADLINE,	/* elect_deadline() has come */
	ELECT_EVENT_N
};

struct elect_event {
	enum elect_event_type type;
	uint8_t prio;
	bool held_all, held_any;
	int64_t interval;
	struct addr src;
	const char *why; /* EV_FAULT, EV_READER_GONE; copied */
};

enum elect_fx_type {
	FX_ADVERT,	 /* send one with this prio; report EV_SENT/EV_UNSENT */
	FX_LINE,	 /* say the state */
	FX_OTHER_MASTER, /* for people: a losing Master was heard */
	FX_LATE,	 /* for people: we woke late, by `late` */
	FX_HALT,	 /* end, with this exit code; no step does more */
};

struct elect_fx {
	enum elect_fx_type type;
	uint8_t prio;
	int code;
	int64_t late;
};

enum elect_leaving {
	LEAVE_NOT,
	LEAVE_OVERLAP, /* priority 0 is out, a successor is awaited */
	LEAVE_GRACE,   /* it was heard; let its announcement arrive */
	LEAVE_BREAK,   /* told to let go; priority 0 when it is done */
	LEAVE_READER,  /* reader lost; advertise until the addresses went */
};

struct elect {
	const struct elect_cfg *cfg;
	enum elect_state state, was; /* was: before the last transition */
	char why[ELECT_WHY_LEN];     /* of the last transition */
	uint8_t prio;		     /* effective */
	uint32_t epoch;		     /* neighbours must be told when it grows */
	int64_t learned;	     /* Active_Adver_Interval */
	struct addr me;		     /* own source; set by the caller */
	struct addr master;	     /* last followed; family 0: none */
	uint8_t master_prio;

	/* The rest is for elect.c alone. */
	enum elect_leaving leaving;
	int code;
	bool halted, started, faulted;
	bool sent_ok, held_all, held_any;
	bool released, heard_lower, listening, epoch_owed, zero_owed;
	unsigned resigned;
	struct mono start_at, timer, leave_by, owed_by, hold_until;
	struct mono beat, line_at, confirm_by, preempt_at;
	struct mono since, assert_ok, epoch_ok, last_sent;
};

/* e->me stays to be set.  cfg must outlive e. */
void elect_init(struct elect *e, const struct elect_cfg *cfg);
/* Writes at most ELECT_FX_MAX effects, to be carried out in order; returns
 * how many. */
size_t elect_step(struct elect *e, const struct elect_event *ev,
	struct mono now, struct elect_fx fx[ELECT_FX_MAX]);
/* When EV_DEADLINE is due; MONO_NEVER when nothing is awaited. */
struct mono elect_deadline(const struct elect *e);
/* Master, and not on the way out. */
bool elect_is_active(const struct elect *e);

/* Timers of RFC 9568 6.1; version 2 counts the skew in 1/256 s whatever the
 * interval (RFC 3768 6.1). */
int64_t elect_skew(uint8_t version, uint8_t prio, int64_t learned);
int64_t elect_down(uint8_t version, uint8_t prio, int64_t learned);

#endif
