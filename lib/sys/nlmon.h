/* Links and addresses of this kernel as they come and go (rtnetlink).
 *
 * One socket subscribes first and dumps then, so nothing is missed; upon
 * ENOBUFS it dumps again.  A dump begins with on_sync(begin): forget all; and
 * ends with on_sync(end): what was not told anew is gone.  Nothing here blocks
 * but nlmon_wait(), and nothing allocates after nlmon_open(). */
#ifndef NLMON_H
#define NLMON_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "mono.h"

#define NLMON_LINKS 1u
#define NLMON_ADDRS 2u
#define LLADDR_MAX  32
#define NLMON_ALIAS "vip-bind" /* the mark of a link of ours */

struct nl_link {
	int ifindex;
	char name[IF_NAMESIZE];
	unsigned flags; /* IFF_* */
	uint16_t type;	/* ARPHRD_* */
	uint8_t lladdr[LLADDR_MAX];
	uint8_t lladdr_len;
	int lower;  /* the ifindex it stands on; 0: none told */
	bool alias; /* its alias is NLMON_ALIAS */
};

struct nl_ifaddr {
	int ifindex;
	struct prefix prefix; /* the local address, its length told */
	uint32_t flags;	      /* IFA_F_* */
	uint8_t scope;
	uint8_t proto;	    /* IFA_PROTO; 0 where the kernel has none */
	uint32_t valid_lft; /* seconds; UINT32_MAX: for ever */
};

struct nlmon_ops {
	/* gone: it was deleted */
	void (*on_link)(void *arg, const struct nl_link *l, bool gone);
	void (*on_addr)(void *arg, const struct nl_ifaddr *a, bool gone);
	void (*on_sync)(void *arg, bool end);
};

struct nlmon {
	void *buf; /* a mapping, without pages while nothing comes */
	int fd;	   /* for poll(2), POLLIN */
	unsigned what;
	unsigned dumping; /* NLMON_*: the dump under way; 0: none */
	uint32_t seq;
	bool synced;
	bool resync; /* events were lost during the dump */
	const struct nlmon_ops *ops;
	void *arg;
};

/* Subscribes and asks for the first dump.  0 or -errno. */
int nlmon_open(
	struct nlmon *m, unsigned what, const struct nlmon_ops *ops, void *arg);
/* Takes what is there, at most `budget` datagrams.  0 or -errno. */
int nlmon_read(struct nlmon *m, unsigned budget);
/* Asks for a dump again: the kernel does not repeat the addresses of a link
 * that was renamed.  0 or -errno. */
int nlmon_resync(struct nlmon *m);
/* Reads until the first dump is complete.  0, -ETIMEDOUT or -errno. */
int nlmon_wait(struct nlmon *m, struct mono deadline);
/* What is not open, or all zero, stays as it is. */
void nlmon_close(struct nlmon *m);

/* IFF_UP and IFF_RUNNING: fit to send. */
bool nl_link_usable(const struct nl_link *l);

#endif
