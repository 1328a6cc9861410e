/* -L and -S. */
#ifndef LIST_H
#define LIST_H

#include "session.h"

/* Each returns an exit code. */
int list(struct session *s, const struct ipvs_cmd *c);
int list_save(struct session *s, const struct ipvs_cmd *c);

#endif
