/* lab-noise FILE: how late this machine wakes a process that wants to run every
 * 2 ms: the worst so far, in whole milliseconds, is what FILE holds.  Bounds of
 * time are judged against it; see in_time in helpers.bash.
 * lab-noise -l: each time it was late by 5 ms or more, a line "T MS"; also when
 * the kernel's lock for network changes, which it takes every 20 ms on a lo of
 * its own, was not to be had for so long: namespaces that go hold it. */
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

#define STEP (2 * MSEC)
#define LATE 5

static void put(int fd, int64_t ms)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%lld\n", (long long)ms);

	/* it only grows, so no reader sees the tail of a longer number */
	if (pwrite(fd, text, (size_t)n, 0) != n)
		die("write");
}

/* Milliseconds since then, rounded up. */
static int64_t since(int64_t then)
{
	return (lab_now(CLOCK_MONOTONIC) - then + MSEC - 1) / MSEC;
}

static void list(int64_t ms)
{
	if (ms < LATE)
		return;
	printf(T_FMT " %lld\n", T_ARG(lab_now(CLOCK_REALTIME)), (long long)ms);
	fflush(stdout);
}

static int64_t time_lock(int sock)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int64_t t = lab_now(CLOCK_MONOTONIC);

	if (ioctl(sock, SIOCSIFFLAGS, &r))
		die("lo");
	return since(t);
}

static void list_all(void)
{
	int64_t next = lab_now(CLOCK_MONOTONIC);
	int sock;

	if (unshare(CLONE_NEWNET))
		die("unshare");
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		die("socket");
	for (int i = 0; !lab_stopped; i++) {
		list(since(next));
		if (i % 10 == 0)
			list(time_lock(sock));
		next = lab_now(CLOCK_MONOTONIC) + STEP;
		lab_poll(NULL, 0, next);
	}
}

static void keep_worst(const char *file)
{
	int64_t worst = 0, next;
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		die(file);
	put(fd, 0);
	next = lab_now(CLOCK_MONOTONIC);
	while (!lab_stopped) {
		int64_t late = since(next);

		if (late > worst) {
			worst = late;
			put(fd, worst);
		}
		next = lab_now(CLOCK_MONOTONIC) + STEP;
		lab_poll(NULL, 0, next);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 100;
	lab_catch_stop();
	if (strcmp(argv[1], "-l") == 0)
		list_all();
	else
		keep_worst(argv[1]);
	return 0;
}
