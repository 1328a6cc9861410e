/* Between the loop and exec: probes. */
#ifndef EXEC_H
#define EXEC_H

#include "probe.h"
#include "runner.h"

/* The runner's socket. */
extern int exec_fd;

/* What the runner says of the command of a probe. */
void exec_result(struct probe *p, const struct runner_result *r);

#endif
