/*
 * lab-guard PID NETNS CMD... - run CMD when process PID is gone.
 *
 * Goes to the background at once and waits in the network namespace NETNS
 * (a path), where taking the lab down finds and ends it; CMD runs in the
 * namespace we came from, with NETNS still open so that its inode number
 * stays its own.  The process is held by a pidfd, so that neither SIGKILL
 * nor the reuse of its number is missed.
 */
#include <fcntl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "lab.h"

static void enter(int ns)
{
	if (ns < 0 || setns(ns, CLONE_NEWNET))
		die("lab-guard: netns");
}

int main(int argc, char **argv)
{
	struct pollfd p = { .events = POLLIN };
	int home, lab;

	if (argc < 4) {
		fprintf(stderr, "usage: lab-guard PID NETNS CMD...\n");
		return 2;
	}
	prctl(PR_SET_NAME, "lab-guard");
	close_range(3, ~0U, 0);
	p.fd = pidfd_open((pid_t)lab_number(argv[1], 1, INT32_MAX), 0);
	if (p.fd < 0)
		die("lab-guard: owner");
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	lab = open(argv[2], O_RDONLY);
	enter(lab);
	if (daemon(0, 0))
		die("daemon");
	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
	close(p.fd);
	enter(home);
	execvp(argv[3], argv + 3);
	die(argv[3]);
}
