/* What vip-bind gives up once its sockets are open: all but CAP_NET_ADMIN. */
#ifndef GIVE_UP_H
#define GIVE_UP_H

#include <sys/types.h>

#include "options.h"

/* prog: the child that may be signalled; 0: none.  Dies 111. */
void give_up(const struct options *o, pid_t prog);

#endif
