/* The hands of `vip-bind follow`: carries out what the holder says is due, and
 * tells it what the kernel has. */
#ifndef BIND_H
#define BIND_H

#include "holder.h"
#include "kernel.h"
#include "nladdr.h"
#include "nlmon.h"
#include "options.h"
#include "pktsock.h"
#include "routes.h"
#include "vmac.h"

struct bind {
	const struct options *o;
	struct holder *h;
	struct mono now; /* of this turn */
	struct nladdr nl;
	struct nlmon mon;
	int pkt; /* -1: nothing is announced */
	struct bind_if {
		struct nl_link link; /* ifindex 0: absent */
		bool fresh;	     /* told since the dump began */
		bool has6, router;
		bool said; /* that it is not fit */
	} ifs[HOLD_IFS];
	struct bind_slot {
		struct nl_msg *add, *del;
		struct frame frame;
		int err;   /* reported */
		bool said; /* that it is another's */
	} slots[HOLD_ADDRS];
	struct routes routes;
	struct kernel kernel;
	struct vmac vmacs[2]; /* --vmac: of IPv4 and IPv6 */
};

/* Dies 111, having changed nothing. */
void bind_open(struct bind *b, const struct options *o, struct holder *h);
void bind_close(struct bind *b);
/* The index of an interface in the holder, which it may be new to; -1.  With
 * --vmac that of the family's macvlan on it. */
int bind_if(struct bind *b, const char *name, int family);
/* Prepares all for addresses that are new to the holder. */
void bind_fresh(struct bind *b, const uint16_t *list, size_t n);
/* Takes the kernel's news.  0 or -errno. */
int bind_hear(struct bind *b, struct mono now);
/* Carries out what is due. */
void bind_act(struct bind *b, struct mono now);
/* When something is due that no event will tell. */
struct mono bind_deadline(const struct bind *b);

#endif
