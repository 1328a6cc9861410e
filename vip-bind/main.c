#include "die.h"
#include "follow.h"
#include "once.h"

static struct options options;

int main(int argc, char **argv)
{
	static int (*const run[VERB_N])(const struct options *o) = {
		[VERB_ADD] = once_add,
		[VERB_DEL] = once_del,
		[VERB_SHOW] = once_show,
		[VERB_FOLLOW] = follow,
	};

	die_prog = "vip-bind";
	options_parse(&options, argc, argv);
	return run[options.verb](&options);
}
