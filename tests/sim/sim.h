/* 2 to 5 routers that run lib/pure under virtual time over a network that
 * delays, loses, doubles and splits.  One seed is one run: who they are, what
 * happens to them and when.  The invariants, with their exact bounds, are
 * checked at every event; see sim.c. */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stdint.h>

struct sim_stats {
	uint64_t runs, events, faults, takeovers, refused, bounds;
	int64_t us; /* virtual */
};

/* False when an invariant did not hold: seed, reason and the last events are
 * then on stderr. */
bool sim_run(uint64_t seed, unsigned faults, struct sim_stats *st);

#endif
