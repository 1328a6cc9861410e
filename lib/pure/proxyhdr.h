/* The header of the PROXY protocol, versions 1 and 2, that names the two ends
 * of a connection. */
#ifndef PROXYHDR_H
#define PROXYHDR_H

#include <stddef.h>

#include "addr.h"

#define PROXYHDR_MAX 108

struct proxyhdr {
	struct addr src, dst; /* of one family */
	uint16_t sport, dport;
};

/* version 1 or 2; returns the length. */
size_t proxyhdr(
	uint8_t buf[PROXYHDR_MAX], int version, const struct proxyhdr *h);

#endif
