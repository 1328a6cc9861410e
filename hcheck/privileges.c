#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "exec.h"
#include "openssl.h"
#include "privileges.h"
#include "resolver.h"
#include "sandbox.h"

static const struct options *options;

static bool any_scheme(const struct targets *t, enum url_scheme s)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].at.scheme == s)
			return true;
	return false;
}

static bool any_name(const struct targets *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].at.named)
			return true;
	return false;
}

static bool any_mark(const struct targets *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].settings->marked)
			return true;
	return false;
}

/* Commands and the resolver's plug-ins call what they like. */
static void confine_helper(void)
{
	if (!options->sandbox.off)
		sandbox_enter(&options->sandbox, (struct confine){ 0 });
}

static void start_helper(struct helper *h, void (*body)(int fd),
	struct engine *e, const char *what)
{
	int err = helper_start(h, body);

	if (!err)
		err = engine_watch(e, h->fd, EPOLLIN);
	if (err)
		die(EXIT_SYSTEM, "%s: %s", what, errno_str(err, NULL));
}

void privileges_start(
	struct engine *e, const struct options *o, const struct targets *t)
{
	bool may_change = o->continuous && o->file;

	options = o;
	helper_confine = confine_helper;
	if (may_change || any_scheme(t, URL_EXEC)) {
		start_helper(&e->runner, runner, e, "runner");
		exec_fd = e->runner.fd;
	}
	if (may_change || any_name(t))
		start_helper(&e->resolver, resolver, e, "resolver");
	openssl_seal(may_change);
	if (t->n > e->room && o->words_level >= 0)
		warn("%zu targets, and descriptors for %zu probes at once: "
		     "more wait for their turn (ulimit -n)",
			t->n, e->room);
}

static bool may_ping(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Sockets of the Internet, files to be read, and an end to PROG. */
static void enter(const struct options *o, uint64_t caps, pid_t prog)
{
	static const int calls[] = { SCMP_SYS(epoll_wait),
		SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(connect),
		SCMP_SYS(bind), SCMP_SYS(getsockname), SCMP_SYS(getsockopt),
		SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(pidfd_open),
		SCMP_SYS(wait4), -1 };
	const struct confine_rule rules[] = {
		CONFINE_ARG(socket, 0, AF_INET),
		CONFINE_ARG(socket, 0, AF_INET6),
		CONFINE_SOCKOPT(SOL_SOCKET, SO_LINGER),
		CONFINE_SOCKOPT(SOL_SOCKET, SO_MARK),
		CONFINE_SOCKOPT(SOL_SOCKET, SO_BINDTODEVICE),
		CONFINE_READ,
		CONFINE_ARG(openat, 2, O_RDONLY | O_CLOEXEC | O_NONBLOCK),
		CONFINE_ARG(openat, 2, O_RDONLY), /* OpenSSL */
		CONFINE_ARG(kill, 0, prog ? prog : INT32_MAX),
		CONFINE_END,
	};

	sandbox_enter(&o->sandbox,
		(struct confine){
			.caps = caps, .calls = calls, .rules = rules });
}

void privileges_drop(
	const struct options *o, const struct targets *t, pid_t prog)
{
	uint64_t caps = 0;

	if (any_scheme(t, URL_ICMP) && !may_ping())
		caps |= CONFINE_CAP(CAP_NET_RAW);
	if (any_mark(t))
		caps |= CONFINE_CAP(CAP_NET_ADMIN);
	enter(o, caps, prog);
}
