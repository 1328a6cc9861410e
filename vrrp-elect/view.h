/* What this kernel says of a router's interface and addresses, gathered from
 * rtnetlink events (lib/sys/nlmon.h). */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>

#include "config.h"
#include "nlmon.h"

#define VIEW_ADDRS_MAX 64

struct view {
	const struct router_cfg *cfg;
	int ifindex; /* 0: there is no such interface */
	unsigned flags;
	struct prefix addrs[VIEW_ADDRS_MAX]; /* on it, in kernel order */
	size_t naddrs;
	int vip_on[VRRP_VIPS_MAX]; /* the interface that has it; 0: none */
	struct {
		int ifindex;
		bool usable;
	} track_ifs[TRACK_IF_MAX];
};

void view_init(struct view *v, const struct router_cfg *cfg);
void view_link(struct view *v, const struct nl_link *l, bool gone);
void view_addr(struct view *v, const struct nl_ifaddr *a, bool gone);

/* The address to send from: --source once the interface has it; else its
 * first one that is not virtual (IPv6: link-local).  Family 0: none. */
struct addr view_source(const struct view *v);
/* Why this router cannot take part as far as the kernel goes; NULL: it can.
 * In a static buffer. */
const char *view_fault(const struct view *v);
/* The weights of tracked interfaces. */
int view_weight(const struct view *v);
bool view_holds_all(const struct view *v);
bool view_holds_any(const struct view *v);

#endif
