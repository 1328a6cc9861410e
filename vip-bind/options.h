/* What vip-bind was asked to do. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "holder.h"
#include "nladdr.h"
#include "sandbox.h"

#define ROUTES_MAX 64

enum verb { VERB_ADD, VERB_DEL, VERB_SHOW, VERB_FOLLOW, VERB_N };

struct options {
	enum verb verb;
	const char *ifname; /* NULL: from the lines */
	struct prefix addrs[HOLD_PER_SUBJECT];
	size_t naddrs; /* 0: from the lines */
	struct hold_cfg hold;
	struct nladdr_opts addr;
	struct nlroute_spec routes[ROUTES_MAX];
	size_t nroutes;
	uint8_t vmac;	       /* the VRID of --vmac; 0: not told */
	const char *vmac_name; /* of its interface; NULL: by the VRID */
	bool force, json;
	int words; /* 1: more, -1: fewer */
	int ready_fd;
	struct sandbox sandbox;
	char **prog; /* NULL: none */
};

/* Dies 100 on misuse; ends with 0 after --help and --version. */
void options_parse(struct options *o, int argc, char **argv);
/* An address as it comes on the command line or in a line.  NULL, or what is
 * wrong with it. */
const char *options_addr(struct prefix *p, const char *text);

#endif
