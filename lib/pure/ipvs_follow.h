/* Health moves servers: all decisions of `ipvsadm-lite follow`, without I/O.
 *
 * Subjects say that a server (an address, mostly with a port) is up or down; a
 * server is down while one of its subjects says so, and unknown, which is as
 * good as up, until one says something.  The configuration is a table: read
 * from a file, or what others keep in the kernel, less what we did to it
 * (follow_refresh).  follow_want() makes the table that the kernel should have
 * now, to be compared with what it has: so whatever happened in between, the
 * next turn mends it.
 *
 * A service is up while the weights of its live servers sum up to the quorum.
 * Nothing allocates; durations are microseconds. */
#ifndef IPVS_FOLLOW_H
#define IPVS_FOLLOW_H

#include "ipvs.h"
#include "mono.h"

#define FOLLOW_SVCS	1024 /* that can be named */
#define FOLLOW_MAPS	1024
#define FOLLOW_SUBJECTS 16384
#define FOLLOW_SERVERS	(FOLLOW_SUBJECTS * 2)
#define FOLLOW_NAME_LEN 256
#define FOLLOW_STEPS	20 /* of a slow start */

struct follow_cfg {
	uint32_t quorum, hysteresis;
	bool remove;	    /* a server that is down, instead of weight 0 */
	uint32_t weight;    /* what weight 0 in the table means; 0: just that */
	int64_t slow_start; /* 0: none */
	struct ipvs_dest sorry; /* no address: none */
	bool sorry_fwd; /* its method was told, else that of the others */
};

/* SUBJECT is about this server. */
struct follow_map {
	const char *name;
	struct addr addr;
	uint16_t port;
	bool port_told;
};

struct follow_subject {
	char name[FOLLOW_NAME_LEN];
	uint32_t next; /* in the bucket, from 1 */
	bool known, up, port_told;
	struct addr addr;
	uint16_t port;
};

enum follow_kind {
	FOLLOW_EXACT, /* address and port */
	FOLLOW_ADDR,  /* all ports: no port was told */
	FOLLOW_ANY,   /* whatever port, for destinations without one */
};

struct follow_server {
	struct addr addr;
	uint16_t port;
	enum follow_kind kind;
	uint32_t next;
	uint32_t up, down; /* subjects */
	bool weight_told;
	uint32_t weight;
	struct mono since; /* came back from being down */
	bool returned;
};

struct follow_dest {
	bool ours;	    /* what the kernel has is our doing */
	bool removed;	    /* by us */
	uint32_t set, prev; /* weights we gave it */
};

struct follow_svc {
	bool known, up;
	bool told;     /* the present state was written out: the caller's */
	uint64_t live; /* sum of weights */
	uint32_t servers, up_servers;
};

struct follow {
	struct follow_cfg cfg;
	struct ipvs_table *conf; /* the caller's */
	bool all_down;
	struct mono next; /* of slow starts; MONO_NEVER */
	uint32_t nsubjects, nservers;
	struct follow_dest dests[IPVS_DESTS]; /* by index in conf */
	struct follow_svc svcs[IPVS_SVCS];
	struct follow_subject subjects[FOLLOW_SUBJECTS];
	struct follow_server servers[FOLLOW_SERVERS];
	uint32_t subject_hash[FOLLOW_SUBJECTS];
	uint32_t server_hash[FOLLOW_SERVERS];
};

/* f is zeroed. */
void follow_init(struct follow *f, const struct follow_cfg *cfg,
	struct ipvs_table *conf);
/* The configuration was read anew. */
void follow_reread(struct follow *f);
/* Index of a subject, made when new; -1: no room, or the name is too long. */
int follow_subject(struct follow *f, const char *name);
/* Its newest line.  weight NULL: not told. */
void follow_line(struct follow *f, int subject, bool up, const struct addr *a,
	uint16_t port, bool port_told, const uint32_t *weight, struct mono now);
/* The kernel's table is the configuration: takes over what others did, in the
 * services of `only` (NULL: all).  False: no more room. */
bool follow_refresh(struct follow *f, const struct ipvs_table *have,
	const struct ipvs_table *only);
/* Counts, decides on each quorum, and writes the table that should be.
 * False: no room. */
bool follow_want(struct follow *f, struct ipvs_table *want, struct mono now);

#endif
