/* The simulator: 2 to 5 routers that run lib/pure under virtual time over a
 * network that delays, loses, reorders, doubles and splits, on clocks that go
 * wrong by up to 1 %.
 *
 * A scenario says it all: who they are, what happens to them and when, and
 * the seed of the small chances (each delay, each lost packet).  It comes out
 * of a seed (draw.c) or a file (read.c; see scenario/), goes into a file
 * (write.c), and played twice it does the same twice.  The invariants, with
 * their exact bounds, are checked at every event (check.c).
 *
 *	main.c		the program: campaigns and scenario files
 *	draw.c		a scenario out of a seed
 *	read.c write.c	a scenario as text
 *	shrink.c	the least scenario that still fails
 *	play.c		virtual time
 *	queue.c		what is to come, in order
 *	router.c	lib/pure at work: the loop of vrrp-elect
 *	net.c junk.c	packets: carried, lost, broken, forged
 *	fault.c		what befalls routers and network
 *	formula.c	our own idea of timers and clocks
 *	expect.c	what a fault may bring about, and by when
 *	known.c		who takes part, and who is Master, for sure
 *	check.c		the invariants, and at any time
 *	moment.c	the invariants at an event
 *	trace.c		the last events before a failure
 *	bite, bugs/	bugs that the campaign must find
 */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "elect.h"

#define SIM_ROUTERS 5
#define SIM_FAULTS  256
#define SIM_CHECKS  32
#define SIM_ANY	    (-1)
#define SIM_PPM_MAX 10000 /* 1 % */

/* X(name, word in a scenario) */
#define SIM_FAULT_KINDS(X)                                                     \
	X(CRASH, "crash")	 /* silent death, then a restart */            \
	X(STOP, "stop")		 /* asked to end, then a restart */            \
	X(READER, "reader-gone") /* who holds the addresses dies */            \
	X(STALL, "stall")	 /* SIGSTOP: packets wait */                   \
	X(FREEZE, "freeze")	 /* the host: packets are lost */              \
	X(MUTE, "mute")		 /* it cannot send */                          \
	X(TRACK, "track-fault")	 /* told that it cannot take part */           \
	X(PRIO, "priority")	 /* a new one */                               \
	X(JUNK, "junk")		 /* invalid packets as if from it */           \
	X(FLOOD, "flood")	 /* forged losers, when it is Master */        \
	X(SPLIT, "split")	 /* some against the others */                 \
	X(ONE_WAY, "one-way")	 /* a link, or all from or to one */           \
	X(LOSS, "loss")		 /* at most k in a row */                      \
	X(HEAVY, "heavy-loss")	 /* every second one, at random */             \
	X(SLOW, "slow")		 /* a link takes the longest delay */          \
	X(DOUBLES, "doubles")	 /* a link delivers twice */                   \
	X(REORDER, "reorder")	 /* a link does not keep the order */

enum sim_fault_kind {
#define X(name, word) SIM_##name,
	/* clang-format off */
	SIM_FAULT_KINDS(X)
#undef X
	SIM_FAULT_N
	/* clang-format on */
};

struct sim_fault {
	int64_t at, len; /* len: until it is over */
	enum sim_fault_kind kind;
	int who, whom;	/* routers, by id; of a link: from, to, or SIM_ANY */
	unsigned group; /* SPLIT: the ids of one side */
	int num;	/* PRIO: the new one; LOSS: k; JUNK: which */
};

enum sim_check_kind { CHECK_MASTER, CHECK_CONFLICT, CHECK_TAKEOVERS };

struct sim_check {
	int64_t at;
	enum sim_check_kind kind;
	unsigned group; /* MASTER: exactly these; CONFLICT: these told of it */
	bool most;	/* TAKEOVERS: at most num, else exactly */
	int num;
};

struct sim_router {
	int id; /* its name, and that of its chances */
	struct elect_cfg cfg;
	uint32_t sum; /* how it reads RFC 5.2.8, see vrrp.h */
	uint8_t host; /* last byte of its address */
	int ppm;      /* its clock: parts per million too fast */
};

struct scenario {
	uint64_t seed;
	int version, family;
	bool preempt, secret;
	int64_t delay, late, bind; /* the longest of each */
	int nvips;
	int n;
	struct sim_router router[SIM_ROUTERS];
	int nfaults, nchecks;
	struct sim_fault fault[SIM_FAULTS]; /* in order of time */
	struct sim_check check[SIM_CHECKS]; /* likewise */
	int64_t until;
};

struct sim_stats {
	uint64_t runs, events, faults, takeovers, refused, bounds;
	int64_t us; /* virtual */
};

/* What went wrong first. */
struct sim_failure {
	bool failed;
	const char *invariant;
	int64_t at;
	char text[160];
	char trace[6000]; /* the routers and the last events */
};

/* Adds to *st.  False when an invariant or a check did not hold.  Each event
 * goes to `log` too, unless that is NULL. */
bool sim_play(const struct scenario *sc, struct sim_stats *st,
	struct sim_failure *f, FILE *log);

/* What a campaign is asked for; 0: drawn. */
struct sim_wish {
	int faults; /* how many; not 0 */
	int routers;
	int64_t interval;
	int64_t calm; /* besides, before each fault */
};

void sim_draw(struct scenario *sc, uint64_t seed, const struct sim_wish *wish);

/* At most SIM_ERROR bytes say what is wrong, with the line. */
#define SIM_ERROR 128
bool sim_read(struct scenario *sc, FILE *in, char error[SIM_ERROR]);
void sim_write(const struct scenario *sc, FILE *out);

/* Makes *sc as small as it can that still breaks the same invariant; *f is
 * that of the last one.  Returns how many plays it took. */
int sim_shrink(struct scenario *sc, struct sim_failure *f);

extern const char *const sim_fault_words[SIM_FAULT_N];

#endif
