/* VRRP on the wire: version 2 (RFC 3768, RFC 2338 for passwords) and
 * version 3 (RFC 5798, RFC 9568), IPv4 and IPv6.
 *
 * Decoding finds every fault of a packet, not only the first: each is a bit.
 * The enum is in the order in which a receiver should look (structure first,
 * local policy last), so that the lowest bit is the reason to report. */
#ifndef VRRP_H
#define VRRP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

#define VRRP_PROTO	112
#define VRRP_TTL	255
#define VRRP_ADVERT	1 /* the only type */
#define VRRP_HDR_LEN	8
#define VRRP_AUTH_LEN	8
#define VRRP_VIPS_MAX	255
#define VRRP_PRIO_OWNER 255
#define VRRP_PRIO_STOP	0
#define VRRP_LEN_MAX	(VRRP_HDR_LEN + 16 * VRRP_VIPS_MAX)
#define VRRP_CS_MAX	4095 /* 12 bits of centiseconds */

#define VRRP_AUTH_NONE 0
#define VRRP_AUTH_PASS 1
#define VRRP_AUTH_AH   2

/* Why a packet is wrong.  X(name, word on the line) */
#define VRRP_FAULTS(X)                                                         \
	X(OK, "ok")                                                            \
	X(IP_HEADER, "bad-ip-header")	   /* RFC 791 */                       \
	X(CARP, "carp")			   /* shares protocol and group */     \
	X(SHORT, "truncated")		   /* under 8 bytes */                 \
	X(TTL, "bad-ttl")		   /* 9568 5.1.1.3, 5.1.2.3 */         \
	X(VERSION, "bad-version")	   /* 7.1 */                           \
	X(TYPE, "bad-type")		   /* 5.2.2 */                         \
	X(VRID, "other-vrid")		   /* 7.1; not ours, no fault */       \
	X(COUNT, "no-addresses")	   /* 5.2.5 */                         \
	X(LENGTH, "bad-length")		   /* 7.1 */                           \
	X(CHECKSUM, "bad-checksum")	   /* 5.2.8 */                         \
	X(AUTH_TYPE, "auth-type-mismatch") /* 3768 7.1 */                      \
	X(AUTH_DATA, "wrong-password")	   /* 2338 7.1 */                      \
	X(DESTINATION, "bad-destination")  /* neither the group nor us */      \
	X(OWN_SOURCE, "duplicate-source")  /* our own address */               \
	X(NOT_PEER, "not-a-peer")	   /* --peer, --allow */               \
	X(OWNER, "we-are-the-owner")	   /* 3768 7.1 */                      \
	X(INTERVAL, "interval-mismatch")   /* v2: 3768 7.1 */                  \
	X(INTERVAL_ZERO, "interval-zero")  /* v3: erratum 8301 */              \
	X(AUTH_HEADER, "bad-auth-header")  /* from here on: auth.h */          \
	X(UNSIGNED, "not-signed")                                              \
	X(STALE, "stale")                                                      \
	X(KEY, "unknown-key")                                                  \
	X(SIGNATURE, "bad-signature")                                          \
	X(REPLAY, "replayed")                                                  \
	/* From here on: said, yet the packet counts. */                       \
	X(INTERVAL_DIFFERS, "interval-differs") /* v3: 7.1 SHOULD log */       \
	X(INTERVAL_CAPPED, "interval-too-long") /* above --max-interval */     \
	X(ADDRESSES, "address-list-differs")	/* 7.1 MAY */                  \
	X(NOT_LINKLOCAL, "first-address-not-link-local") /* 5.2.9 */           \
	X(TWO_OWNERS, "two-owners")			 /* erratum 8298 */    \
	X(UNSIGNED_TAKEN, "not-signed-yet-accepted")

enum vrrp_fault {
#define X(name, word) VF_##name,
	/* clang-format off */
	VRRP_FAULTS(X)
#undef X
	VF_N
	/* clang-format on */
};

#define VRRP_BIT(fault) (1u << VF_##fault)
/* The faults with which a packet still counts. */
#define VRRP_NOTICES                                                           \
	(VRRP_BIT(INTERVAL_DIFFERS) | VRRP_BIT(INTERVAL_CAPPED) |              \
		VRRP_BIT(ADDRESSES) | VRRP_BIT(NOT_LINKLOCAL) |                \
		VRRP_BIT(TWO_OWNERS) | VRRP_BIT(UNSIGNED_TAKEN))

/* "bad-checksum" and so on. */
const char *vrrp_fault_str(enum vrrp_fault f);
/* The first fault of a set for which a packet is refused; else VF_OK. */
enum vrrp_fault vrrp_refusal(uint32_t faults);

/* Which of the checksums fits; v3 over IPv4 has two in use (RFC 5798 and
 * RFC 9568 read 5.2.8 differently).  Both can fit by chance. */
#define VRRP_SUM_PLAIN	1u /* the message alone */
#define VRRP_SUM_PSEUDO 2u /* with the pseudo-header */

/* What the IP layer says of a packet. */
struct vrrp_ip {
	struct addr src, dst;
	uint8_t ttl; /* or hop limit */
};

/* An advertisement.  In `vips` only count entries are set. */
struct vrrp_advert {
	uint8_t version;
	uint8_t type;
	uint8_t vrid;
	uint8_t prio;
	uint8_t count;
	uint8_t auth_type;	     /* v2 */
	uint8_t auth[VRRP_AUTH_LEN]; /* v2 */
	uint16_t cs;		     /* interval in centiseconds, v2 too */
	uint32_t sums;		     /* VRRP_SUM_* that fit */
	const uint8_t *vips;	     /* in the packet; count * 4 or 16 bytes */
};

/* What a router compares with. */
struct vrrp_local {
	uint8_t version, vrid, prio;
	uint8_t auth_type;
	uint8_t auth[VRRP_AUTH_LEN];
	uint8_t min_ttl;	  /* 255, or less between unicast peers */
	uint16_t cs;		  /* own interval */
	uint16_t cs_max;	  /* ceiling on a learned interval */
	struct addr me;		  /* own source address */
	struct addr dst;	  /* the group; in unicast mode: me */
	const struct addr *peers; /* none: anybody */
	size_t npeers;
	const struct prefix *allow; /* none: anybody */
	size_t nallow;
	const struct prefix *vips;
	size_t nvips;
};

/* Takes the IPv4 header off a datagram as a raw socket delivers it.  Returns
 * VF_OK or VF_IP_HEADER; *payload points into buf, *len is by the total
 * length of the header, so that Ethernet padding does not count. */
enum vrrp_fault vrrp_peel4(struct vrrp_ip *ip, const uint8_t *buf, size_t size,
	const uint8_t **payload, size_t *len);

/* Decodes what can be decoded and returns the set of structural faults. */
uint32_t vrrp_decode(struct vrrp_advert *a, const struct vrrp_ip *ip,
	const uint8_t *payload, size_t len);
/* The same of a message with `tail` bytes behind it, which count for the
 * checksum over IPv6 alone. */
uint32_t vrrp_decode_tailed(struct vrrp_advert *a, const struct vrrp_ip *ip,
	const uint8_t *payload, size_t len, size_t tail);
/* The faults of a decoded packet in the eyes of one router; may be asked of
 * any packet, so that the first fault of both sets can be told. */
uint32_t vrrp_judge(const struct vrrp_local *me, const struct vrrp_ip *ip,
	const struct vrrp_advert *a);

/* What to send. */
struct vrrp_out {
	uint8_t version, vrid, prio;
	uint8_t auth_type;
	uint8_t auth[VRRP_AUTH_LEN];
	uint16_t cs;
	uint32_t sum; /* VRRP_SUM_PLAIN or VRRP_SUM_PSEUDO, for v3 over IPv4 */
	struct addr src, dst;
	const struct prefix *vips;
	size_t nvips;
};

/* Writes the message; returns its length, 0 when it does not fit. */
size_t vrrp_encode(void *buf, size_t size, const struct vrrp_out *o);
/* The group of a family: 224.0.0.18 or ff02::12 (9568 5.1). */
struct addr vrrp_group(int family);

#endif
