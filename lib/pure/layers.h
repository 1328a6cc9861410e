/* From a captured frame down to what IP carries: link header, VLAN tags, IPv4
 * with options and fragments, IPv6 with extension headers, AH.
 *
 * Peeling goes on past whatever is wrong as long as it can: each fault is a
 * bit, and what was understood before it stays in the struct. */
#ifndef LAYERS_H
#define LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eth.h"
#include "vrrp.h"

#define LAYERS_VLANS 4 /* tags; a frame with more is not looked into */
#define LAYERS_EXTS  8 /* extension headers; the same */

#define ETHERTYPE_V4  0x0800
#define ETHERTYPE_V6  0x86dd
#define ETHERTYPE_ARP 0x0806

#define PROTO_HOPOPT 0
#define PROTO_ROUTE  43
#define PROTO_FRAG   44
#define PROTO_AH     51
#define PROTO_ICMP6  58
#define PROTO_DSTOPT 60

enum link_type {
	LINK_ETHER,
	LINK_SLL,  /* Linux cooked v1 */
	LINK_SLL2, /* Linux cooked v2 */
	LINK_RAW,  /* begins with IP */
	LINK_NULL, /* loopback: family in the order of the capturing host */
	LINK_LOOP, /* the same in network order */
	LINK_N
};

/* By the number in a capture file or of libpcap.  False: not one of ours. */
bool link_type_of(int number, enum link_type *t);
const char *link_type_str(enum link_type t);

/* The faults of what is below VRRP; see dissect.h for the words. */
enum layer_fault {
	LF_CUT,	    /* the capture has not all of the packet */
	LF_LINK,    /* link header */
	LF_VERSION, /* of IP, not that of the link header */
	LF_HLEN,    /* IPv4 header length under 5 */
	LF_LENGTH,  /* total or payload length against header and frame */
	LF_SUM,	    /* IPv4 header checksum */
	LF_OPTIONS, /* IPv4 options there are */
	LF_FRAG,    /* a fragment */
	LF_EXT,	    /* extension header broken, or too many */
	LF_EXTS,    /* extension headers there are */
	LF_AH,	    /* AH broken */
	LF_N
};

#define LF_BIT(f) (1u << LF_##f)

struct layers {
	enum link_type link;
	bool has_src_mac, has_dst_mac;
	uint8_t src_mac[MAC_LEN], dst_mac[MAC_LEN];
	uint32_t ifindex;  /* SLL2 */
	uint8_t direction; /* SLL, SLL2: 0 to us, 1 all, 2 group, 3 others', 4
			      from us */
	unsigned nvlans;
	uint16_t vlan[LAYERS_VLANS]; /* priority, DEI, id; the outer first */
	uint16_t ethertype;	     /* of what is inside; 0: 802.3 or cut */
	size_t net;		     /* where the header of IP or ARP begins */

	int family;	   /* AF_INET, AF_INET6, 0: no IP */
	struct vrrp_ip ip; /* its family is 0 where the header is cut */
	uint8_t tos;	   /* or traffic class */
	uint32_t id;	   /* of the datagram or of the fragment; flow */
	uint32_t flow;	   /* IPv6 */
	uint16_t frag;	   /* offset in bytes */
	bool df, mf;
	uint16_t ip_len; /* total length, IPv6: payload length */
	uint16_t ip_sum; /* IPv4 */
	uint8_t hlen;	 /* IPv4, in 32-bit words */
	unsigned nexts;
	uint8_t ext[LAYERS_EXTS]; /* extension headers, AH among them */
	uint8_t proto;		  /* of the payload */
	bool proto_known;

	bool ah;
	uint8_t ah_len; /* as it is written */
	uint32_t spi, seq;
	const uint8_t *icv;
	size_t icv_len;

	const uint8_t *payload; /* of IP, of ARP; what was captured of it */
	size_t len;		/* by the IP header */
	size_t cap;		/* in the buffer: reads end here */
	uint32_t faults;	/* LF_BIT */
};

/* A frame of which `cap` of `wire` bytes are in `data`.  Reads nothing beyond
 * them. */
void layers_peel(struct layers *l, enum link_type t, const uint8_t *data,
	size_t cap, size_t wire);

#endif
