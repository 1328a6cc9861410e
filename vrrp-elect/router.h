/* One virtual router at work: its election, its view of the kernel, its part
 * of a socket.  What the election decides is carried out here and nowhere else.
 * Nothing in here knows how many routers a process has. */
#ifndef ROUTER_H
#define ROUTER_H

#include <stdbool.h>
#include <stdint.h>

#include "auth.h"
#include "config.h"
#include "elect.h"
#include "group.h"
#include "heap.h"
#include "out.h"
#include "report.h"
#include "view.h"

#define ROUTER_FRAME 512 /* holds most adverts, with what surrounds them */

/* What the routers of a process share. */
struct common {
	struct out out;
	struct heap due; /* of routers, by elect_deadline() */
	struct views views;
	struct groups groups;
	int vmac;	/* whole frames are sent here; -1: nobody has --vmac */
	uint8_t *frame; /* ROUTER_FRAME bytes, where adverts are built */
	uint8_t *heard; /* VRRPSOCK_BUF bytes, where packets are put */
	bool json;
	int verbose;  /* -1: no words on peers and lateness, only counts */
	size_t owed;  /* lines that could not be written yet */
	size_t ended; /* routers that are done and still here */
};

/* What is written to only by faults and authentication: it lies apart, so that
 * it costs no memory without them. */
struct cold {
	struct report report;
	struct auth_state auth;
};

struct router {
	struct timer due; /* in common's heap */
	struct common *common;
	struct router_cfg *cfg;
	struct elect elect;
	struct view view;
	struct group *group; /* NULL: it does not take part yet, or any more */
	struct cold *cold;
	int lock;     /* one of us (only.h); -1: not ours yet */
	uint32_t sum; /* the checksum form we send */
	bool started;
	bool faulted;
	bool line_owed; /* could not be written yet */
	bool done;
	int code; /* exit code, when done */
	uint64_t sent, heard;
};

/* A packet as its socket gave it. */
struct packet {
	const struct vrrp_ip *ip;
	const uint8_t *head; /* the IPv4 header; IPv6: NULL */
	const uint8_t *payload;
	size_t len;
	enum vrrp_fault fault; /* of the IP header */
};

/* cold is zero.  cfg is the router's from now on, its view is to be settled
 * (view.h).  False without memory. */
bool router_init(struct router *r, struct common *common,
	struct router_cfg *cfg, struct cold *cold);
void router_free(struct router *r);
/* Becomes one of its kin (config.h), as views_settle() and a dump complete it.
 * False without memory: it is as it was. */
bool router_become(struct router *r, struct router_cfg *cfg);

/* After the first dump of the kernel's state, and once it has its lock and its
 * group: the election begins. */
void router_start(struct router *r, struct mono now);
/* Hands an event to the election and carries out what it decides. */
void router_turn(
	struct router *r, const struct elect_event *ev, struct mono now);
/* Looks again at links, addresses and tracks. */
void router_look(struct router *r, struct mono now);
void router_hear(struct router *r, const struct packet *p, struct mono now);
/* Says the present line; keeps it owed while there is no room. */
void router_say(struct router *r, struct mono now);
/* State and counters for people, on stderr. */
void router_tell(const struct router *r);

/* What an advert leaves by. */
struct outlet {
	int fd;
	int vmac; /* the packet socket for the virtual MAC; -1: our own MAC */
	uint8_t *frame; /* ROUTER_FRAME bytes, to build it in */
};

/* One advert by the configuration; also used by resign.  0 or -errno. */
int router_send(const struct outlet *out, const struct router_cfg *cfg,
	struct auth_state *auth, const struct view *v, uint8_t prio,
	uint32_t sum);

#endif
