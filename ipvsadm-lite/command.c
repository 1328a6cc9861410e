#include <string.h>

#include "command.h"
#include "die.h"
#include "list.h"
#include "names.h"
#include "restore.h"
#include "session.h"

const char command_usage[] =
	"usage: ipvsadm-lite -A|-E SERVICE [-s SCHEDULER] [-p [SECONDS]] [-M MASK]\n"
	"                    [-o] [--pe ENGINE] [-b FLAGS]\n"
	"       ipvsadm-lite -D SERVICE\n"
	"       ipvsadm-lite -a|-e SERVICE -r SERVER [-g|-i|-m] [-w WEIGHT] [-x UPPER]\n"
	"                    [-y LOWER] [--tun-type ipip|gue|gre] [--tun-port PORT]\n"
	"                    [--tun-nocsum|--tun-csum|--tun-remcsum]\n"
	"       ipvsadm-lite -d SERVICE -r SERVER\n"
	"       ipvsadm-lite -L [SERVICE] [-n] [--json] [--stats] [--rate] [-X]\n"
	"                    [--thresholds] [--persistent-conn] [--tun-info] [--nosort]\n"
	"       ipvsadm-lite -L -c | --timeout | --daemon\n"
	"       ipvsadm-lite -C | -Z [SERVICE] | -S [-n] | --set TCP TCPFIN UDP\n"
	"       ipvsadm-lite -R [--atomic] < LINES\n"
	"       ipvsadm-lite --start-daemon master|backup [--mcast-interface IF]\n"
	"                    [--syncid N] [--sync-maxlen N] [--mcast-group ADDR]\n"
	"                    [--mcast-port PORT] [--mcast-ttl N]\n"
	"       ipvsadm-lite --stop-daemon master|backup [--syncid N]\n"
	"       ipvsadm-lite apply|drain|follow|syncd ...      (each has --help)\n"
	"SERVICE: -t ADDR:PORT | -u ADDR:PORT | --sctp-service ADDR:PORT | -f MARK [-6]\n"
	"\n"
	"The options of ipvsadm, by the same names, and the same listings.  Unlike it:\n"
	"-E and -e change only what is named (-p 0, -b none, --pe none, --no-ops take\n"
	"away); -S writes thresholds, timeouts and daemons too; -R reports every bad\n"
	"line, and with --atomic applies nothing if one is bad; addresses are numeric\n"
	"unless --resolve.  Further:\n"
	"      --json           -L: everything, as one JSON object\n"
	"      --localnode      -a, -e: the forwarding method that is listed as Local\n"
	"      --modprobe       load ip_vs if this kernel has none yet\n"
	"      --no-sandbox     keep all rights of the caller\n"
	"  -h, --help           -V, -v, --version\n"
	"\n"
	"exit: 0 done; 1 no such service or server, or it exists already; 100 misuse;\n"
	"111 system error\n";

static int edit_one(struct session *s, const struct ipvs_cmd *c)
{
	static struct kernel_edit e;

	session_confine(s);
	e = (struct kernel_edit){ .cmd = *c };
	return session_edit(s, &e, 1);
}

static int edit_present(struct session *s, const struct ipvs_cmd *c)
{
	static struct ipvs_cmd merged;

	session_confine(s);
	merged = *c;
	return restore_edit(s, &merged, 0);
}

static int (*const run[IPVS_VERBS])(
	struct session *s, const struct ipvs_cmd *c) = {
	[IPVS_ADD] = edit_one,
	[IPVS_EDIT] = edit_present,
	[IPVS_DEL] = edit_one,
	[IPVS_CLEAR] = edit_one,
	[IPVS_LIST] = list,
	[IPVS_ADD_DEST] = edit_one,
	[IPVS_EDIT_DEST] = edit_present,
	[IPVS_DEL_DEST] = edit_one,
	[IPVS_ZERO] = edit_one,
	[IPVS_SET] = edit_one,
	[IPVS_START] = edit_one,
	[IPVS_STOP] = edit_one,
	[IPVS_RESTORE] = restore,
	[IPVS_SAVE] = list_save,
};

static int print(const char *text)
{
	sink_put(text, strlen(text));
	return sink_end();
}

/* Names may be looked up while the command line is parsed. */
static bool wants_names(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--resolve") == 0)
			return true;
	return false;
}

int command(int argc, char **argv)
{
	static struct ipvs_cmd c;
	struct session s = { .resolve = wants_names(argc, argv) };
	const char *why = ipvs_parse(&c, argv + 1, (size_t)(argc - 1),
		s.resolve ? &names_lookup : NULL);

	if (why && c.word)
		die(EXIT_MISUSE, "%s: %s", c.word, why);
	if (why)
		die(EXIT_MISUSE, "%s", why);
	if (c.verb == IPVS_NOTHING && argc == 1)
		c.verb = IPVS_LIST;
	if (c.verb == IPVS_HELP)
		return print(command_usage);
	if (c.verb == IPVS_VERSION)
		return print("ipvsadm-lite " VRRP_TOOLS_VERSION "\n");
	if (c.verb == IPVS_NOTHING)
		die(EXIT_MISUSE, "no command: see --help");
	s.modprobe = c.seen & IPVS_BIT(IPVS_O_MODPROBE);
	s.no_sandbox = c.seen & IPVS_BIT(IPVS_O_NO_SANDBOX);
	session_open(&s);
	return run[c.verb](&s, &c);
}
