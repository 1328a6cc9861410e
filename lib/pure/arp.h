/* ARP over Ethernet for IPv4 (RFC 826): announcements and probes
 * (RFC 5227), as whole frames. */
#ifndef ARP_H
#define ARP_H

#include <stddef.h>

#include "addr.h"
#include "eth.h"

#define ARP_REQUEST 1
#define ARP_REPLY   2

struct arp {
	uint16_t op;
	struct addr spa, tpa;
	uint8_t sha[MAC_LEN], tha[MAC_LEN];
};

/* Gratuitous ARP, to all: ip is at mac.  A request with target hardware
 * address ff:ff:ff:ff:ff:ff, which updates all known receivers; or a reply
 * with mac as the target, for gear that learns from replies alone. */
void arp_announce(struct frame *f, const struct addr *ip,
	const uint8_t mac[MAC_LEN], bool reply);
/* Who has ip?  From 0.0.0.0, so that nobody's cache changes. */
void arp_probe(
	struct frame *f, const struct addr *ip, const uint8_t mac[MAC_LEN]);
/* False for what is no ARP for IPv4 over Ethernet. */
bool arp_decode(struct arp *a, const void *frame, size_t len);
/* The same of what follows the link header. */
bool arp_decode_payload(struct arp *a, const void *payload, size_t len);
/* Does a show that another host than mac uses ip or is about to? */
bool arp_conflicts(
	const struct arp *a, const struct addr *ip, const uint8_t mac[MAC_LEN]);

#endif
