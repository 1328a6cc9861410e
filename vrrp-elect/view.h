/* What this kernel says of interfaces and addresses, gathered from rtnetlink
 * events (lib/sys/nlmon.h) for all routers of a process: what is said of an
 * interface is kept once, whoever uses it. */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>

#include "config.h"
#include "nlmon.h"

#define IFACE_ADDRS_MAX 64

/* An interface in the eyes of those who send from it with the same family and
 * --source; family 0: of those who track it. */
struct iface {
	char name[IF_NAMESIZE];
	int family;
	struct addr source;
	struct iface_facts {
		int ifindex; /* 0: there is no such interface */
		unsigned flags;
		size_t naddrs; /* fit to send from, in kernel order */
		struct prefix addrs[IFACE_ADDRS_MAX];
	} now, fresh; /* fresh: what a dump under way has told so far */
	int met;      /* the ifindex whose addresses are known */
	bool changed;
	size_t users;
};

/* One router's part of it. */
struct view {
	const struct router_cfg *cfg;
	struct iface *iface;
	struct iface **tracks;
	int *vip_on;	/* the interface that has it; 0: none */
	int *vip_fresh; /* in a dump under way */
	bool changed;	/* something was told of it since views_look() */
};

struct views {
	struct iface **ifaces;
	size_t nifaces, room;
	struct view **v;
	size_t n;
	struct vip_at { /* every virtual address, in order */
		struct addr addr;
		struct view *view;
		size_t i;
	} * index;
	size_t nindex;
	bool syncing;
};

/* Both allocate.  After any number of them, and before the next event,
 * views_settle().  False without memory: then v is not in vs. */
bool views_add(struct views *vs, struct view *v, const struct router_cfg *cfg);
void views_remove(struct views *vs, struct view *v);
/* v looks at what cfg says from now on; false: as before. */
bool views_change(
	struct views *vs, struct view *v, const struct router_cfg *cfg);
bool views_settle(struct views *vs);
void views_free(struct views *vs);

/* What nlmon told; arg is the struct views.  While a dump runs the old facts
 * stay in use. */
void views_link(void *arg, const struct nl_link *l, bool gone);
void views_addr(void *arg, const struct nl_ifaddr *a, bool gone);
void views_sync(void *arg, bool end);
/* Marks whose view changed.  True when an interface is another one than
 * before: only a dump can tell its addresses, if it had them already. */
bool views_look(struct views *vs);

/* The address to send from: --source once the interface has it; else its
 * first one that is not virtual (IPv6: link-local).  Family 0: none. */
struct addr view_source(const struct view *v);
int view_ifindex(const struct view *v);
/* Why this router cannot take part as far as the kernel goes; NULL: it can.
 * In a static buffer. */
const char *view_fault(const struct view *v);
/* The weights of tracked interfaces. */
int view_weight(const struct view *v);
bool view_holds_all(const struct view *v);
bool view_holds_any(const struct view *v);

#endif
