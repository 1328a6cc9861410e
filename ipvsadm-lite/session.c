#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "die.h"
#include "session.h"

#define LINE_LEN    512
#define MODPROBE_MS 30000
#define V(verb)	    (1u << IPVS_##verb)
#define ANY	    UINT32_MAX

struct ipvs_table table_have, table_want, table_only;

/* ---- Errors. */

static const struct reason {
	uint32_t verbs;
	int err, code;
	const char *words;
} reasons[] = {
	{ V(ADD), EEXIST, EXIT_NO, "Service already exists" },
	{ V(ADD) | V(EDIT), ENOENT, EXIT_MISUSE,
		"Scheduler or persistence engine not found" },
	{ V(EDIT) | V(DEL) | V(ZERO) | V(LIST), ESRCH, EXIT_NO,
		"No such service" },
	{ V(ADD_DEST) | V(EDIT_DEST) | V(DEL_DEST), ESRCH, EXIT_NO,
		"Service not defined" },
	{ V(ADD_DEST), EEXIST, EXIT_NO, "Destination already exists" },
	{ V(EDIT_DEST) | V(DEL_DEST), ENOENT, EXIT_NO, "No such destination" },
	{ V(START), EEXIST, EXIT_NO, "Daemon has already run" },
	{ V(STOP), ESRCH, EXIT_NO, "No daemon is running" },
	{ V(ADD_DEST) | V(EDIT_DEST), ERANGE, EXIT_MISUSE,
		"Lower threshold above the upper one, or weight out of range" },
	{ ANY, EPERM, EXIT_SYSTEM, "Permission denied (needs CAP_NET_ADMIN)" },
	{ ANY, EINVAL, EXIT_MISUSE,
		"Invalid operation (address not unicast, or not with this "
		"kernel?)" },
	{ ANY, ENOPROTOOPT, EXIT_SYSTEM,
		"no ip_vs in this kernel (modprobe ip_vs, or --modprobe)" },
	{ ANY, EOPNOTSUPP, EXIT_MISUSE, "Operation not supported with IPv6" },
	{ ANY, EAFNOSUPPORT, EXIT_MISUSE,
		"Operation not supported with this address family" },
	{ ANY, ENOSPC, EXIT_SYSTEM, "The table is larger than we keep" },
};

static const struct reason *find_reason(enum ipvs_verb verb, int err)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].verbs & 1u << verb && reasons[i].err == -err)
			return &reasons[i];
	return NULL;
}

const char *session_words(enum ipvs_verb verb, int err)
{
	const struct reason *r = find_reason(verb, err);

	return r ? r->words : errno_str(err, NULL);
}

int session_code(enum ipvs_verb verb, int err)
{
	const struct reason *r = find_reason(verb, err);

	return r ? r->code : EXIT_SYSTEM;
}

static int weight(int code)
{
	return code == EXIT_MISUSE ? 300 : code;
}

int session_worse(int a, int b)
{
	return weight(a) > weight(b) ? a : b;
}

void session_warn(const struct kernel_edit *e)
{
	const char *words = session_words(e->cmd.verb, e->err);
	char text[LINE_LEN];
	struct txt t = txt_init(text, sizeof text);

	ipvs_cmd_text(&t, &e->cmd);
	if (e->tag)
		warn("line %u: %s: %s", e->tag, text, words);
	else
		warn("%s: %s", text, words);
}

int session_edit(struct session *s, struct kernel_edit *e, size_t n)
{
	int err = kernel_edit(&s->k, e, n), code = EXIT_YES;

	if (err)
		die(EXIT_SYSTEM, "kernel: %s", errno_str(err, NULL));
	for (size_t i = 0; i < n; i++) {
		if (!e[i].err)
			continue;
		session_warn(&e[i]);
		code = session_worse(
			code, session_code(e[i].cmd.verb, e[i].err));
	}
	return code;
}

/* ---- The kernel. */

static _Noreturn void become_modprobe(void)
{
	static char *const argv[] = { "/sbin/modprobe", "--", "ip_vs", NULL };

	execv(argv[0], argv);
	_exit(127);
}

/* Whether it helped is seen by asking again. */
static void load_module(void)
{
	pid_t pid = fork();
	int fd;
	struct pollfd p = { .events = POLLIN };

	if (pid == 0)
		become_modprobe();
	if (pid < 0)
		return;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	p.fd = fd;
	if (fd >= 0 && poll(&p, 1, MODPROBE_MS) == 0)
		kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (fd >= 0)
		close(fd);
}

void session_open(struct session *s)
{
	int err = kernel_open(&s->k);

	if (err == -ENOPROTOOPT && s->modprobe) {
		load_module();
		err = kernel_open(&s->k);
	}
	if (err)
		die(EXIT_SYSTEM, "%s", session_words(IPVS_NOTHING, err));
}

void session_confine(const struct session *s)
{
	static const int calls[] = { SCMP_SYS(sendto), SCMP_SYS(recvfrom),
		SCMP_SYS(recvmmsg), SCMP_SYS(wait4), SCMP_SYS(pidfd_open),
		SCMP_SYS(kill), -1 };
	static const struct confine_rule files[] = { CONFINE_READ,
		CONFINE_END };
	const struct confine c = { .caps = CONFINE_CAP(CAP_NET_ADMIN),
		.user = s->keep_user ? NULL : "nobody",
		.calls = s->resolve ? NULL : calls,
		.rules = s->files ? files : NULL };
	const char *what;
	int err;

	if (s->no_sandbox) {
		warn("--no-sandbox: runs on with all its privileges");
		return;
	}
	err = confine(&c, &what);
	if (err)
		die(EXIT_SYSTEM, "cannot give up privileges: %s: %s", what,
			errno_str(err, NULL));
}

/* ---- stdout. */

static struct {
	char buf[1 << 16];
	size_t len;
	bool failed;
} sink;

static void drain(void)
{
	for (size_t at = 0; at < sink.len && !sink.failed;) {
		ssize_t n = write(STDOUT_FILENO, sink.buf + at, sink.len - at);

		if (n > 0)
			at += (size_t)n;
		else if (n == 0 || errno != EINTR)
			sink.failed = true;
	}
	sink.len = 0;
}

void sink_put(const char *text, size_t len)
{
	while (len) {
		size_t room = sizeof sink.buf - sink.len;
		size_t some = len < room ? len : room;

		memcpy(sink.buf + sink.len, text, some);
		sink.len += some;
		text += some;
		len -= some;
		if (sink.len == sizeof sink.buf)
			drain();
	}
}

void sink_txt(const struct txt *t)
{
	sink_put(t->buf, t->len);
}

int sink_end(void)
{
	drain();
	if (!sink.failed)
		return EXIT_YES;
	warn("stdout: cannot be written");
	return EXIT_SYSTEM;
}
