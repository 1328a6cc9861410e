/* apply: the kernel's table becomes that on stdin by the fewest edits. */
#ifndef APPLY_H
#define APPLY_H

#include "options.h"

/* An exit code. */
int apply(struct options *o);

#endif
