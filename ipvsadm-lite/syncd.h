/* syncd: the kernel's sync daemon in the role that the lines tell. */
#ifndef SYNCD_H
#define SYNCD_H

#include "options.h"

/* An exit code. */
int syncd(struct options *o);

#endif
