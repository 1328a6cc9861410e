/* Neighbour Discovery for IPv6 (RFC 4861, RFC 4862) over Ethernet:
 * unsolicited advertisements and solicitations for an address that nobody
 * should have yet, as whole frames. */
#ifndef NA_H
#define NA_H

#include <stddef.h>

#include "addr.h"
#include "eth.h"

#define ND_SOLICIT   135
#define ND_ADVERTISE 136

#define NA_ROUTER    0x80000000u
#define NA_SOLICITED 0x40000000u
#define NA_OVERRIDE  0x20000000u

struct nd {
	uint8_t type;	/* ND_* */
	uint32_t flags; /* NA_* */
	struct addr src, target;
	bool has_mac;	      /* the target's was told */
	uint8_t mac[MAC_LEN]; /* of the target if told, else of the frame */
};

/* Unsolicited advertisement from ip to all nodes: ip is at mac.  `router`
 * must say whether this host forwards: receivers drop their default route
 * through a neighbour that ceased to be a router. */
void na_announce(struct frame *f, const struct addr *ip,
	const uint8_t mac[MAC_LEN], bool router);
/* Who has ip?  From ::, as in duplicate address detection. */
void na_probe(
	struct frame *f, const struct addr *ip, const uint8_t mac[MAC_LEN]);
/* False for what is no valid NS or NA (RFC 4861 7.1.1, 7.1.2). */
bool nd_decode(struct nd *n, const void *frame, size_t len);
/* The same of the ICMPv6 message alone; src and mac are the caller's, and the
 * hop limit of 255 is the caller's to check. */
bool nd_decode_icmp(
	struct nd *n, const struct addr *dst, const uint8_t *p, size_t len);
/* Does n show that another host than mac uses ip or is about to? */
bool nd_conflicts(
	const struct nd *n, const struct addr *ip, const uint8_t mac[MAC_LEN]);
/* The Ethernet group of ip's solicited-node group. */
void na_solicited_mac(uint8_t group[MAC_LEN], const struct addr *ip);

#endif
