/* What a captured frame is, every field of it, and every way in which it is
 * wrong.  VRRP itself is decoded by vrrp.c; here is what surrounds it, what
 * shares its protocol number, and the judgement of one who belongs to no
 * group: only what is wrong in anybody's eyes. */
#ifndef DISSECT_H
#define DISSECT_H

#include "arp.h"
#include "layers.h"
#include "na.h"
#include "txt.h"

/* Faults beyond those of vrrp.h.  X(name, word).  The first are those of
 * layers.h, in its order. */
#define DIS_FAULTS(X)                                                          \
	X(CUT, "cut")                                                          \
	X(LINK, "bad-link-header")                                             \
	X(IP_VERSION, "bad-ip-version")                                        \
	X(IP_HLEN, "bad-ip-header-length")                                     \
	X(IP_LENGTH, "bad-ip-length")                                          \
	X(IP_SUM, "bad-ip-checksum")                                           \
	X(IP_OPTIONS, "ip-options")                                            \
	X(FRAGMENT, "fragment")                                                \
	X(EXT, "bad-extension-header")                                         \
	X(EXTS, "extension-headers")                                           \
	X(AH, "bad-ah")                                                        \
	X(SOURCE, "bad-source")                                                \
	X(GROUP_MAC, "wrong-group-mac")                                        \
	X(VMAC, "wrong-virtual-mac")                                           \
	X(FAMILY, "wrong-family")                                              \
	X(VRID_ZERO, "vrid-zero")                                              \
	X(AUTH_TYPE, "unknown-auth-type")                                      \
	X(AUTH_AH, "auth-without-ah")                                          \
	X(ADDRESS, "bad-address")                                              \
	X(TWICE, "address-twice")                                              \
	X(HMAC, "bad-hmac-trailer")                                            \
	/* From here on: worth saying, yet no fault. */                        \
	X(UNICAST, "unicast")                                                  \
	X(RESERVED, "reserved-bits")                                           \
	X(AUTH_DATA, "auth-data-not-zero")                                     \
	X(REAL_MAC, "real-mac")

enum dis_fault {
#define X(name, word) DF_##name,
	/* clang-format off */
	DIS_FAULTS(X)
#undef X
	DF_N
	/* clang-format on */
};

/* A set of faults: the bits of vrrp.h below, ours above.  That the capture is
 * cut is neither a fault nor a note. */
#define DIS_VF(name) (UINT64_C(1) << VF_##name)
#define DIS_DF(name) (UINT64_C(1) << (32 + DF_##name))
#define DIS_NOTES                                                              \
	(DIS_DF(IP_OPTIONS) | DIS_DF(EXTS) | DIS_DF(UNICAST) |                 \
		DIS_DF(RESERVED) | DIS_DF(AUTH_DATA) | DIS_DF(REAL_MAC))
#define DIS_WRONG (~(DIS_NOTES | DIS_DF(CUT)))

enum dis_kind {
	DIS_OTHER,	/* nothing of ours */
	DIS_UNREADABLE, /* cut or broken where it cannot be told any more */
	DIS_VRRP,
	DIS_CARP,
	DIS_FRAGMENT, /* a later fragment of VRRP */
	DIS_ARP,      /* gratuitous */
	DIS_NA,	      /* unsolicited */
	DIS_N
};

const char *dis_kind_str(enum dis_kind k);

/* Which checksum fits. */
enum dis_sum {
	SUM_UNKNOWN, /* the message is cut */
	SUM_NONE,
	SUM_PLAIN,  /* the message alone: v2, RFC 9568 for IPv4 */
	SUM_PSEUDO, /* with pseudo-header: RFC 5798, IPv6 */
	SUM_BOTH,   /* by chance */
	SUM_GROUP,  /* unicast, with the group in the pseudo-header */
	SUM_N
};

const char *dis_sum_str(enum dis_sum s);

enum dis_auth {
	DAUTH_NONE,
	DAUTH_PASS,
	DAUTH_AH,
	DAUTH_MD5,
	DAUTH_HMAC,
	DAUTH_OTHER
};

const char *dis_auth_str(enum dis_auth a);

#define HMAC_LEN      28
#define AUTH_TYPE_MD5 254 /* Cisco's */

/* draft-cassen-vrrp-auth-hmac-00 */
struct dis_hmac {
	uint8_t key_id;
	uint32_t sec;
	uint16_t frac, counter;
	const uint8_t *tag; /* 16 bytes; NULL: no trailer */
};

struct dis_carp {
	uint8_t vhid, advskew, authlen, demote, advbase;
	uint64_t counter;
};

struct dissect {
	enum dis_kind kind;
	size_t cap, wire; /* of the frame */
	struct layers l;
	uint64_t faults;
	struct vrrp_advert a;
	bool decoded;	/* the 8 bytes of the header were there */
	unsigned asize; /* bytes of an address */
	unsigned shown; /* addresses that are there, at a.vips */
	unsigned twice; /* number of the first that repeats another */
	uint8_t reserved;
	uint16_t sum, sum_plain, sum_pseudo; /* found; what each should be */
	enum dis_sum form;
	enum dis_auth auth;
	const uint8_t *auth_data; /* v2: what follows the addresses */
	size_t auth_len;
	struct dis_hmac hmac;
	struct dis_carp carp;
	struct arp arp;
	struct nd nd;
};

/* `now` of nothing is needed: one frame alone.  Reads `cap` bytes. */
void dissect(struct dissect *d, enum link_type t, const uint8_t *data,
	size_t cap, size_t wire);

/* The lowest fault of a set, which is then taken out; -1: none. */
int dis_fault_next(uint64_t *faults);
const char *dis_fault_str(int fault);
/* In words, with the figures of this packet. */
void dis_fault_words(struct txt *t, const struct dissect *d, int fault);

/* The VRID of a virtual MAC of the family; 0: it is none. */
uint8_t vmac_vrid(const uint8_t mac[MAC_LEN], int family);

#endif
