/* The file of -f: a router a line, NAME and the words that the command line
 * has for it, quoted as in a shell; comments (#).  Without a file the command
 * line is the one line. */
#ifndef LINEUP_H
#define LINEUP_H

#include "config.h"

#define ROUTERS_MAX 4096

struct entry {
	struct router_cfg *cfg; /* NULL: the present one is right */
	size_t was; /* the present one of its name, from 1; 0: none */
	unsigned line;
};

struct lineup {
	struct entry *v;
	size_t n;
};

/* Reads it.  present: the configurations in use, by subject.  NULL, or what is
 * wrong, in a static buffer; then l is empty. */
const char *lineup_read(struct lineup *l, struct options *o,
	struct router_cfg *const *present, size_t n);
/* Configurations that nobody took (cfg is set still) go too. */
void lineup_free(struct lineup *l);
/* For qsort(3), of struct router_cfg *. */
int lineup_by_subject(const void *a, const void *b);

#endif
