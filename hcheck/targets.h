/* The targets that were asked for, from the command line and FILE. */
#ifndef TARGETS_H
#define TARGETS_H

#include "check.h"

struct target {
	char *name, *url;
	struct settings *settings;
	struct url_facts at;
	unsigned line; /* of FILE; 0: the command line */
};

struct targets {
	struct target *v;
	size_t n, room;
	char why[512]; /* after a false: what is wrong, and where */
};

/* [NAME=]URL. */
bool targets_arg(struct targets *t, const char *arg, struct settings *base);
/* Lines NAME URL key=value...; # begins a comment. */
bool targets_file(struct targets *t, const char *path, struct settings *base);
/* No name twice; they are in order of names then. */
bool targets_settle(struct targets *t);
void targets_free(struct targets *t);

#endif
