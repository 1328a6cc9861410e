/* What vrrp-elect gives up once its sockets are open (DESIGN 3.1). */
#ifndef GIVE_UP_H
#define GIVE_UP_H

#include <sys/types.h>

#include "config.h"

/* prog: the child that may be signalled; 0: none.  Dies 111. */
void give_up(const struct options *o, pid_t prog);

#endif
