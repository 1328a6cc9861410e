/* The command line of hcheck. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "sandbox.h"
#include "targets.h"

struct options {
	char **words; /* those of the settings */
	size_t nwords;
	struct settings *base;
	struct targets targets;
	const char *file;
	struct sandbox sandbox;
	bool continuous; /* --every */
	bool nagios, json;
	uint64_t at_least, exec_max; /* at_least 0: all */
	int64_t patience;	     /* --for; 0: one probe each */
	int64_t heartbeat;	     /* 0: none */
	int ready_fd, words_level;   /* -1 -q, 0, 1 -v */
	char **prog;		     /* behind --; NULL: none */
};

/* Dies 100 upon misuse.  Targets and FILE are read. */
void options_parse(struct options *o, int argc, char **argv);
/* The targets anew, for HUP: settled; false: see t->why. */
bool options_reread(const struct options *o, struct targets *t);

#endif
