/* confine() and realtime() as the options of a tool have them: --user NAME,
 * --no-sandbox, --realtime.  Both die 111. */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "confine.h"

struct sandbox {
	const char *user; /* who to be instead of root */
	bool user_told;
	bool off; /* --no-sandbox: said loudly, and nothing is given up */
	bool realtime;
};

/* --user; false: there is none of this name (account.h). */
bool sandbox_user(struct sandbox *s, const char *name);
/* Before the sockets are open, for it needs privileges. */
void sandbox_realtime(const struct sandbox *s);
/* Once all is open; c says what stays, the user is s's. */
void sandbox_enter(const struct sandbox *s, struct confine c);

#endif
