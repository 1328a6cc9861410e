/* Name services for tools that are linked statically: glibc would load its own
 * from shared libraries.  These know nobody, and what needs somebody fails.
 * Users of /etc/passwd are found without them (account.h); it is libcap-ng that
 * refers to the last two, in functions nobody calls. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>

struct passwd *getpwnam(const char *name)
{
	(void)name;
	return NULL;
}

struct passwd *getpwuid(uid_t uid)
{
	(void)uid;
	return NULL;
}

int initgroups(const char *user, gid_t group)
{
	(void)user, (void)group;
	errno = ENOSYS;
	return -1;
}
