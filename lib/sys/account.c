#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "in.h"
#include "num.h"

#define ID_MAX (UINT32_MAX - 1) /* one more means none */

static bool by_number(const char *s, uid_t *uid, gid_t *gid)
{
	size_t len = strcspn(s, ":");
	char first[NUM_STRLEN];
	uint64_t u, g;

	if (s[len] != ':' || len >= sizeof first)
		return false;
	memcpy(first, s, len);
	first[len] = '\0';
	if (!num_u64(first, 0, ID_MAX, &u) ||
		!num_u64(s + len + 1, 0, ID_MAX, &g))
		return false;
	*uid = (uid_t)u;
	*gid = (gid_t)g;
	return true;
}

/* NAME:PASSWORD:UID:GID: */
static bool is_line_of(
	const char *line, const char *name, uid_t *uid, gid_t *gid)
{
	size_t n = strlen(name);
	const char *ids;

	if (strncmp(line, name, n) != 0 || line[n] != ':')
		return false;
	ids = strchr(line + n + 1, ':');
	return ids && sscanf(ids, ":%u:%u:", uid, gid) == 2;
}

/* Not by stdio, whose buffers would stay with the process. */
static bool find_local(const char *name, uid_t *uid, gid_t *gid)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	bool found = false;
	struct in in;
	char *line;

	in_open(&in, fd);
	while (fd >= 0 && !found && in_fill(&in))
		while (!found && (line = in_line(&in)) != NULL)
			found = is_line_of(line, name, uid, gid);
	in.data = "\n"; /* the last line may have none */
	in.left = 1;
	if (!found && (line = in_line(&in)) != NULL)
		found = is_line_of(line, name, uid, gid);
	if (fd >= 0)
		close(fd);
	return found;
}

int account_find(const char *name, uid_t *uid, gid_t *gid)
{
	struct passwd *pw;

	if (by_number(name, uid, gid) || find_local(name, uid, gid))
		return 0;
	errno = 0;
	pw = getpwnam(name);
	if (!pw)
		return errno ? -errno : -ENOENT;
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}
