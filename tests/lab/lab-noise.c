/* lab-noise FILE: FILE holds two numbers, each the worst so far in whole
 * milliseconds.  WOKEN: how late this machine wakes a process that wants to run
 * every 2 ms; bounds of time are judged by it, see in_time in helpers.bash.
 * STILL: how long it takes to start and end a process, or to get the kernel's
 * lock for network changes (namespaces that go hold it), each tried every
 * 100 ms; a shell does little else.
 *
 * lab-noise -l: each time it was late by 5 ms or more, a line "T MS"; also
 * when that lock was not to be had for so long, tried every 20 ms. */
#include <fcntl.h>
#include <net/if.h>
#include <spawn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"

#define STEP  (2 * MSEC)
#define SLOW  (100 * MSEC)
#define LATE  5
#define WIDTH 8

enum field { WOKEN, STILL };

/* Of a fixed width, for each is another process's. */
static void put(int fd, enum field field, int64_t ms)
{
	char text[24], end = field == WOKEN ? ' ' : '\n';

	snprintf(text, sizeof text, "%7lld%c", (long long)ms, end);
	if (pwrite(fd, text, WIDTH, field * WIDTH) != WIDTH)
		die("write");
}

static void put_worst(int fd, enum field field, int64_t *worst, int64_t ms)
{
	if (ms <= *worst)
		return;
	*worst = ms;
	put(fd, field, ms);
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

static int lock_socket(void)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		die("socket");
	return sock;
}

/* Makes lo what it is. */
static int64_t time_lock(int sock)
{
	struct ifreq r = { .ifr_name = "lo" };
	int64_t t;

	if (ioctl(sock, SIOCGIFFLAGS, &r))
		die("lo");
	t = lab_now(CLOCK_MONOTONIC);
	if (ioctl(sock, SIOCSIFFLAGS, &r))
		die("lo");
	return since(t);
}

static int64_t time_process(void)
{
	char name[] = "true", *args[] = { name, NULL };
	int64_t t = lab_now(CLOCK_MONOTONIC);
	pid_t pid;

	if (posix_spawnp(&pid, name, NULL, NULL, args, NULL))
		die(name);
	waitpid(pid, NULL, 0);
	return since(t);
}

static void list_all(void)
{
	int64_t next = lab_now(CLOCK_MONOTONIC);
	int sock;

	if (unshare(CLONE_NEWNET))
		die("unshare");
	sock = lock_socket();
	for (int i = 0; !lab_stopped; i++) {
		list(since(next));
		if (i % 10 == 0)
			list(time_lock(sock));
		next = lab_now(CLOCK_MONOTONIC) + STEP;
		lab_poll(NULL, 0, next);
	}
}

static void keep_woken(int fd)
{
	int64_t worst = 0, next = lab_now(CLOCK_MONOTONIC);

	while (!lab_stopped) {
		put_worst(fd, WOKEN, &worst, since(next));
		next = lab_now(CLOCK_MONOTONIC) + STEP;
		lab_poll(NULL, 0, next);
	}
}

static void keep_still(int fd)
{
	int64_t worst = 0;
	int sock = lock_socket();

	while (!lab_stopped) {
		put_worst(fd, STILL, &worst, time_lock(sock));
		put_worst(fd, STILL, &worst, time_process());
		lab_poll(NULL, 0, lab_now(CLOCK_MONOTONIC) + SLOW);
	}
}

static void keep_worst(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		die(file);
	put(fd, WOKEN, 0);
	put(fd, STILL, 0);
	switch (fork()) {
	case -1:
		die("fork");
	case 0:
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		keep_still(fd);
		break;
	default:
		keep_woken(fd);
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
