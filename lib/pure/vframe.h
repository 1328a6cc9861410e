/* The virtual MAC of RFC 9568 7.3, and adverts as whole Ethernet frames that
 * bear it as their source. */
#ifndef VFRAME_H
#define VFRAME_H

#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "eth.h"

#define VFRAME_HEAD (14 + 40) /* room in front of a payload */
/* What a payload may have so that the frame is one of 1500 bytes. */
#define VFRAME_PAYLOAD (1500 - 40)

struct vframe {
	uint8_t mac[MAC_LEN];
	struct addr src, dst; /* dst is a group */
	uint8_t proto;
	uint16_t id; /* of IPv4; 0: never to be fragmented (RFC 6864) */
};

/* 00-00-5E-00-01-VRID, for IPv6 00-00-5E-00-02-VRID. */
void vmac_of(uint8_t mac[MAC_LEN], int family, uint8_t vrid);
/* Writes Ethernet and IP headers in front of a payload, which has VFRAME_HEAD
 * bytes of room there.  TTL 255, TOS 0xc0.  Returns how many. */
size_t vframe_wrap(uint8_t *payload, size_t len, const struct vframe *f);

#endif
