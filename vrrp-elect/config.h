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
	struct auth_cfg auth_cfg;    /* AH, HMAC */
	const char *auth_file;
	int auth_fd;	    /* of it, open; -1: none */
	int min_ttl;	    /* unicast; multicast is always 255 */
	bool ignore_link;   /* --dont-track-primary */
	bool vmac;	    /* the Master sends from the virtual MAC */
	struct addr source; /* family 0: choose */
	struct prefix vips[VRRP_VIPS_MAX];
	size_t nvips;
	struct addr peers[PEERS_MAX];
	size_t npeers;
	struct prefix allow[ALLOW_MAX];
	size_t nallow;
	struct track_if track_ifs[TRACK_IF_MAX];
	size_t ntrack_ifs;
	struct tracks tracks; /* as configured: none heard of yet */
};

enum command { CMD_ELECT, CMD_RESIGN, CMD_FOLLOW };

struct options {
	enum command command;
	struct router_cfg router;
	bool json;
	int64_t stuck;	  /* 0: do not ask */
	int64_t starting; /* the reader has so much more for its start */
	int ready_fd;	  /* -1: none */
	int verbose;	  /* -1 quiet, 0, 1 and more */
	struct sandbox sandbox;
	char **prog; /* after --; NULL: none */
};

/* Dies 100 on misuse, ends 0 after --help and --version. */
void options_parse(struct options *o, int argc, char **argv);
/* (Re-)reads the file of --auth, which stays open: once root is given up, a
 * file that only root may read can still be read again, if it was written and
 * not replaced.  NULL, or what is wrong, in a static buffer; then all is as it
 * was. */
const char *config_read_auth(struct router_cfg *c);
/* The IP protocol that adverts come and go by. */
int config_proto(const struct router_cfg *c);
void config_close(struct router_cfg *c);
/* Checks the whole and fills what follows from it: subject, timers that were
 * not told.  NULL, or what is wrong. */
const char *config_finish(struct router_cfg *c);

#endif
