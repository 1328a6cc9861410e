/* Watches groups, not packets: who is Master, since when, and what is wrong
 * with the group.  Fed with dissected packets and with the time; says when a
 * finding begins and when it ends.  All is of fixed size: what is beyond it is
 * counted.
 *
 * Times are microseconds since the epoch, those of the capture.  They may not
 * go back: a packet that is older than the one before counts as of now. */
#ifndef WATCH_H
#define WATCH_H

#include "dissect.h"
#include "hist.h"

#define WATCH_GROUPS  256
#define WATCH_ROUTERS 8	 /* of a group; the longest silent is forgotten */
#define WATCH_STINTS  64 /* the latest of a group */
#define WATCH_SPANS   64
#define WATCH_MARKS   64
#define WATCH_IFNAME  16
#define WATCH_SUBJECT 64

/* X(name, word on the line) */
#define WATCH_FINDINGS(X)                                                      \
	X(TWO_MASTERS, "two-masters")                                          \
	X(NO_YIELD, "no-yield")                                                \
	X(FLAPPING, "flapping")                                                \
	X(INTERVAL, "interval-differs")                                        \
	X(ADDRESSES, "addresses-differ")                                       \
	X(VERSION, "version-differs")                                          \
	X(AUTH, "auth-differs")                                                \
	X(CHECKSUM, "checksum-differs")                                        \
	X(MISSING, "adverts-missing")                                          \
	X(NO_SUCCESSOR, "no-successor")                                        \
	X(ANNOUNCER, "not-master-announces")                                   \
	X(REFUSED, "advert-refused")

enum watch_finding {
#define X(name, word) WF_##name,
	/* clang-format off */
	WATCH_FINDINGS(X)
#undef X
	WF_N
	/* clang-format on */
};

const char *watch_finding_str(enum watch_finding f);

/* A finding, from when to when; end 0: it is not over. */
struct watch_span {
	enum watch_finding what;
	int64_t begin, end;
	struct addr who, other; /* no family: none */
	int64_t missed;		/* WF_MISSING: adverts */
	int fault;		/* WF_REFUSED: of dissect.h */
	struct addr address;	/* WF_ANNOUNCER */
	uint8_t mac[MAC_LEN];	/* WF_ANNOUNCER */
};

enum watch_why { WHY_SEEN, WHY_RESIGNED, WHY_SILENCE, WHY_BETTER, WHY_N };

const char *watch_why_str(enum watch_why w);

/* Somebody's time as Master; end 0: it is not over. */
struct watch_stint {
	struct addr who;
	uint8_t prio;
	enum watch_why why;
	int64_t begin, end;
	int64_t took;	 /* since the priority 0 or the last advert before */
	int64_t formula; /* what that should be; 0: nothing is said of it */
};

/* What routers of a group must agree upon. */
struct watch_conf {
	uint8_t version, count;
	enum dis_auth auth;
	enum dis_sum sum;
	uint16_t cs;
	uint64_t vips; /* the same for the same set */
};

struct watch_router {
	struct addr addr;
	uint8_t mac[MAC_LEN];
	uint8_t prio;	     /* of the latest advert */
	int64_t first, last; /* of the adverts it sends now */
	uint64_t adverts;
	struct watch_conf conf;
};

struct watch_group {
	uint32_t ifindex;
	uint32_t vlan; /* the outer tag * 4096 + the inner */
	uint8_t family, vrid;
	char ifname[WATCH_IFNAME];

	struct watch_router router[WATCH_ROUTERS];
	unsigned routers;
	int master;	/* -1: none */
	int64_t vacant; /* since then none, after a priority 0; 0: not so */
	int64_t first, last; /* packets of the group */
	uint64_t adverts, missed, takeovers, refused;
	struct hist gaps;
	unsigned nvips;
	uint8_t vips[VRRP_VIPS_MAX * 16]; /* of the latest advert */

	struct watch_span open[WF_N]; /* begin 0: not open */
	int64_t changes[4];	      /* of the Master, the latest */
	int64_t announced;	      /* by who may not; 0: nothing pending */
	int64_t announced_last;
	uint8_t announcer[MAC_LEN];
	struct addr announced_addr;

	struct watch_stint stint[WATCH_STINTS]; /* a ring each */
	struct watch_span span[WATCH_SPANS];
	int64_t mark[WATCH_MARKS]; /* priority 0 */
	struct addr mark_who[WATCH_MARKS];
	uint64_t stints, spans, marks;
};

/* Called when a finding begins and again when it ends. */
typedef void (*watch_say)(
	void *ctx, const struct watch_group *g, const struct watch_span *s);

struct watch {
	int64_t now, first, ticked;
	uint64_t findings, lost; /* packets of groups beyond WATCH_GROUPS */
	unsigned n;
	struct watch_group group[WATCH_GROUPS];
	watch_say say;
	void *ctx;
};

void watch_init(struct watch *w, watch_say say, void *ctx);
void watch_packet(struct watch *w, const struct dissect *d, int64_t us,
	uint32_t ifindex, const char *ifname);
/* Time goes on without packets. */
void watch_tick(struct watch *w, int64_t us);
/* The VRID whose virtual address a packet announces; 0: not known. */
uint8_t watch_owner(
	const struct watch *w, const struct dissect *d, uint32_t ifindex);

/* vrrp.51@eth0, vrrp6.51@eth0.100; buf of WATCH_SUBJECT bytes. */
const char *watch_subject(const struct watch_group *g, char *buf);
/* Its interval, in microseconds. */
int64_t watch_interval(const struct watch_group *g);
/* The i-th of what is remembered, the oldest first; NULL behind the last. */
const struct watch_stint *watch_stint_at(
	const struct watch_group *g, unsigned i);
const struct watch_span *watch_span_at(const struct watch_group *g, unsigned i);

#endif
