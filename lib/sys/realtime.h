/* For a machine that is short of processor or memory. */
#ifndef REALTIME_H
#define REALTIME_H

/* SCHED_FIFO, all memory locked, and RLIMIT_RTTIME as a guard: a loop that
 * never waits is killed (SIGXCPU, SIGKILL) before it starves the machine.
 * Children do not inherit the scheduler.  0, or -errno and what failed. */
int realtime(const char **what);

#endif
