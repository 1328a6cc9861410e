/* Edits of addresses and routes (rtnetlink).  Messages are built beforehand by
 * libnl; a batch of them goes to the kernel with one sendmsg(2) and is
 * answered before it returns, so that an edit allocates nothing. */
#ifndef NLADDR_H
#define NLADDR_H

#include <linux/netlink.h> /* NLM_F_* */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "nlmon.h"

/* Marks our addresses (IFA_PROTO) and routes (rtm_protocol): VRRP's number. */
#define NL_MARK	       112
#define NL_LFT_FOREVER UINT32_MAX
#define NL_LABEL_MAX   15
#define NL_SCOPE_UNSET (-1)

struct nl_msg;

struct nladdr {
	int fd;
	uint32_t seq;
	size_t chunk; /* messages at once whose answers surely fit */
};

struct nladdr_opts {
	const char *label; /* NULL: none; for IPv4 */
	int scope;	   /* RT_SCOPE_*, NL_SCOPE_UNSET */
	bool noprefixroute;
	uint32_t valid_lft; /* seconds, NL_LFT_FOREVER */
	uint32_t metric;    /* of the route to the prefix; 0: the kernel's */
};

struct nlroute_spec {
	struct prefix dst;	/* length 0: default */
	struct addr via, src;	/* family 0: none */
	uint32_t metric, table; /* 0: the kernel's, main */
	bool onlink;
};

/* One edit of a batch. */
struct nledit {
	struct nl_msg *msg; /* the caller's */
	int ifindex;	    /* of address or link: patched in; 0: as it is */
	uint16_t flags;	    /* NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE */
	int err;	    /* the answer: 0 or -errno */
};

/* 0 or -errno. */
int nladdr_open(struct nladdr *n);
void nladdr_close(struct nladdr *n);
/* May we edit?  0; -EPERM without CAP_NET_ADMIN; nothing is changed. */
int nladdr_permitted(struct nladdr *n);
/* Carries out edits in order and fills in each err; one that fails does not
 * keep the next from being tried.  0, or -errno when the kernel could not be
 * asked or heard: then err is that where there was no answer. */
int nladdr_edit(struct nladdr *n, struct nledit *e, size_t count);

/* Messages to be freed by nladdr_free(); NULL when out of memory.  IPv6 is
 * added with nodad and deprecated, so that it is never a source address. */
struct nl_msg *nladdr_add_msg(
	const struct prefix *p, const struct nladdr_opts *o);
struct nl_msg *nladdr_del_msg(const struct prefix *p);
struct nl_msg *nlroute_msg(const struct nlroute_spec *r, int ifindex, bool del);
void nladdr_free(struct nl_msg *m);

/* Did one of us add it?  By the mark; a kernel before 5.18 keeps none, there
 * a lease gives it away. */
bool nladdr_is_ours(const struct nl_ifaddr *a);
/* Is a the address p in the eyes of this kernel?  IPv6 tells them apart by
 * the address alone. */
bool nladdr_same(const struct prefix *a, const struct prefix *p);

#endif
