/* What garp was asked to do. */
#ifndef GARP_H
#define GARP_H

#include "addr.h"
#include "eth.h"
#include "mono.h"
#include "nlmon.h"
#include "sandbox.h"

#define GARP_ADDRS 1024

struct options {
	const char *ifname;
	bool probe, reply;
	bool mac_told;
	uint8_t mac[MAC_LEN];
	unsigned count;	  /* 0: the default */
	int64_t interval; /* -1: the default */
	struct sandbox sandbox;
	int words; /* 1: more, -1: fewer */
	size_t naddrs;
	struct addr addrs[GARP_ADDRS];
};

/* Dies 100 on misuse; ends with 0 after --help and --version. */
void garp_options(struct options *g, int argc, char **argv);

#endif
