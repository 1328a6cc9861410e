/* hcheck --every: probes for ever, and a line when a verdict changes. */
#ifndef MONITOR_H
#define MONITOR_H

#include "options.h"

/* Returns the exit code. */
int monitor(struct options *o);

#endif
