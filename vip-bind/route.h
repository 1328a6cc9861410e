/* --route: in the words of ip-route(8). */
#ifndef ROUTE_H
#define ROUTE_H

#include "nladdr.h"

/* PREFIX|default [via A] [src A] [metric N] [table N] [onlink].  NULL, or what
 * is wrong with it. */
const char *route_parse(struct nlroute_spec *r, const char *text);

#endif
