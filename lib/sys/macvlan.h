/* The interface that holds a virtual MAC: a macvlan on a parent.
 *
 * In bridge mode, for in any other the kernel takes frames from another host
 * with that MAC, as the adverts of another Master are, for our own and hides
 * them from the parent.  It bears our alias, is down while it is not used, so
 * that nobody hears of it, and its settings are made before it is first up. */
#ifndef MACVLAN_H
#define MACVLAN_H

#include "eth.h"
#include "nladdr.h"
#include "nlmon.h"

/* Messages as those of nladdr.h, to be freed by nladdr_free().  The first
 * makes it by its name, the others are for a link that has an index. */
struct nl_msg *macvlan_add_msg(
	const char *name, int parent, const uint8_t mac[MAC_LEN]);
struct nl_msg *macvlan_alias_msg(void);
struct nl_msg *macvlan_up_msg(bool up);
struct nl_msg *macvlan_del_msg(void);

/* Sets what the link needs, and nothing of any other: for IPv4 that it answers
 * for its own addresses alone, and takes what routes back by its parent, and
 * that IPv6 is off; for IPv6 that no address comes but ours.  0 or -errno,
 * with the name of the setting. */
int macvlan_setup(const char *name, int family, const char **what);

/* Why a link cannot be the parent; NULL: nothing is known against it. */
const char *macvlan_unfit(const struct nl_link *parent);
/* What is said of the parent when neighbours would not learn the virtual MAC
 * for addresses of the family.  The cure is the operator's: no setting but
 * those of our own link is touched.  NULL: nothing; else in a static buffer. */
const char *macvlan_doubt(const char *parent, int family);
/* Why a macvlan could not be made or set up, in words. */
const char *macvlan_error(int err);

#endif
