/* `vrrp-elect resign`: one priority-0 advert, by hand or as the last will of
 * an elector that can no longer send its own (DESIGN 2.2). */
#ifndef RESIGN_H
#define RESIGN_H

#include "config.h"

/* Both return the exit code. */
int resign_once(struct options *o);
int resign_follow(struct options *o);

#endif
