/* `-- PROG ARG...`: one process tree (DESIGN 2.3). */
#ifndef CHAIN_H
#define CHAIN_H

#include <sys/types.h>

#include "mono.h"

/* Cuts argv at the first "--"; returns what follows, or NULL when there is no
 * "--".  getopt_long(3) must not see it: it would permute.  Dies 100 when
 * nothing follows. */
char **chain_split(int *argc, char **argv);
/* Starts PROG with a pipe from our stdout, which is fd 1 from then on.
 * Returns its pid, or -errno; a PROG that cannot be executed is an exit code
 * of the child (126, 127). */
pid_t chain_start(char **prog);
/* Closes stdout, waits for PROG; after `patience` microseconds TERM, a second
 * later KILL.  Returns the worse of its exit code and ours:
 * 0 < 1 < 99 < others < 111 < 100.  pid 0: returns ours. */
int chain_end(pid_t pid, int ours, int64_t patience);

#endif
