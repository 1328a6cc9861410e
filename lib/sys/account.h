/* Who a user is. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <sys/types.h>

/* By /etc/passwd; where that does not know the name, by whatever else
 * nsswitch.conf(5) names, which may be slow.  0, or -errno: -ENOENT, no such
 * user. */
int account_find(const char *name, uid_t *uid, gid_t *gid);

#endif
