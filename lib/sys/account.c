#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"

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

static bool find_local(const char *name, uid_t *uid, gid_t *gid)
{
	FILE *f = fopen("/etc/passwd", "re");
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	if (!f)
		return false;
	while (!found && getline(&line, &size, f) > 0)
		found = is_line_of(line, name, uid, gid);
	free(line);
	fclose(f);
	return found;
}

int account_find(const char *name, uid_t *uid, gid_t *gid)
{
	struct passwd *pw;

	if (find_local(name, uid, gid))
		return 0;
	errno = 0;
	pw = getpwnam(name);
	if (!pw)
		return errno ? -errno : -ENOENT;
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}
