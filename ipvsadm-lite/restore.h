/* -R: lines on stdin, carried out one after the other; with --atomic all of
 * them or none. */
#ifndef RESTORE_H
#define RESTORE_H

#include "session.h"

/* An exit code. */
int restore(struct session *s, const struct ipvs_cmd *c);
/* -E and -e: what was not named is as it is now; an exit code. */
int restore_edit(struct session *s, struct ipvs_cmd *c, unsigned tag);

#endif
