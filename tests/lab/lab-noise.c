/* lab-noise FILE: how late this machine wakes a process that wants to run every
 * 2 ms: the worst so far, in whole milliseconds, is what FILE holds.  Bounds of
 * time are judged against it; see in_time in helpers.bash. */
#include <fcntl.h>
#include <unistd.h>

#include "lab.h"

#define STEP (2 * MSEC)

static void put(int fd, int64_t ms)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%lld\n", (long long)ms);

	/* it only grows, so no reader sees the tail of a longer number */
	if (pwrite(fd, text, (size_t)n, 0) != n)
		die("write");
}

int main(int argc, char **argv)
{
	int64_t worst = 0, next;
	int fd;

	if (argc != 2)
		return 100;
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		die(argv[1]);
	lab_catch_stop();
	put(fd, 0);
	next = lab_now(CLOCK_MONOTONIC);
	while (!lab_stopped) {
		int64_t late = lab_now(CLOCK_MONOTONIC) - next;

		if ((late + MSEC - 1) / MSEC > worst) {
			worst = (late + MSEC - 1) / MSEC;
			put(fd, worst);
		}
		next = lab_now(CLOCK_MONOTONIC) + STEP;
		lab_poll(NULL, 0, next);
	}
	return 0;
}
