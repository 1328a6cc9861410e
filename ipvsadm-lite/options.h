/* What apply, drain, follow and syncd were asked to do. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "ipvs_follow.h"
#include "session.h"

enum verb { VERB_APPLY, VERB_DRAIN, VERB_FOLLOW, VERB_SYNCD, VERB_N };

struct options {
	enum verb verb;
	struct ipvs_svc svcs[FOLLOW_SVCS]; /* that were named */
	size_t nsvcs;
	struct session session;
	int words; /* 1: more, -1: fewer */
	/* apply */
	bool diff, only, empty;
	/* drain */
	struct ipvs_dest server;
	bool server_told; /* with its port */
	const char *server_text;
	int64_t max, poll; /* max 0: for ever */
	/* follow */
	struct follow_cfg follow;
	const char *table; /* a file; NULL: as the kernel has it */
	struct follow_map maps[FOLLOW_MAPS];
	size_t nmaps;
	int64_t heartbeat;
	bool eof_down, json;
	/* syncd */
	struct ipvs_daemon daemon;
	bool eof_keep;
	/* follow, syncd */
	int64_t resync;
	int ready_fd;
	char **prog; /* NULL: none */
};

/* The verb that argv[1] names, or VERB_N. */
enum verb options_verb(int argc, char **argv);
/* argv without the verb.  Dies 100 on misuse; ends with 0 after --help and
 * --version. */
void options_parse(struct options *o, enum verb verb, int argc, char **argv);

#endif
