/* The inside of the simulator; sim.h says which file is what. */
#ifndef WORLD_H
#define WORLD_H

#include <stdlib.h>
#include <string.h>

#include "chance.h"
#include "elect.h"
#include "sim.h"
#include "vrrp.h"

#define NMAX	 SIM_ROUTERS
#define HEAP_MAX 4096
#define PKTS_MAX (2 * HEAP_MAX)
#define INBOX	 32
#define TRACE	 40
#define PKT_MAX	 80
#define RATE	 12    /* adverts in an interval, at most */
#define AT_ONCE	 10000 /* events of one moment, at most */
#define NEVER	 INT64_MAX
#define FORGER	 (-2)

struct packet {
	struct vrrp_ip ip; /* of IPv6; IPv4 has its header in the bytes */
	uint8_t b[PKT_MAX];
	uint8_t len;
	bool junk;
	uint16_t refs;
};

enum what { MSG, ADDRS, END };

struct ev {
	int64_t at;
	uint32_t seq;
	uint8_t what;
	bool held;	 /* ADDRS */
	int8_t from, to; /* MSG; ADDRS: to */
	uint16_t arg;	 /* MSG: the packet; END: the fault */
	unsigned gen;	 /* ADDRS */
};

struct queue {
	struct ev heap[HEAP_MAX];
	size_t n;
	uint32_t seq;
	struct packet pkt[PKTS_MAX];
	uint16_t free[PKTS_MAX];
	size_t nfree;
};

struct node {
	const struct sim_router *r;
	struct elect e;
	struct vrrp_local local;
	struct addr addr;
	uint64_t rng;
	uint8_t prio;	      /* effective */
	bool up, mute, busy;  /* busy: a fault of it is not over */
	bool stalled, frozen; /* frozen: what comes is lost too */
	bool held, wanted, readerless, was_master, active;
	bool late;     /* from the end of a stall to the next deadline */
	bool conflict; /* it told of a losing Master */
	unsigned gen;
	int64_t fire, deadline; /* when it notices its deadline */
	int64_t active_since, ok_since, last_sent;
	int64_t flooded_until;
	int64_t silent_by;   /* a Backup until then at most */
	int64_t not_before;  /* and at least */
	int64_t learned;     /* from the last advert it followed */
	int64_t lower_since; /* it hears a lower Master */
	int64_t state_since, mute_since, leave_by;
	int64_t anew_at, owes_anew; /* owes: since when; NEVER */
	int64_t sent_at[RATE];	    /* the last adverts, a ring */
	unsigned nsent;
	bool has_pkt; /* of its last advert, which had pkt_prio */
	uint8_t pkt_prio;
	uint16_t pkt;
	struct {
		uint16_t pkt;
		int8_t from;
	} inbox[INBOX];
	size_t queued;
};

/* What the last fault may bring about. */
struct expect {
	bool on;
	int keep;	  /* the Master that stays; -1 */
	unsigned winners; /* one of them is Master by hi */
	int64_t lo[NMAX]; /* no takeover before */
	int64_t hi;
};

struct link {
	uint64_t rng;
	int cuts, lossy, slow, doubled, loose; /* faults that do so to it */
	int lost;			       /* in a row */
	int64_t last_arrival;
};

struct note {
	int64_t at;
	const char *what;
	int node, from, num;
};

struct sim {
	const struct scenario *sc;
	struct sim_stats *st;
	struct sim_failure *fail;
	FILE *log;
	int n;
	bool mixed, in_fault; /* mixed: not all have the same interval */
	int64_t now, d, j, b;
	int64_t amax;	     /* the longest interval by the slowest clock */
	int64_t learned_max; /* the longest interval */
	int64_t pdmax;	     /* the longest delay of preemption, likewise */
	struct prefix vips[2];
	struct node node[NMAX];
	/* The network. */
	struct link link[NMAX][NMAX];
	int missed[NMAX]; /* in a row, by each */
	int k, ncuts, nloose;
	bool split, storm;
	int side[NMAX];
	int64_t net_since;
	/* What is known. */
	unsigned members;
	int nactive;
	int64_t calm_since, settled_at;
	struct expect exp;
	uint64_t takeovers;
	int next_check, at_once;
	struct note trace[TRACE];
	uint64_t ntrace;
	struct queue q; /* the last: it is not cleared */
};

static inline int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* trace.c */
void note(struct sim *s, const char *what, int node, int from, int num);
__attribute__((format(printf, 3, 4))) void fail(
	struct sim *s, const char *invariant, const char *fmt, ...);

/* queue.c: aborts when full, which no bounded effect can bring about. */
void queue_init(struct queue *q);
void queue_push(struct queue *q, struct ev ev);
struct ev queue_pop(struct queue *q);
uint16_t packet_new(struct queue *q, const struct packet *p);
void packet_drop(struct queue *q, uint16_t i);

/* formula.c: durations of a router's clock, and how long they really take.
 * The real ones of a wrong clock are two microseconds to the safe side. */
int64_t clock_of(const struct node *v, int64_t real);
int64_t clock_comes(const struct node *v, int64_t shows);
int64_t real_min(const struct node *v, int64_t us);
int64_t real_max(const struct node *v, int64_t us);
int64_t skew_of(const struct node *v, int64_t learned);
int64_t down_of(const struct node *v, int64_t learned);
bool better(const struct node *a, const struct node *b);
int64_t settle_time(const struct sim *s);
bool tolerates(const struct sim *s, int k);

/* net.c */
bool blocked(const struct sim *s, int from, int to);
struct vrrp_out out_of(const struct sim *s, int i, uint8_t prio);
struct packet seal(
	struct sim *s, const struct vrrp_out *o, uint8_t ttl, uint64_t *rng);
void carry(struct sim *s, uint16_t pkt, int from, int to);
bool transmit(struct sim *s, int i, uint8_t prio);

/* junk.c */
void junk(struct sim *s, int from, int kind);
void flood(struct sim *s, int to);

/* router.c */
void boot(struct sim *s, int i);
void step(struct sim *s, int i, const struct elect_event *ev);
void receive(struct sim *s, int i, const struct packet *p, int from);
void deliver(struct sim *s, const struct ev *ev);
void tell_addrs(struct sim *s, int i);
void addrs(struct sim *s, const struct ev *ev);
void fire(struct sim *s, int i);

/* fault.c: to node index i. */
void strike(struct sim *s, int fault);
void end(struct sim *s, int fault);

/* expect.c: called before the fault is done, in expect_prio() after it. */
void expect_nothing(struct sim *s);
void expect_still(struct sim *s, int master);
void expect_loss_of(struct sim *s, int i, bool told);
void expect_return(struct sim *s, int i, bool booting);
void expect_resume(struct sim *s, int i);
void expect_prio(struct sim *s, int m);
void expect_k(struct sim *s, int k);

/* known.c */
bool is_settled(const struct sim *s, int64_t t);
bool is_member(const struct node *v);
void disturb(struct sim *s);
void update_members(struct sim *s);
int known_master(const struct sim *s);

/* check.c */
void check_time(struct sim *s);
void await_silence(struct sim *s, int i);
void forbid_haste(struct sim *s, int i, uint8_t prio, int64_t interval);

/* moment.c */
void check_change(struct sim *s, int i, const char *why);
void check_rate(struct sim *s, int i, uint8_t prio);
void check_advert(struct sim *s, int i, uint8_t prio, bool was);
void check_anew(struct sim *s, int i, uint32_t epoch, bool took_over);
void check_answer(struct sim *s, int i);
void check_asked(struct sim *s);

#endif
