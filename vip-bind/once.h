/* vip-bind add, del and show: one edit or look, and an exit code. */
#ifndef ONCE_H
#define ONCE_H

#include "options.h"

/* Each returns the exit code, or dies 111 having changed nothing. */
int once_add(const struct options *o);
int once_del(const struct options *o);
int once_show(const struct options *o);

#endif
