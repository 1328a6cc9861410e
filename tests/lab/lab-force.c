/* lab-force PID NR: the process makes system call NR in place of its next one,
 * and goes on.  Exit 0: it lives; 1: the call killed it (by SIGSYS); 111. */
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "lab.h"

static void need(bool ok, const char *what)
{
	if (!ok)
		die(what);
}

/* Until it stops or ends. */
static int wait_stop(pid_t pid)
{
	int status = 0;

	need(waitpid(pid, &status, 0) == pid, "waitpid");
	return status;
}

static bool is_dead(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void change_call(pid_t pid, long nr)
{
#ifdef __x86_64__
	need(ptrace(PTRACE_POKEUSER, pid,
		     offsetof(struct user_regs_struct, orig_rax), nr) == 0,
		"change the call");
#else
	(void)pid;
	(void)nr;
	errno = ENOSYS;
	need(0, "not for this processor");
#endif
}

/* To the next stop at a call; true when the process died of the last one. */
static bool go_on(pid_t pid)
{
	int status;

	do {
		need(ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0, "go on");
		status = wait_stop(pid);
		if (is_dead(status))
			return true;
	} while (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80));
	return false;
}

int main(int argc, char **argv)
{
	pid_t pid;

	if (argc != 3)
		return 100;
	pid = atoi(argv[1]);
	need(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD) == 0, "seize");
	need(ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0, "interrupt");
	wait_stop(pid);
	if (go_on(pid))
		return 1;
	change_call(pid, atol(argv[2]));
	/* a filter's verdict comes after the stop at the end of the call */
	if (go_on(pid) || go_on(pid))
		return 1;
	ptrace(PTRACE_DETACH, pid, 0, 0);
	return 0;
}
