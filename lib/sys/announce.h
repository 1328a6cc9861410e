/* What the neighbours are told about an address, whatever its family. */
#ifndef ANNOUNCE_H
#define ANNOUNCE_H

#include "addr.h"
#include "eth.h"

/* A gratuitous ARP or an unsolicited NA.  reply: as in arp.h, for IPv4;
 * router: as in na.h, for IPv6. */
void announce_frame(struct frame *f, const struct addr *a,
	const uint8_t mac[MAC_LEN], bool reply, bool router);
/* Does this host forward IPv6 that comes in by this link? */
bool link_forwards6(const char *ifname);

/* NULL, or why no host can have the address. */
const char *addr_unfit(const struct addr *a);

#endif
