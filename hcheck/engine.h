/* The loop: starts probes when they are due, hears what comes, ends them at
 * their deadline, and hands over each result. */
#ifndef ENGINE_H
#define ENGINE_H

#include "heap.h"
#include "helper.h"
#include "probe.h"
#include "targets.h"

#define LATE_BUCKETS 256 /* of a millisecond; the last holds all beyond */

struct engine;

struct engine_ops {
	/* A result.  Sets c->hc.next: MONO_NEVER when that was all. */
	void (*result)(void *arg, struct check *c, const struct result *r);
	/* A descriptor that was handed over with engine_watch(). */
	void (*event)(void *arg, int fd, uint32_t events);
};

struct engine_stats {
	uint64_t probes, failed, local, stalls;
	uint64_t late[LATE_BUCKETS]; /* starts, by how far behind their time */
};

struct engine {
	const struct engine_ops *ops;
	void *arg;
	struct mono now;
	struct heap idle, busy; /* by start, by deadline */
	struct check **table;	/* by id; NULL where free */
	size_t size;
	uint64_t serial; /* of the checks */
	size_t checks;
	size_t inflight, room; /* probes at once */
	size_t running, exec_max;
	struct helper runner, resolver;
	struct check *ask, **ask_end; /* names that wait */
	size_t asking;
	int64_t stalled; /* in all, so far */
	struct engine_stats stats;
};

/* 0 or -errno. */
int engine_init(struct engine *e, const struct engine_ops *ops, void *arg);
int engine_watch(struct engine *e, int fd, uint32_t events);
void engine_rewatch(struct engine *e, int fd, uint32_t events);

/* Adds a check, not yet due; false without memory. */
bool engine_add(struct engine *e, struct check *c);
/* Forgets it, with the probe in flight if any; does not free it. */
void engine_remove(struct engine *e, struct check *c);
/* Its c->hc.next has changed. */
void engine_plan(struct engine *e, struct check *c);
/* Asks for the address of its name, unless it is being asked. */
void engine_resolve(struct engine *e, struct check *c);

/* One turn: waits until something happens, at most until `until`.  0, or
 * -errno when it cannot go on. */
int engine_turn(struct engine *e, struct mono until);
/* Half of the starts were behind their time by less, in ms. */
unsigned engine_late_median(const struct engine *e);
void engine_close(struct engine *e);

#endif
