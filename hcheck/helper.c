#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"

void (*helper_confine)(void);

/* Our pipes must not be held open by a helper, or their readers would not see
 * the end.  A terminal's ^C is for the parent to act upon. */
static _Noreturn void become(void (*body)(int fd), int fd)
{
	static const int quiet[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };
	int null;

	close_range(3, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0U, 0);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++)
		signal(quiet[i], SIG_IGN);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	if (helper_confine)
		helper_confine();
	body(fd);
	_exit(0);
}

int helper_start(struct helper *h, void (*body)(int fd))
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) != 0)
		return -errno;
	h->pid = fork();
	if (h->pid == 0) {
		close(fd[0]);
		become(body, fd[1]);
	}
	close(fd[1]);
	if (h->pid < 0) {
		close(fd[0]);
		return -errno;
	}
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	h->fd = fd[0];
	return 0;
}

void helper_stop(struct helper *h)
{
	if (h->fd < 0)
		return;
	close(h->fd);
	h->fd = -1;
	waitpid(h->pid, NULL, 0);
}
