#include <stddef.h>

#include "account.h"
#include "die.h"
#include "realtime.h"
#include "sandbox.h"

bool sandbox_user(struct sandbox *s, const char *name)
{
	uid_t uid;
	gid_t gid;

	s->user = name;
	return s->user_told = account_find(name, &uid, &gid) == 0;
}

void sandbox_realtime(const struct sandbox *s)
{
	const char *what;
	int err = s->realtime ? realtime(&what) : 0;

	if (err)
		die(EXIT_SYSTEM, "--realtime: %s: %s", what,
			errno_str(err, "CAP_SYS_NICE and CAP_IPC_LOCK"));
}

void sandbox_enter(const struct sandbox *s, struct confine c)
{
	const char *what;
	int err;

	if (s->off) {
		warn("--no-sandbox: runs on with all its privileges");
		return;
	}
	c.user = s->user;
	c.user_told = s->user_told;
	err = confine(&c, &what);
	if (err)
		die(EXIT_SYSTEM, "cannot give up privileges: %s: %s", what,
			errno_str(err, NULL));
}
