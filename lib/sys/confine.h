/* Gives up what a running tool does not need (DESIGN 3.1, 3.6): capabilities,
 * the user root, system calls.  To be called once all sockets and files are
 * open and before the first byte from outside is parsed. */
#ifndef CONFINE_H
#define CONFINE_H

#include <linux/capability.h> /* CAP_* */
#include <stdint.h>

#define CONFINE_CAP(cap) (UINT64_C(1) << (cap))

struct confine {
	uint64_t caps;	  /* CONFINE_CAP()s to be kept, where they are held */
	const char *user; /* who to be from now on if root; NULL: stay */
	const int *calls; /* SCMP_SYS()s besides the base set, ended by -1;
			   * NULL: no filter */
};

/* Drops all other capabilities (bounding and ambient ones too, as far as they
 * may be), changes the user, sets no_new_privs, and from then on any system
 * call but the base set (I/O on what is open, memory, time, ending) and
 * c->calls kills the process.  Children inherit all of it.  0, or -errno and
 * what failed; the process must end then, for it may be half confined. */
int confine(const struct confine *c, const char **what);

#endif
