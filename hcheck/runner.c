#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "runner.h"
#include "sig.h"

enum { P_SOCKET, P_SIGNAL, P_JOBS };

static struct job {
	pid_t pid; /* 0: free; also its process group */
	uint64_t token;
	int out, err; /* its output; an errno when it could not be executed */
	struct mono deadline;
	bool late, killed;
	char say[SAY_LEN];
	size_t n;
	bool whole; /* the first line is there */
} jobs[RUNNER_MAX];

static size_t high; /* jobs from here on are free */

/* ---- Begin. */

static void split(char *text, char **words, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		words[i] = text;
		text += strlen(text) + 1;
	}
	words[n] = NULL;
}

static _Noreturn void command(struct runner_job *r, int out, int err)
{
	char *words[RUNNER_WORDS + 1], *env[8], *text = r->text;
	sigset_t none;
	int failed;

	setpgid(0, 0);
	split(text, words, r->nwords);
	for (uint32_t i = 0; i < r->nwords; i++)
		text += strlen(text) + 1;
	split(text, env, r->nenv);
	for (uint32_t i = 0; i < r->nenv; i++)
		putenv(env[i]);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execvp(words[0], words);
	failed = errno;
	(void)!write(err, &failed, sizeof failed);
	_exit(127);
}

static struct job *free_job(void)
{
	for (size_t i = 0; i < RUNNER_MAX; i++) {
		if (jobs[i].pid)
			continue;
		if (i >= high)
			high = i + 1;
		return &jobs[i];
	}
	return NULL;
}

static bool is_running(uint64_t token)
{
	for (size_t i = 0; i < high; i++)
		if (jobs[i].pid && jobs[i].token == token)
			return true;
	return false;
}

static void answer(int fd, const struct runner_result *r)
{
	send(fd, r, sizeof *r, MSG_NOSIGNAL);
}

static void refuse(int fd, uint64_t token, int err)
{
	struct runner_result r = {
		.token = token, .end = RUNNER_NOEXEC, .value = err
	};

	answer(fd, &r);
}

static void start(int fd, struct runner_job *r)
{
	struct job *j = free_job();
	int out[2] = { -1, -1 }, err[2] = { -1, -1 };
	pid_t pid = -1;

	if (j && pipe2(out, O_CLOEXEC | O_NONBLOCK) == 0 &&
		pipe2(err, O_CLOEXEC | O_NONBLOCK) == 0)
		pid = fork();
	if (pid == 0) {
		fcntl(out[1], F_SETFL, O_WRONLY); /* for the command */
		command(r, out[1], err[1]);
	}
	if (pid < 0)
		refuse(fd, r->token, j ? errno : EAGAIN);
	else
		*j = (struct job){ .pid = pid,
			.token = r->token,
			.out = out[0],
			.err = err[0],
			.deadline = mono_add(mono_now(), r->timeout) };
	close(out[1]);
	close(err[1]);
	if (pid < 0) {
		close(out[0]);
		close(err[0]);
	} else {
		setpgid(pid, pid); /* whoever of us two is first */
	}
}

/* False when the parent has gone. */
static bool take_orders(int fd)
{
	static struct runner_job r;
	ssize_t n;

	while ((n = recv(fd, &r, sizeof r, MSG_DONTWAIT)) > 0) {
		size_t head = offsetof(struct runner_job, text);

		if ((size_t)n <= head || r.nwords > RUNNER_WORDS || r.nenv > 4)
			continue;
		if (is_running(r.token)) /* it does not die */
			refuse(fd, r.token, EBUSY);
		else
			start(fd, &r);
	}
	return n < 0 && errno == EAGAIN;
}

/* ---- Output. */

static void keep_line(struct job *j, const char *s, size_t n)
{
	for (size_t i = 0; i < n && !j->whole; i++) {
		if (s[i] == '\n')
			j->whole = true;
		else if (j->n < sizeof j->say - 1 && s[i])
			j->say[j->n++] = s[i];
	}
}

/* Reads on when all is said: a full pipe would stop the command. */
static void listen_to(struct job *j)
{
	char buf[4096];
	ssize_t n = 0;

	for (int i = 0; i < 16 && j->out >= 0; i++) {
		n = read(j->out, buf, sizeof buf);
		if (n <= 0)
			break;
		keep_line(j, buf, (size_t)n);
	}
	if (n == 0 && j->out >= 0) {
		close(j->out);
		j->out = -1;
	}
}

/* ---- End. */

static void finish(int fd, struct job *j, int status)
{
	struct runner_result r = { .token = j->token };
	int err;

	listen_to(j);
	if (read(j->err, &err, sizeof err) == sizeof err) {
		r.end = RUNNER_NOEXEC;
		r.value = err;
	} else if (j->late) {
		r.end = RUNNER_LATE;
	} else if (WIFSIGNALED(status)) {
		r.end = RUNNER_SIGNAL;
		r.value = WTERMSIG(status);
	} else {
		r.end = RUNNER_EXIT;
		r.value = WEXITSTATUS(status);
	}
	memcpy(r.say, j->say, sizeof r.say);
	if (j->out >= 0)
		close(j->out);
	close(j->err);
	j->pid = 0;
	answer(fd, &r);
}

static struct job *find(pid_t pid)
{
	for (size_t i = 0; i < high; i++)
		if (jobs[i].pid == pid)
			return &jobs[i];
	return NULL;
}

/* The group is killed while its leader is still a zombie: so long nobody else
 * can have its number.  Orphans of commands are our children too. */
static void reap(int fd)
{
	siginfo_t si;
	int status;

	for (;;) {
		struct job *j;

		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) != 0 ||
			!si.si_pid)
			return;
		j = find(si.si_pid);
		if (j)
			kill(-si.si_pid, SIGKILL);
		waitpid(si.si_pid, &status, 0);
		if (j)
			finish(fd, j, status);
	}
}

static void expire(struct mono now)
{
	for (size_t i = 0; i < high; i++) {
		struct job *j = &jobs[i];

		if (!j->pid || j->killed || !mono_due(j->deadline, now))
			continue;
		kill(-j->pid, j->late ? SIGKILL : SIGTERM);
		kill(-j->pid, SIGCONT);
		j->killed = j->late;
		j->late = true;
		j->deadline = mono_add(now, RUNNER_GRACE);
	}
}

/* And leaves no zombie to a first process that may not care. */
static void kill_all(void)
{
	struct mono until = mono_add(mono_now(), RUNNER_GRACE);

	for (size_t i = 0; i < high; i++)
		if (jobs[i].pid)
			kill(-jobs[i].pid, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) >= 0 && !mono_due(until, mono_now()))
		poll(NULL, 0, 1);
}

/* ---- The loop. */

static struct mono slots(struct pollfd *p, int fd, int sigs)
{
	struct mono until = MONO_NEVER;

	p[P_SOCKET] = (struct pollfd){ fd, POLLIN, 0 };
	p[P_SIGNAL] = (struct pollfd){ sigs, POLLIN, 0 };
	for (size_t i = 0; i < high; i++) {
		const struct job *j = &jobs[i];

		p[P_JOBS + i] =
			(struct pollfd){ j->pid ? j->out : -1, POLLIN, 0 };
		if (j->pid && !j->killed)
			until = mono_min(until, j->deadline);
	}
	return until;
}

void runner(int fd)
{
	static struct pollfd p[P_JOBS + RUNNER_MAX];
	int sigs = sig_open();

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (;;) {
		struct mono until = slots(p, fd, sigs);
		size_t n = high;

		poll(p, P_JOBS + n, mono_poll_ms(until, mono_now()));
		for (size_t i = 0; i < n; i++)
			if (p[P_JOBS + i].revents)
				listen_to(&jobs[i]);
		while (sig_next(sigs))
			;
		reap(fd);
		expire(mono_now());
		if (p[P_SOCKET].revents && !take_orders(fd))
			break;
	}
	kill_all();
}
