/* Routers that hear the same packets but for the VRID share a socket: same
 * interface, family, protocol and senders.  The kernel wakes us for their
 * VRIDs alone, and a packet finds its router by the VRID. */
#ifndef GROUP_H
#define GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "vrrpsock.h"

struct router;

struct group {
	int fd, family, proto;
	int listening; /* the ifindex it hears; 0: none */
	bool stale;    /* the filter does not fit the routers any more */
	struct router *first;
	struct router *by_vrid[256];
};

/* Sockets that wait for a HUP: once privileges are gone none can be opened. */
#define GROUP_SPARES 4

struct groups {
	struct group **v;
	size_t n;
	struct spare {
		int fd, family, proto;
	} spares[2 * GROUP_SPARES];
	size_t nspares;
};

/* The group of a router as c says, made if there is none; it is put there.
 * `privileged`: a socket may be opened; else one must be spare.  0, -EMFILE:
 * none is; -EADDRINUSE: it has a router of that VRID; -errno. */
int groups_join(struct groups *gs, struct router *r, const struct router_cfg *c,
	bool privileged);
/* The last one to leave makes its socket a spare one. */
void groups_leave(struct groups *gs, struct router *r);
/* To be called while privileged. */
void groups_save(struct groups *gs);
/* Takes it from all routers. */
void groups_close(struct groups *gs);
/* Hears the interface, and all its routers.  0 or -errno. */
int group_listen(struct group *g, int ifindex, const struct router_cfg *c);
/* Takes at most `budget` packets, each by way of buf. */
void group_hear(struct group *g, uint8_t buf[VRRPSOCK_BUF], unsigned budget,
	struct mono now);

#endif
