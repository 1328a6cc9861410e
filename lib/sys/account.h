/* Who a user is. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <sys/types.h>

/* UID:GID in numbers, or a name: by /etc/passwd; where that does not know it,
 * by whatever else nsswitch.conf(5) names, which may be slow.  A tool that is
 * linked statically has nothing else, and does not know such a name.  0, or
 * -errno: -ENOENT, no such user. */
int account_find(const char *name, uid_t *uid, gid_t *gid);

#endif
