/* What a router was told to be: the options of the command line, checked. */
#ifndef CONFIG_H
#define CONFIG_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "auth.h"
#include "elect.h"
#include "kept.h"
#include "sandbox.h"
#include "tracks.h"
#include "vrrp.h"

#define PEERS_MAX    128
#define ALLOW_MAX    64
#define TRACK_IF_MAX 16
#define SUBJECT_LEN  64

struct track_if {
	char name[IF_NAMESIZE];
	bool weighted;
	int weight;
};

struct router_cfg {
	char ifname[IF_NAMESIZE];
	char subject[SUBJECT_LEN];
	int family;
	uint8_t vrid;
	struct elect_cfg elect;
	uint32_t sum;  /* VRRP_SUM_*: what we send over IPv4 v3 */
	bool sum_told; /* else the Master's form is taken over */
	uint8_t auth_type;
	uint8_t auth[VRRP_AUTH_LEN]; /* the password */
	struct auth_cfg *auth_cfg;   /* AH, HMAC */
	struct kept auth_file;
	int min_ttl;	    /* unicast; multicast is always 255 */
	bool ignore_link;   /* --dont-track-primary */
	bool vmac;	    /* the Master sends from the virtual MAC */
	struct addr source; /* family 0: choose */
	struct prefix *vips;
	size_t nvips;
	struct addr *peers;
	size_t npeers;
	struct prefix *allow;
	size_t nallow;
	struct track_if *track_ifs;
	size_t ntrack_ifs;
	struct tracks tracks;
	const char *text; /* its line in the file; NULL: none */
};

/* Room for all that one router can be told, while it is told. */
struct cfg_room {
	struct prefix vips[VRRP_VIPS_MAX];
	struct auth_cfg auth_cfg;
	struct addr peers[PEERS_MAX];
	struct prefix allow[ALLOW_MAX];
	struct track_if track_ifs[TRACK_IF_MAX];
	struct track tracks[TRACKS_MAX];
};

enum command { CMD_ELECT, CMD_RESIGN, CMD_FOLLOW };

struct options {
	enum command command;
	struct router_cfg router; /* with a file: what holds for each of it */
	struct kept file;	  /* of many routers; path NULL: none */
	bool json;
	int64_t stuck; /* as told; 0: by the routers */
	int ready_fd;  /* -1: none */
	int verbose;   /* -1 quiet, 0, 1 and more */
	struct sandbox sandbox;
	char **prog;	       /* after --; NULL: none */
	struct cfg_room *room; /* router's; a mapping */
};

/* Into zeroes.  Dies 100 on misuse, 111 without memory, ends 0 after --help and
 * --version. */
void options_parse(struct options *o, int argc, char **argv);
/* Without a file: o->router has been copied, and is of no more use. */
void options_forget(struct options *o);
/* A router in the same words, on top of what o holds for each, into *line,
 * which has a room, and of which the router alone counts: argv[0] is its name.
 * NULL, or what is wrong, in a static buffer.  The file of --auth is not read.
 */
const char *options_line(
	const struct options *o, struct options *line, int argc, char **argv);

/* Points c to room, which holds as much as it says. */
void config_use(struct router_cfg *c, struct cfg_room *room);
/* A copy in one piece that is no larger than it must be, to be freed by
 * config_free(); the file of --auth, if open, is the copy's from now on.  NULL
 * without memory. */
struct router_cfg *config_copy(struct router_cfg *c, const char *text);
void config_free(struct router_cfg *c);
/* (Re-)reads the file of --auth, which stays open (kept.h).  NULL, or what is
 * wrong, in a static buffer; then all is as it was. */
const char *config_read_auth(struct router_cfg *c);
/* Do they hear the same packets, but for the VRID? */
bool config_same_ear(const struct router_cfg *a, const struct router_cfg *b);
/* May a running router of a become one of b without a new election? */
bool config_is_kin(const struct router_cfg *a, const struct router_cfg *b);
/* The IP protocol that adverts come and go by. */
int config_proto(const struct router_cfg *c);
/* Checks the whole and fills what follows from it: subject, timers that were
 * not told.  NULL, or what is wrong. */
const char *config_finish(struct router_cfg *c);

#endif
