#include <cap-ng.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account.h"
#include "confine.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

/* The upper half of a register that holds an int can be anything. */
#define INT_ARG	   UINT64_C(0xffffffff)
#define CHILD_SECS 10

/* What any loop uses.  getpid, gettid and tgkill are abort(3)'s, sysinfo is
 * qsort(3)'s of more than a kilobyte. */
static const int base[] = { SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write),
	SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(fcntl),
	SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(futex), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(tgkill), SCMP_SYS(sysinfo), SCMP_SYS(exit),
	SCMP_SYS(exit_group), -1 };

/* What is effective and permitted now.  (The library would read /proc for what
 * else there is.) */
struct held {
	uint64_t effective, permitted;
};

static int ask_held(struct held *h)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, d))
		return -errno;
	h->effective = (uint64_t)d[1].effective << 32 | d[0].effective;
	h->permitted = (uint64_t)d[1].permitted << 32 | d[0].permitted;
	return 0;
}

/* What is to be applied. */
static void choose(uint64_t caps)
{
	capng_clear(CAPNG_SELECT_ALL);
	for (unsigned cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (caps & CONFINE_CAP(cap))
			capng_update(CAPNG_ADD,
				CAPNG_EFFECTIVE | CAPNG_PERMITTED, cap);
}

/* All that this kernel knows.  (The library's way reads /proc three times.) */
static int cut_bounding_set(void)
{
	unsigned long cap = 0;

	while (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
		cap++;
	return errno == EINVAL && cap > 0 ? 0 : -errno;
}

static int drop_caps(void)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

static int become(const char *user)
{
	uid_t uid;
	gid_t gid;
	int err = account_find(user, &uid, &gid);

	if (err)
		return err;
	return capng_change_id((int)uid, (int)gid, CAPNG_DROP_SUPP_GRP) ? -EPERM
									: 0;
}

/* The bounding set may be cut by those who hold CAP_SETPCAP; for the others
 * no_new_privs makes it meaningless. */
static int give_up(const struct confine *c, const char **what)
{
	const uint64_t ids = CONFINE_CAP(CAP_SETUID) | CONFINE_CAP(CAP_SETGID);
	struct held held = { 0 };
	bool other;
	int err;

	*what = "capabilities";
	err = ask_held(&held);
	if (err)
		return err;
	choose(c->caps & held.permitted);
	other = c->user && geteuid() == 0 &&
		(c->user_told || (held.effective & ids) == ids);
	*what = other ? c->user : *what;
	if (other || held.effective & CONFINE_CAP(CAP_SETPCAP))
		err = cut_bounding_set();
	if (!err && other)
		err = become(c->user);
	if (err)
		return err;
	*what = "capabilities";
	return drop_caps();
}

static int allow(scmp_filter_ctx f, const int *calls)
{
	int err = 0;

	for (; *calls != -1 && !err; calls++)
		err = seccomp_rule_add(f, SCMP_ACT_ALLOW, *calls, 0);
	return err;
}

/* Memory, but none that can be executed; of ioctl(2) what is unread, and what
 * stdio asks of a stdout such as /dev/null. */
static int allow_parts(scmp_filter_ctx f)
{
	static const struct {
		int call;
		struct scmp_arg_cmp cmp;
	} parts[] = {
		{ SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		{ SCMP_SYS(mprotect),
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
		{ SCMP_SYS(ioctl),
			SCMP_A1(SCMP_CMP_MASKED_EQ, INT_ARG, FIONREAD) },
		{ SCMP_SYS(ioctl),
			SCMP_A1(SCMP_CMP_MASKED_EQ, INT_ARG, TCGETS) },
	};
	int err = 0;

	for (size_t i = 0; i < sizeof parts / sizeof *parts && !err; i++)
		err = seccomp_rule_add(
			f, SCMP_ACT_ALLOW, parts[i].call, 1, parts[i].cmp);
	return err;
}

static int allow_rules(scmp_filter_ctx f, const struct confine_rule *r)
{
	int err = 0;

	for (; r->call != -1 && !err; r++) {
		struct scmp_arg_cmp cmp[2] = {
			{ (unsigned)r->arg1, SCMP_CMP_MASKED_EQ, INT_ARG,
				r->value1 & INT_ARG },
			{ (unsigned)r->arg2, SCMP_CMP_MASKED_EQ, INT_ARG,
				r->value2 & INT_ARG },
		};

		err = seccomp_rule_add_array(
			f, SCMP_ACT_ALLOW, r->call, r->arg2 >= 0 ? 2 : 1, cmp);
	}
	return err;
}

/* Is the process's from then on, or, where `to` is a file, only written. */
static int make_filter(const struct confine *c, int to)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err;

	if (!f)
		return -ENOMEM;
	/* As a tree: the kernel tries each system call when it takes it. */
	err = seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!err)
		err = allow(f, base);
	if (!err)
		err = allow_parts(f);
	if (!err)
		err = allow(f, c->calls);
	if (!err && c->rules)
		err = allow_rules(f, c->rules);
	if (!err)
		err = to < 0 ? seccomp_load(f) : seccomp_export_bpf(f, to);
	seccomp_release(f);
	return err;
}

static int load(int from)
{
	const size_t room = BPF_MAXINSNS * sizeof(struct sock_filter);
	struct sock_fprog prog = { .filter = malloc(room) };
	ssize_t n = prog.filter ? pread(from, prog.filter, room, 0) : -1;

	if (n >= 0) {
		prog.len = (unsigned short)((size_t)n / sizeof *prog.filter);
		n = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
	}
	free(prog.filter);
	return n < 0 ? -errno : 0;
}

static int end_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

/* A child makes it, if there may be one. */
static int filter_from_child(const struct confine *c)
{
	int fd = memfd_create("filter", MFD_CLOEXEC), err;
	pid_t pid = fd < 0 ? -1 : fork();

	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(CHILD_SECS); /* it is waited for no longer */
		_exit(-make_filter(c, fd));
	}
	err = pid < 0 ? make_filter(c, -1) : end_of(pid);
	if (pid > 0 && !err)
		err = load(fd);
	if (fd >= 0)
		close(fd);
	return err;
}

static int filter(const struct confine *c)
{
	return c->resident ? filter_from_child(c) : make_filter(c, -1);
}

static bool is_filtered(const struct confine *c)
{
#ifdef __SANITIZE_ADDRESS__ /* its runtime calls what it likes */
	(void)c;
	return false;
#else
	return c->calls != NULL;
#endif
}

int confine(const struct confine *c, const char **what)
{
	int err = give_up(c, what);

	if (err)
		return err;
	*what = "no_new_privs";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	*what = "seccomp filter";
	return is_filtered(c) ? filter(c) : 0;
}
