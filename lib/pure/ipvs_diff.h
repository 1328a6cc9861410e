/* The fewest edits that make one table equal another, one after the other, in
 * an order that leaves no service without its servers: what is new is added,
 * settings change, weights rise and then fall, then servers and services are
 * removed.  What is equal is not touched. */
#ifndef IPVS_DIFF_H
#define IPVS_DIFF_H

#include "ipvs_cmd.h"

enum ipvs_phase {
	IPVS_P_ADD_SVC,
	IPVS_P_EDIT_SVC,
	IPVS_P_ADD_DEST,
	IPVS_P_RAISE,
	IPVS_P_LOWER,
	IPVS_P_DEL_DEST,
	IPVS_P_DEL_SVC,
	IPVS_P_TIMEOUTS,
	IPVS_P_STOP,
	IPVS_P_START,
	IPVS_P_END
};

/* Neither table may change while edits are taken. */
struct ipvs_diff {
	const struct ipvs_table *have, *want;
	/* Only the services in here (NULL: all); then timeouts and daemons are
	 * left alone, as they are when `want` does not tell them. */
	const struct ipvs_table *only;
	enum ipvs_phase phase;
	uint32_t svc, dest; /* where we are */
	bool inside;	    /* a service: dest is valid */
};

void ipvs_diff_start(struct ipvs_diff *d, const struct ipvs_table *have,
	const struct ipvs_table *want, const struct ipvs_table *only);
/* The next edit, or false at the end. */
bool ipvs_diff_next(struct ipvs_diff *d, struct ipvs_cmd *c);

#endif
