/* One of us: a lock on (interface, family, VRID) in this network namespace.
 * It is an abstract socket, so that it goes with its process, however that
 * ends, and leaves no file. */
#ifndef ONLY_H
#define ONLY_H

#include "config.h"

/* Waits at most `patience` microseconds for another to go.  A descriptor to be
 * kept, -EADDRINUSE, -EINTR when sigfd has something, or -errno. */
int only_one(const struct router_cfg *cfg, int64_t patience, int sigfd);

#endif
