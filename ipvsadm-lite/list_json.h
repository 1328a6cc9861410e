/* -L --json: the whole table, or the service that was loaded. */
#ifndef LIST_JSON_H
#define LIST_JSON_H

#include "session.h"

/* An exit code. */
int list_json(const struct session *s, bool one);

#endif
