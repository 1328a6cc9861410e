/* Names of hosts and services, for --resolve. */
#ifndef NAMES_H
#define NAMES_H

#include "ipvs_cmd.h"

extern const struct ipvs_names names_lookup;
/* For struct ipvs_list: ADDR:PORT in words where there are such. */
void names_put(void *arg, struct txt *t, const struct addr *a, uint16_t port,
	uint8_t proto);

#endif
