/* hcheck without --every: all targets at once, and their verdict. */
#ifndef ONCE_H
#define ONCE_H

#include "options.h"

/* Returns the exit code. */
int once(struct options *o);

#endif
