/* ICMP echo (RFC 792, RFC 4443). */
#ifndef ECHO_H
#define ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ECHO_LEN 16 /* header, and 8 bytes that must come back */

struct echo {
	uint16_t id, seq;
	uint64_t cookie;
};

/* The request of a family.  The kernel writes the checksum of ICMPv6. */
void echo_request(uint8_t buf[ECHO_LEN], int family, const struct echo *e);

enum echo_verdict {
	ECHO_FOREIGN,	  /* not an answer to ours: wait on */
	ECHO_REPLY,	  /* the answer */
	ECHO_UNREACHABLE, /* a router or the host says so */
};

/* Judges what a socket got: ip_header says that an IPv4 header comes first (a
 * raw socket), any_id that the kernel has chosen the id (a ping socket). */
enum echo_verdict echo_judge(const struct echo *e, int family, bool ip_header,
	bool any_id, const void *data, size_t n);

#endif
