#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "realtime.h"

#define PRIORITY 50
#define BURST	 200000 /* us without a wait */

int realtime(const char **what)
{
	const struct sched_param sp = { .sched_priority = PRIORITY };
	const struct rlimit guard = { BURST, 2 * BURST };

	*what = "RLIMIT_RTTIME";
	if (setrlimit(RLIMIT_RTTIME, &guard))
		return -errno;
	*what = "SCHED_FIFO";
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &sp))
		return -errno;
	*what = "mlockall";
	return mlockall(MCL_CURRENT | MCL_FUTURE) ? -errno : 0;
}
