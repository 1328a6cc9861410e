/* The helper that runs the commands of exec: targets.  Each has a process
 * group of its own, /dev/null as stdin and a deadline at which the group gets
 * TERM and, a little later, KILL; whatever it leaves behind in its group when
 * it ends is killed too. */
#ifndef RUNNER_H
#define RUNNER_H

#include <stdint.h>

#include "check.h"

#define RUNNER_MAX   1024 /* commands at once, whatever is asked for */
#define RUNNER_WORDS 64
#define RUNNER_TEXT  8192
#define RUNNER_GRACE (US_PER_S / 2) /* between TERM and KILL */

/* A command: words and environment as NUL-terminated strings. */
struct runner_job {
	uint64_t token;
	int64_t timeout;
	uint32_t nwords, nenv;
	char text[RUNNER_TEXT];
};

enum runner_end { RUNNER_EXIT, RUNNER_SIGNAL, RUNNER_LATE, RUNNER_NOEXEC };

struct runner_result {
	uint64_t token;
	enum runner_end end;
	int value;	   /* exit code, signal or errno */
	char say[SAY_LEN]; /* the first line of output */
};

/* The body for helper_start(). */
void runner(int fd);

#endif
