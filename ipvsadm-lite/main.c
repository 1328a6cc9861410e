#include "apply.h"
#include "command.h"
#include "die.h"
#include "drain.h"
#include "follow.h"
#include "options.h"
#include "syncd.h"

static struct options options;

int main(int argc, char **argv)
{
	static int (*const run[VERB_N])(struct options * o) = {
		[VERB_APPLY] = apply,
		[VERB_DRAIN] = drain,
		[VERB_FOLLOW] = follow,
		[VERB_SYNCD] = syncd,
	};
	enum verb verb;

	die_prog = "ipvsadm-lite";
	verb = options_verb(argc, argv);
	if (verb == VERB_N)
		return command(argc, argv);
	options_parse(&options, verb, argc - 1, argv + 1);
	return run[verb](&options);
}
