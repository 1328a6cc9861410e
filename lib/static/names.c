/* Name services for tools that are linked statically: glibc would load its own
 * from shared libraries.  These know nobody, and what needs somebody fails.
 * Users of /etc/passwd are found without them (account.h); of the libraries it
 * is libnl and libcap-ng that refer to them, in functions nobody calls. */
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stddef.h>

int getaddrinfo(const char *name, const char *service,
	const struct addrinfo *hints, struct addrinfo **res)
{
	(void)name, (void)service, (void)hints, (void)res;
	return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo *ai)
{
	(void)ai;
}

struct protoent *getprotobyname(const char *name)
{
	(void)name;
	return NULL;
}

struct protoent *getprotobynumber(int proto)
{
	(void)proto;
	return NULL;
}

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
