/* The routes of --route in the kernel: in after the addresses, out before
 * them.  They bear our mark as their protocol, so that no other's goes. */
#ifndef ROUTES_H
#define ROUTES_H

#include "nladdr.h"
#include "options.h"

struct routes {
	const struct options *o;
	struct nladdr *nl; /* the caller's */
	struct nl_msg *add[ROUTES_MAX], *del[ROUTES_MAX];
	bool mine[ROUTES_MAX]; /* was put in since the last routes_out() */
	bool told[ROUTES_MAX]; /* its failure was reported */
	bool in;	       /* all were tried */
	bool swept;	       /* none of a predecessor is left */
};

void routes_init(struct routes *r, const struct options *o, struct nladdr *nl);
/* The interface has got another index; 0: it is gone, and they with it. */
void routes_link(struct routes *r, int ifindex);
/* What the kernel may have dropped is put in with the next routes_in(). */
void routes_doubt(struct routes *r);
void routes_in(struct routes *r);
void routes_out(struct routes *r);
void routes_free(struct routes *r);

#endif
