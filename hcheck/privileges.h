/* What is done with privileges, and what is kept of them. */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include "engine.h"
#include "options.h"

/* Starts the helpers that these targets, or a FILE that may change, need; and
 * warns where the limit of descriptors is small. */
void privileges_start(
	struct engine *e, const struct options *o, const struct targets *t);
/* Gives up all else (sandbox.h); prog is the PROG behind --, 0: none. */
void privileges_drop(
	const struct options *o, const struct targets *t, pid_t prog);

#endif
