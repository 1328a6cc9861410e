/* The table of the kernel's virtual server (IPVS) as data: services, their
 * destinations, timeouts and sync daemons.  A table has fixed room and finds
 * by hash; entries are named by index and stay where they are, a removed one
 * is marked as gone.  Ports are in host order. */
#ifndef IPVS_H
#define IPVS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

#define IPVS_SVCS     16384
#define IPVS_DESTS    262144
#define IPVS_NAME_LEN 16 /* scheduler, persistence engine, interface; NUL */
#define IPVS_NONE     UINT32_MAX

#define IPVS_TCP  6
#define IPVS_UDP  17
#define IPVS_SCTP 132

/* Service flags, as in <linux/ip_vs.h>. */
#define IPVS_PERSISTENT 0x01
#define IPVS_ONEPACKET	0x04
#define IPVS_SCHED1	0x08 /* sh-fallback, mh-fallback */
#define IPVS_SCHED2	0x10 /* sh-port, mh-port */
#define IPVS_SCHED3	0x20
#define IPVS_SCHED_ALL	(IPVS_SCHED1 | IPVS_SCHED2 | IPVS_SCHED3)
#define IPVS_FLAGS	(IPVS_PERSISTENT | IPVS_ONEPACKET | IPVS_SCHED_ALL)

enum ipvs_fwd { IPVS_MASQ, IPVS_LOCAL, IPVS_TUNNEL, IPVS_ROUTE, IPVS_BYPASS };
enum ipvs_tun { IPVS_IPIP, IPVS_GUE, IPVS_GRE };
#define IPVS_TUN_CSUM	 1
#define IPVS_TUN_REMCSUM 2

enum ipvs_stat {
	IPVS_CONNS,
	IPVS_INPKTS,
	IPVS_OUTPKTS,
	IPVS_INBYTES,
	IPVS_OUTBYTES,
	IPVS_CPS,
	IPVS_INPPS,
	IPVS_OUTPPS,
	IPVS_INBPS,
	IPVS_OUTBPS,
	IPVS_STATS
};

struct ipvs_svc {
	struct addr addr; /* with a mark only the family */
	uint8_t proto;	  /* 0 with a mark */
	uint16_t port;
	uint32_t fwmark; /* 0: none */
	/* So far the key; what follows can be edited. */
	char sched[IPVS_NAME_LEN];
	char pe[IPVS_NAME_LEN];
	uint32_t flags;
	uint32_t timeout; /* of persistence, seconds */
	uint32_t netmask; /* IPv4: network order; IPv6: prefix length */
	/* The table's. */
	bool gone;
	uint32_t next;	      /* in the bucket, from 1 */
	uint32_t first, last; /* destinations, IPVS_NONE */
	uint64_t stats[IPVS_STATS];
};

struct ipvs_dest {
	struct addr addr;
	uint16_t port;
	/* So far the key. */
	uint8_t fwd, tun_type;
	uint16_t tun_port, tun_flags;
	uint32_t weight, upper, lower;
	/* The table's. */
	bool gone;
	uint32_t svc;
	uint32_t next;	  /* in the bucket, from 1 */
	uint32_t sibling; /* IPVS_NONE */
	uint32_t active, inactive, persist;
	uint64_t stats[IPVS_STATS];
};

struct ipvs_timeouts {
	bool told;
	uint32_t tcp, fin, udp; /* seconds; to be set: 0 is as it was */
};

enum ipvs_role { IPVS_OFF, IPVS_MASTER, IPVS_BACKUP };

struct ipvs_daemon {
	enum ipvs_role role;
	char ifname[IPVS_NAME_LEN];
	uint8_t syncid;
	uint16_t maxlen;   /* 0: not told, and so on */
	struct addr group; /* family 0 */
	uint16_t port;
	uint8_t ttl;
};

struct ipvs_table {
	uint32_t nsvcs, ndests;
	struct ipvs_timeouts timeouts;
	struct ipvs_daemon daemons[2]; /* master, backup; role off: not there */
	struct ipvs_svc svcs[IPVS_SVCS];
	struct ipvs_dest dests[IPVS_DESTS];
	uint32_t svc_hash[IPVS_SVCS * 2];
	uint32_t dest_hash[IPVS_DESTS * 2];
};

/* Empties it; a zeroed one is empty. */
void ipvs_reset(struct ipvs_table *t);
/* The index of what has this key and is not gone, or IPVS_NONE. */
uint32_t ipvs_find_svc(const struct ipvs_table *t, const struct ipvs_svc *s);
uint32_t ipvs_find_dest(
	const struct ipvs_table *t, uint32_t svc, const struct ipvs_dest *d);
/* Adds what is not there; IPVS_NONE: no room. */
uint32_t ipvs_put_svc(struct ipvs_table *t, const struct ipvs_svc *s);
uint32_t ipvs_put_dest(
	struct ipvs_table *t, uint32_t svc, const struct ipvs_dest *d);
/* A service goes with its destinations. */
void ipvs_drop_svc(struct ipvs_table *t, uint32_t svc);
void ipvs_drop_dest(struct ipvs_table *t, uint32_t dest);
/* The next that is not gone, from `at` on; IPVS_NONE at the end. */
uint32_t ipvs_next_svc(const struct ipvs_table *t, uint32_t at);
uint32_t ipvs_first_dest(const struct ipvs_table *t, uint32_t svc);
uint32_t ipvs_next_dest(const struct ipvs_table *t, uint32_t dest);

/* Same settings?  What is without effect is not compared: timeout and mask of
 * a service that is not persistent, tunnel options where there is none. */
bool ipvs_svc_equal(const struct ipvs_svc *a, const struct ipvs_svc *b);
bool ipvs_dest_equal(const struct ipvs_dest *a, const struct ipvs_dest *b);
bool ipvs_daemon_equal(
	const struct ipvs_daemon *a, const struct ipvs_daemon *b);

/* Indexes in the order of a listing, into room for all; returns how many. */
size_t ipvs_sort_svcs(
	const struct ipvs_table *t, uint32_t *order, uint32_t *spare);
size_t ipvs_sort_dests(const struct ipvs_table *t, uint32_t svc,
	uint32_t *order, uint32_t *spare);

#endif
