/* follow: lines of health move servers in and out. */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "options.h"

/* An exit code. */
int follow(struct options *o);

#endif
