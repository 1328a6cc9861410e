#include "announce.h"
#include "die.h"
#include "garp.h"
#include "num.h"
#include "opts.h"
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

static bool set_ifname(struct options *g, const char *s)
{
	if (!link_name_ok(s))
		die(EXIT_MISUSE, "%s: no name of an interface", s);
	g->ifname = s;
	return true;
}

static bool set_count(struct options *g, const char *s)
{
	uint64_t n;

	if (!num_u64(s, 1, COUNT_MAX, &n))
		die(EXIT_MISUSE, "count %s: not a number from 1 to %d", s,
			COUNT_MAX);
	g->count = (unsigned)n;
	return true;
}

static bool set_interval(struct options *g, const char *s)
{
	if (!dur_parse(s, &g->interval) || g->interval > INTERVAL_MAX)
		die(EXIT_MISUSE, "interval %s: not a duration up to 1h", s);
	return true;
}

static bool set_mac(struct options *g, const char *s)
{
	if (!mac_parse(g->mac, s) || !mac_is_unicast(g->mac))
		return false;
	return g->mac_told = true;
}

static const struct opt opts[] = {
	{ "interface", 'i', 0, "a name", .set = set_ifname },
	{ "count", 'c', 0, "a number", .set = set_count },
	{ "interval", 'w', 0, "a duration", .set = set_interval },
	{ "reply", 0, 0, NULL, OPT_FLAG(reply) },
	{ "mac", 0, 0, "a host's, as 02:00:00:00:00:01", .set = set_mac },
	{ "probe", 0, 0, NULL, OPT_FLAG(probe) },
	{ "no-sandbox", 0, 0, NULL, OPT_FLAG(sandbox.off) },
	{ "verbose", 'v', 0, NULL, OPT_LEVEL(words, 1) },
	{ "quiet", 'q', 0, NULL, OPT_LEVEL(words, -1) },
	{ "help", 'h', 0, NULL, .text = usage },
	{ "version", 'V', 0, NULL, .text = OPT_VERSION("garp") },
};

static void add_addr(struct options *g, const char *s)
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

void garp_options(struct options *g, int argc, char **argv)
{
	const struct opt *opt;
	struct opts p;

	*g = (struct options){ .interval = -1, .sandbox.user = "nobody" };
	opts_begin(&p, opts, sizeof opts / sizeof *opts, 0, argc, argv);
	while ((opt = opts_next(&p)) != NULL)
		opts_take(opt, g, p.value);
	if (!g->ifname)
		die(EXIT_MISUSE, "which interface? -i IF");
	for (int i = optind; i < argc; i++)
		add_addr(g, argv[i]);
	if (!g->naddrs)
		die(EXIT_MISUSE, "which address?");
	if (g->probe && (g->reply || g->mac_told))
		die(EXIT_MISUSE, "--probe does not go with --reply or --mac");
}
