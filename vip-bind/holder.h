/* Who wants which address, which we hold, and what is due: all decisions of
 * `vip-bind follow`, without any I/O.
 *
 * Subjects say up or down and name addresses; an address is wanted while one
 * subject that is up names it.  The kernel says what it has.  holder_due()
 * tells the edits that bring the two together, holder_done() takes their
 * outcome: so whatever happens in between, the next turn mends it.
 *
 * What happens is mostly a line that says nothing new, and it costs what one
 * address costs: while nothing is stirred up, and until edit_at, at most leases
 * are to be renewed, and those are listed.
 *
 * Tables are fixed; nothing allocates, and what is not used is not touched.
 * Durations are microseconds. */
#ifndef HOLDER_H
#define HOLDER_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "mono.h"

#define HOLD_SUBJECTS	 1024
#define HOLD_PER_SUBJECT 255
#define HOLD_ADDRS	 2048
#define HOLD_IFS	 64
#define HOLD_NAME_LEN	 256
/* An address that others remove is put back at once so many times in so long
 * a time, then at this pace. */
#define HOLD_BACK_MAX  5
#define HOLD_BACK_SPAN (10 * US_PER_S)
#define HOLD_BACK_PACE US_PER_S
#define HOLD_RETRY     US_PER_S /* after the kernel refused an edit */
#define HOLD_LAST_WORD (75 * US_PER_MS)

struct hold_cfg {
	int64_t lease;	       /* no line for so long: let go; 0: never */
	unsigned garp_count;   /* announcements in a burst; 0: none ever */
	int64_t garp_interval; /* between those of a burst; 0: at once, but
				  for the last */
	int64_t garp_again;   /* second burst, so long after the first; 0: no */
	int64_t garp_refresh; /* then one every so long; 0: no */
};

struct hold_if {
	char name[IF_NAMESIZE];
	bool ready; /* it is there and up */
};

enum hold_seen {
	SEEN_NOT,
	SEEN_OURS,  /* with our mark */
	SEEN_OTHER, /* somebody else's: never touched */
};

struct hold_addr {
	struct prefix prefix;
	unsigned iface;
	unsigned named; /* subjects that name it; 0 and not ours: a free slot */
	unsigned users; /* of these, the ones that are up */
	enum hold_seen seen;
	bool held;   /* put in or taken over by us since it is wanted */
	bool renew;  /* its lease is to be renewed */
	bool listed; /* in renew[] of the holder */
	bool lost;   /* was held and removed by another */
	struct mono retry_at;
	struct mono backs[HOLD_BACK_MAX]; /* when it was put back: a ring */
	unsigned nbacks;
	unsigned rounds; /* announcements left of this burst */
	bool again;	 /* another burst follows */
	struct mono burst_at, round_at;
};

struct hold_subject {
	char name[HOLD_NAME_LEN];
	bool up;
	bool expired; /* its lease ran out; no line came since */
	uint64_t epoch;
	size_t naddrs;
	uint16_t addrs[HOLD_PER_SUBJECT];
};

struct holder {
	struct hold_cfg cfg;
	size_t nifs, naddrs, nsubjects;
	size_t next;	     /* the subject that is looked for first */
	struct mono edit_at; /* before, only renewals are due; 0: ask all */
	size_t nrenew;
	uint16_t renew[HOLD_ADDRS];
	struct mono lease_until[HOLD_SUBJECTS]; /* of those that are up */
	struct hold_if ifs[HOLD_IFS];
	struct hold_addr addrs[HOLD_ADDRS];
	struct hold_subject subjects[HOLD_SUBJECTS];
};

void holder_init(struct holder *h, const struct hold_cfg *cfg);

/* Indexes; made when new.  -1: no room, or the name is too long. */
int holder_if(struct holder *h, const char *name);
int holder_subject(struct holder *h, const char *name);
/* The subject names these addresses of the interface and no others from now
 * on.  Writes the indexes of addresses that are new to the table, which has
 * them as not seen, and returns how many those are; *skipped: how many did
 * not fit. */
size_t holder_name(struct holder *h, int subject, int iface,
	const struct prefix *p, size_t n, uint16_t fresh[HOLD_PER_SUBJECT],
	size_t *skipped);

/* The newest line of a subject. */
void holder_line(struct holder *h, int subject, bool up, uint64_t epoch,
	struct mono now);
/* Lets go of the addresses of a subject whose lease has run out, and returns
 * its index; -1 when there is none (more). */
int holder_expire(struct holder *h, struct mono now);
/* All subjects are down: the input ended. */
void holder_release(struct holder *h);

/* The kernel's word. */
void holder_seen(
	struct holder *h, size_t addr, enum hold_seen seen, struct mono now);
/* An interface is fit to take addresses, or not; gone: with all addresses. */
void holder_link(struct holder *h, unsigned iface, bool ready, bool gone,
	struct mono now);
/* Neighbours on the interface are to be told of all that is held there. */
void holder_announce_if(struct holder *h, unsigned iface, struct mono now);

enum hold_op {
	HOLD_DEL,
	HOLD_ADD,   /* exclusively */
	HOLD_RENEW, /* replace: renew the lease, or take over what is ours */
};

/* Writes the addresses for which op is due; returns how many. */
size_t holder_due(struct holder *h, enum hold_op op, struct mono now,
	uint16_t list[HOLD_ADDRS]);
/* Its outcome: 0 or -errno. */
void holder_done(struct holder *h, enum hold_op op, size_t addr, int err,
	struct mono now);
/* Takes the addresses whose announcement is due; call until it returns 0:
 * each call is one round. */
size_t holder_announce(
	struct holder *h, struct mono now, uint16_t list[HOLD_ADDRS]);
/* When something is due that no event will tell. */
struct mono holder_deadline(struct holder *h);
/* True: but for leases to be renewed all is as it was. */
bool holder_is_calm(const struct holder *h, struct mono now);

/* Is any address wanted? */
bool holder_wanted(const struct holder *h);
/* How many are wanted and there. */
size_t holder_count(const struct holder *h);

#endif
