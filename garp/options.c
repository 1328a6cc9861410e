#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "announce.h"
#include "die.h"
#include "garp.h"
#include "num.h"
#include "pktsock.h"

#define COUNT_MAX    100000
#define INTERVAL_MAX (3600 * US_PER_S)

static const char usage[] =
	"usage: garp -i IF [-c COUNT] [-w INTERVAL] [--reply] [--mac MAC] ADDR...\n"
	"       garp --probe -i IF [-c COUNT] [-w INTERVAL] ADDR...\n"
	"\n"
	"Tells the neighbours on IF that ADDR is here: gratuitous ARP for IPv4,\n"
	"unsolicited neighbour advertisement for IPv6.\n"
	"\n"
	"  -i, --interface IF   the interface\n"
	"  -c, --count N        so many times (5)\n"
	"  -w, --interval T     so long between the rounds (0)\n"
	"      --reply          ARP replies instead of requests\n"
	"      --mac MAC        instead of the interface's own\n"
	"      --probe          ask whether another host has ADDR (3 times, 200ms\n"
	"                       apart, and 1s to wait): FREE or USED, a line each\n"
	"      --no-sandbox     keep all privileges, for debugging\n"
	"  -v, --verbose        more words; -q, --quiet: fewer\n"
	"  -h, --help           -V, --version\n"
	"\n"
	"exit: 0 done, or all free; 1 some in use; 100 misuse; 111 system error\n";

enum { OPT_REPLY = 256, OPT_MAC, OPT_PROBE, OPT_NO_SANDBOX };

static const struct option longs[] = {
	{ "interface", required_argument, NULL, 'i' },
	{ "count", required_argument, NULL, 'c' },
	{ "interval", required_argument, NULL, 'w' },
	{ "reply", no_argument, NULL, OPT_REPLY },
	{ "mac", required_argument, NULL, OPT_MAC },
	{ "probe", no_argument, NULL, OPT_PROBE },
	{ "no-sandbox", no_argument, NULL, OPT_NO_SANDBOX },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

static void set_count(struct garp *g, const char *s)
{
	uint64_t n;

	if (!num_u64(s, 1, COUNT_MAX, &n))
		die(EXIT_MISUSE, "count %s: not a number from 1 to %d", s,
			COUNT_MAX);
	g->count = (unsigned)n;
}

static void set_mac(struct garp *g, const char *s)
{
	if (!mac_parse(g->mac, s) || !mac_is_unicast(g->mac))
		die(EXIT_MISUSE, "--mac %s: not a host's, as 02:00:00:00:00:01",
			s);
	g->mac_told = true;
}

static _Noreturn void print_and_exit(const char *text)
{
	fputs(text, stdout);
	exit(fflush(stdout) == 0 ? EXIT_YES : EXIT_SYSTEM);
}

static void set_option(struct garp *g, int c, const char *arg)
{
	switch (c) {
	case 'i':
		if (!link_name_ok(arg))
			die(EXIT_MISUSE, "%s: no name of an interface", arg);
		g->ifname = arg;
		break;
	case 'c':
		set_count(g, arg);
		break;
	case 'w':
		if (!dur_parse(arg, &g->interval) || g->interval > INTERVAL_MAX)
			die(EXIT_MISUSE, "interval %s: not a duration up to 1h",
				arg);
		break;
	case OPT_REPLY:
		g->reply = true;
		break;
	case OPT_MAC:
		set_mac(g, arg);
		break;
	case OPT_PROBE:
		g->probe = true;
		break;
	case OPT_NO_SANDBOX:
		g->sandbox.off = true;
		break;
	case 'v':
	case 'q':
		g->words = c == 'v' ? 1 : -1;
		break;
	case 'h':
		print_and_exit(usage);
	default:
		print_and_exit("garp " VRRP_TOOLS_VERSION "\n");
	}
}

static void add_addr(struct garp *g, const char *s)
{
	struct addr *a = &g->addrs[g->naddrs];
	const char *why;

	if (g->naddrs == GARP_ADDRS)
		die(EXIT_MISUSE, "more than %d addresses", GARP_ADDRS);
	if (!addr_parse(a, s))
		die(EXIT_MISUSE, "%s: not an address", s);
	why = addr_unfit(a);
	if (why)
		die(EXIT_MISUSE, "%s: %s", s, why);
	g->naddrs++;
}

void garp_options(struct garp *g, int argc, char **argv)
{
	int c;

	*g = (struct garp){ .interval = -1, .sandbox.user = "nobody" };
	while ((c = getopt_long(argc, argv, ":i:c:w:vqhV", longs, NULL)) >= 0) {
		if (c == '?' || c == ':')
			die(EXIT_MISUSE, "%s: %s", argv[optind - 1],
				c == ':'
					? "a value is missing"
					: "no such option, or a value too many");
		set_option(g, c, optarg);
	}
	if (!g->ifname)
		die(EXIT_MISUSE, "which interface? -i IF");
	for (int i = optind; i < argc; i++)
		add_addr(g, argv[i]);
	if (!g->naddrs)
		die(EXIT_MISUSE, "which address?");
	if (g->probe && (g->reply || g->mac_told))
		die(EXIT_MISUSE, "--probe does not go with --reply or --mac");
}
