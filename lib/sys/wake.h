/* To wake for a deadline that is to be met.  The kernel may let a sleeper in
 * poll(2) oversleep by a thousandth of his wait, by a 200th if he is nice: of
 * seconds that is milliseconds, of a wait that is not long (50 ms) nothing.  A
 * timer that poll(2) watches is exact, for a system call when it is set. */
#ifndef WAKE_H
#define WAKE_H

#include "mono.h"

struct wake {
	int fd;		/* to be watched for POLLIN when wake_set() says so */
	struct mono at; /* what the timer is set to, or was */
};

/* 0, or -errno. */
int wake_open(struct wake *w);
void wake_close(struct wake *w);
/* Before each wait: true, the timer is to be watched; it ends the wait at the
 * deadline, or earlier: one that was put off leaves it as it is, so that
 * whoever hears a Master often sets it seldom.  False, the wait is short or has
 * no end, and the timeout of poll(2) will do. */
bool wake_set(struct wake *w, struct mono deadline, struct mono now);

#endif
