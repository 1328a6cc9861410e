/* drain: a server gets no new connections, and goes when it has none left. */
#ifndef DRAIN_H
#define DRAIN_H

#include "options.h"

/* An exit code: 99 when it was removed because the time was over. */
int drain(struct options *o);

#endif
