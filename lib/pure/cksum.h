/* The Internet checksum (RFC 1071) and the pseudo-headers of IPv4 (RFC 5798
 * 5.2.8, RFC 768) and IPv6 (RFC 8200 8.1). */
#ifndef CKSUM_H
#define CKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "addr.h"

/* Adds bytes to a running sum.  A piece of odd length may only be the last.
 * Sums of up to 64 kB cannot overflow. */
uint32_t cksum_add(uint32_t sum, const void *data, size_t len);
/* Adds the pseudo-header of a payload of `len` bytes of protocol `proto`. */
uint32_t cksum_pseudo(uint32_t sum, const struct addr *src,
	const struct addr *dst, uint8_t proto, size_t len);
/* The 16 bits for the header: 0 when the data held a right checksum. */
uint16_t cksum_fold(uint32_t sum);

#endif
