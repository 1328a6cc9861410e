/* --vmac: the macvlan that the addresses live on.  It is made as soon as its
 * parent is known, up only while an address is wanted, and removed at the
 * end; what bears its name and not our mark is never touched. */
#ifndef VMAC_H
#define VMAC_H

#include "nladdr.h"
#include "nlmon.h"
#include "options.h"
#include "vframe.h"

struct vmac {
	int family;
	char name[IF_NAMESIZE];
	uint8_t mac[MAC_LEN];
	struct nl_link dev;    /* of that name; ifindex 0: none */
	struct nl_link parent; /* ifindex 0: absent; name "": not known yet */
	bool dev_told, parent_told; /* since the dump began */
	const char *unfit; /* why the parent cannot be one; NULL: it can */
	int iface;	   /* in the holder; -1: no line named it yet */
	char said[160];	   /* the last complaint */
	struct mono retry_at;
};

void vmac_init(struct vmac *v, const struct options *o, int family);
/* Names the parent and looks for it. */
void vmac_on(struct vmac *v, const char *parent);
/* What the kernel says of any link. */
void vmac_link(struct vmac *v, const struct nl_link *l, bool gone);
/* A dump begins or ends: what it did not tell is gone. */
void vmac_sync(struct vmac *v, bool end);
/* Is it there, on its parent, with its MAC and our mark? */
bool vmac_fits(const struct vmac *v);

/* Why it cannot be had; NULL: it fits, or there is nothing in its way. */
const char *vmac_trouble(const struct vmac *v);
/* Each is NULL, or why it could not be done, in a static buffer.  What makes
 * it leaves it down. */
const char *vmac_make(struct vmac *v, struct nladdr *nl);
const char *vmac_raise(struct vmac *v, struct nladdr *nl, bool up);
const char *vmac_remove(struct vmac *v, struct nladdr *nl);

#endif
