/* Gives up what a running tool does not need (DESIGN 3.1, 3.6): capabilities,
 * the user root, system calls.  To be called once all sockets and files are
 * open and before the first byte from outside is parsed. */
#ifndef CONFINE_H
#define CONFINE_H

#include <linux/capability.h> /* CAP_* */
#include <stdbool.h>
#include <stdint.h>

#define CONFINE_CAP(cap) (UINT64_C(1) << (cap))

/* A system call with these arguments alone; arg 0 is the first, -1: any. */
struct confine_rule {
	int call; /* SCMP_SYS(); -1 ends the list */
	int arg1;
	uint64_t value1;
	int arg2;
	uint64_t value2;
};

#define CONFINE_ARG(call, arg, value)                                          \
	{                                                                      \
		SCMP_SYS(call), arg, (uint64_t)(value), -1, 0                  \
	}
#define CONFINE_SOCKOPT(level, name)                                           \
	{                                                                      \
		SCMP_SYS(setsockopt), 1, level, 2, name                        \
	}
/* Files as far as the user may read them. */
#define CONFINE_READ CONFINE_ARG(openat, 2, O_RDONLY | O_CLOEXEC)
#define CONFINE_END                                                            \
	{                                                                      \
		-1, -1, 0, -1, 0                                               \
	}

struct confine {
	uint64_t caps;	  /* CONFINE_CAP()s to be kept, where they are held */
	const char *user; /* who to be from now on if root; NULL: stay */
	bool user_told;	  /* it must be; else root without CAP_SETUID stays */
	bool resident;	  /* a child makes the filter, for that leaves 40 kB */
	const int *calls; /* SCMP_SYS()s besides the base set, ended by -1;
			   * NULL: no filter */
	const struct confine_rule *rules; /* more; NULL: none */
};

/* Drops all other capabilities (bounding and ambient ones too, as far as they
 * may be), changes the user, sets no_new_privs, and from then on any system
 * call but the base set (I/O on what is open, memory, time, ending) and what
 * c names kills the process.  Children inherit all of it.  0, or -errno and
 * what failed; the process must end then, for it may be half confined. */
int confine(const struct confine *c, const char **what);

#endif
