/* One virtual router at work: its election, its socket, its view of the
 * kernel.  What the election decides is carried out here and nowhere else.
 * Nothing in here knows how many routers a process has. */
#ifndef ROUTER_H
#define ROUTER_H

#include <stdbool.h>
#include <stdint.h>

#include "auth.h"
#include "config.h"
#include "elect.h"
#include "out.h"
#include "report.h"
#include "view.h"

struct router {
	struct router_cfg *cfg;
	struct elect elect;
	struct view view;
	struct view fresh; /* what a dump under way has told so far */
	bool syncing;
	int met; /* the ifindex whose addresses are known */
	struct tracks tracks;
	struct report report;
	struct auth_state auth;
	struct out *out;
	bool json;
	int verbose;   /* -1: no words on peers and lateness, only counts */
	int fd;	       /* VRRP socket, for poll(2) */
	int vmac;      /* --vmac: whole frames are sent here; else -1 */
	int listening; /* the ifindex it hears; 0: none */
	uint32_t sum;  /* the checksum form we send */
	bool faulted;
	bool line_owed; /* could not be written yet */
	bool done;
	int code; /* exit code, when done */
	uint64_t sent, heard;
};

/* Opens the socket.  0 or -errno. */
int router_open(struct router *r, struct router_cfg *cfg, struct out *out,
	bool json, int verbose);
void router_close(struct router *r);

/* What nlmon told.  While a dump runs the old view stays in use. */
void router_link(struct router *r, const struct nl_link *l, bool gone);
void router_addr(struct router *r, const struct nl_ifaddr *a, bool gone);
void router_sync(struct router *r, bool end);
/* True once after another interface took the name: only a dump can tell its
 * addresses, if it had them before. */
bool router_met_link(struct router *r);
/* After the first dump of the kernel's state: the election begins. */
void router_start(struct router *r, struct mono now);
/* Hands an event to the election and carries out what it decides. */
void router_turn(
	struct router *r, const struct elect_event *ev, struct mono now);
/* Looks again at links, addresses and tracks. */
void router_look(struct router *r, struct mono now);
/* Takes at most `budget` packets; true when there may be more. */
bool router_hear(struct router *r, unsigned budget, struct mono now);
/* Says the present line; keeps it owed while there is no room. */
void router_say(struct router *r, struct mono now);
/* State and counters for people, on stderr. */
void router_tell(const struct router *r);

/* One advert by the configuration; also used by resign.  vmac: the packet
 * socket by which it leaves with the virtual MAC; -1: with our own.  0 or
 * -errno. */
int router_send(int fd, int vmac, const struct router_cfg *cfg,
	struct auth_state *auth, const struct view *v, uint8_t prio,
	uint32_t sum);

#endif
