#include <signal.h>

#include "die.h"
#include "monitor.h"
#include "once.h"

static struct options options;

int main(int argc, char **argv)
{
	die_prog = "hcheck";
	signal(SIGPIPE, SIG_IGN);
	options_parse(&options, argc, argv);
	return options.continuous ? monitor(&options) : once(&options);
}
