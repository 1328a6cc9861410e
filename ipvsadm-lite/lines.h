/* Lines of a table, numbered from 1. */
#ifndef LINES_H
#define LINES_H

#include "ipvs_cmd.h"

#define LINES_LEN 4096 /* at most, with the newline */

/* Calls take() for each line that holds a command: with the reason why it is
 * bad, or NULL.  0 or -errno. */
int lines_read(int fd, const struct ipvs_names *names,
	void (*take)(
		void *arg, unsigned nr, struct ipvs_cmd *c, const char *why),
	void *arg);
/* "line 3: -w: illegal weight", on stderr. */
void lines_warn(unsigned nr, const struct ipvs_cmd *c, const char *why);

#endif
