/* Address Conflict Detection: does another host on the link use an address?
 * RFC 5227 for IPv4, after RFC 4862 5.4 for IPv6, with times of our own.  Works
 * on a link without any address. */
#ifndef ACD_H
#define ACD_H

#include <stddef.h>

#include "addr.h"
#include "eth.h"
#include "nlmon.h"

#define ACD_COUNT    3
#define ACD_INTERVAL (200 * US_PER_MS)
#define ACD_WAIT     US_PER_S /* after the last probe */

struct acd_target {
	struct addr addr;
	bool used;
	uint8_t mac[MAC_LEN]; /* by whom, if used */
};

/* Asks `count` times, `interval` apart, and waits; ends early when all are
 * used.  fd is a pktsock of the caller's for this alone; link_mute(l) is NULL.
 * 0 or -errno. */
int acd_run(int fd, const struct nl_link *l, struct acd_target *t, size_t n,
	unsigned count, int64_t interval);

#endif
