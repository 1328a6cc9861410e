/* vip-bind follow: lines in, addresses bound and announced, lines out. */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "options.h"

/* Returns the exit code. */
int follow(const struct options *o);

#endif
