#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chain.h"
#include "clock.h"
#include "die.h"
#include "sig.h"

char **chain_split(int *argc, char **argv)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		if (!argv[i + 1])
			die(EXIT_MISUSE, "--: no program follows");
		argv[i] = NULL;
		*argc = i;
		return argv + i + 1;
	}
	return NULL;
}

static _Noreturn void become(char **prog, int in)
{
	dup2(in, STDIN_FILENO);
	sig_restore();
	execvp(prog[0], prog);
	warn("%s: cannot be executed: %s", prog[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

pid_t chain_start(char **prog)
{
	int p[2];
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) != 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		become(prog, p[0]);
	close(p[0]);
	if (pid > 0) {
		fcntl(p[1], F_SETFL, O_WRONLY | O_NONBLOCK);
		dup3(p[1], STDOUT_FILENO, O_CLOEXEC);
	}
	close(p[1]);
	return pid < 0 ? -errno : pid;
}

/* 100 ends a service for good, so it outweighs all. */
static int weight(int code)
{
	return code == EXIT_MISUSE ? 300 : code == EXIT_SYSTEM ? 299 : code;
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SYSTEM;
}

/* True when the child has ended; waits at most `us`. */
static bool wait_child(int pidfd, int64_t us)
{
	struct mono now = mono_now(), until = mono_add(now, us);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int n;

	do {
		n = poll(&p, 1, mono_poll_ms(until, now));
		now = mono_now();
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

int chain_end(pid_t pid, int ours, int64_t patience)
{
	int pidfd, status = 0, theirs;
	bool lost = false;

	if (pid <= 0)
		return ours;
	close(STDOUT_FILENO);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd >= 0 && !wait_child(pidfd, patience)) {
		kill(pid, SIGTERM);
		kill(pid, SIGCONT);
		lost = !wait_child(pidfd, US_PER_S) && kill(pid, SIGKILL) != 0;
	}
	if (pidfd >= 0)
		close(pidfd);
	if (lost) /* another user's, since we gave up root: its input ended */
		return weight(ours) > weight(EXIT_SYSTEM) ? ours : EXIT_SYSTEM;
	if (waitpid(pid, &status, 0) != pid)
		return EXIT_SYSTEM;
	theirs = exit_code(status);
	return weight(theirs) > weight(ours) ? theirs : ours;
}
