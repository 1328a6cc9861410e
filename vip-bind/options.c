#include <fcntl.h>
#include <getopt.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce.h"
#include "chain.h"
#include "die.h"
#include "num.h"
#include "options.h"
#include "pktsock.h"
#include "route.h"

#define COUNT_MAX 1000
#define LEASE_MAX (86400 * US_PER_S)
/* What the parent routes goes by the parent. */
#define VMAC_METRIC 1024
/* Between announcements: whatever the old Master still sends from the virtual
 * MAC while it lets go, the last word is ours. */
#define VMAC_PACE (20 * US_PER_MS)

static const char usage[] =
	"usage: vip-bind add|del|show -i IF [options] ADDR[/LEN]...\n"
	"       vip-bind follow [-i IF] [options] [ADDR[/LEN]...] [-- PROG ARG...]\n"
	"\n"
	"follow: holds the addresses while the lines on stdin say MASTER or UP,\n"
	"and passes each line on after it has acted on it.\n"
	"\n"
	"  -i, --interface IF   the interface (follow: else if= of the line)\n"
	"      --lease T        no MASTER line for so long: let go; and so does the\n"
	"                       kernel, in whole seconds\n"
	"      --garp-count N   announcements (5), the last 75 ms later; 0: none\n"
	"      --garp-interval T  between these (0; with --vmac 20ms)\n"
	"      --garp-again T   as many again, so much later (5s); 0: no\n"
	"      --garp-refresh T then one every so long (0: no)\n"
	"      --label NAME     of IPv4 addresses\n"
	"      --scope SCOPE    global, site, link, host or a number\n"
	"      --noprefixroute  no route to the prefix\n"
	"      --route ROUTE    'PREFIX|default [via A] [src A] [metric N]\n"
	"                       [table N] [onlink]': with the addresses; repeat\n"
	"      --vmac VRID[=NAME]  on a macvlan with the virtual MAC of that\n"
	"                       router; NAME: vrrp.VRID, vrrp6.VRID\n"
	"      --force          add: though another host answers; del: though the\n"
	"                       address is not ours\n"
	"      --json           own lines as JSON\n"
	"      --ready-fd N     a newline there when ready\n"
	"      --user NAME      who to be instead of root (nobody)\n"
	"      --realtime       follow: SCHED_FIFO, memory locked, a guard\n"
	"      --no-sandbox     keep all privileges, for debugging\n"
	"  -v, --verbose        more words; -q, --quiet: fewer\n"
	"  -h, --help           -V, --version\n"
	"\n"
	"exit: 0 done, all there; 1 no; 100 misuse; 111 system error\n";

#define ADD    (1u << VERB_ADD)
#define DEL    (1u << VERB_DEL)
#define SHOW   (1u << VERB_SHOW)
#define FOLLOW (1u << VERB_FOLLOW)
#define ALL    (ADD | DEL | SHOW | FOLLOW)

static const char *const verbs[VERB_N] = { "add", "del", "show", "follow" };

static bool duration(int64_t *out, const char *s, int64_t min, int64_t max)
{
	return dur_parse(s, out) && *out >= min && *out <= max;
}

static bool set_ifname(struct options *o, const char *s)
{
	o->ifname = s;
	return link_name_ok(s);
}

static bool set_lease(struct options *o, const char *s)
{
	int64_t *us = &o->hold.lease;

	if (!duration(us, s, US_PER_MS, LEASE_MAX))
		return false;
	o->addr.valid_lft = (uint32_t)((*us + US_PER_S - 1) / US_PER_S);
	return true;
}

static bool set_count(struct options *o, const char *s)
{
	uint64_t n;

	if (!num_u64(s, 0, COUNT_MAX, &n))
		return false;
	o->hold.garp_count = (unsigned)n;
	return true;
}

static bool set_interval(struct options *o, const char *s)
{
	return duration(&o->hold.garp_interval, s, 0, DUR_MAX);
}

static bool set_again(struct options *o, const char *s)
{
	return duration(&o->hold.garp_again, s, 0, DUR_MAX);
}

static bool set_refresh(struct options *o, const char *s)
{
	return duration(&o->hold.garp_refresh, s, 0, DUR_MAX);
}

static bool set_label(struct options *o, const char *s)
{
	o->addr.label = s;
	return *s && strlen(s) <= NL_LABEL_MAX && !strpbrk(s, " \t\n");
}

static bool set_scope(struct options *o, const char *s)
{
	static const struct {
		const char *name;
		int scope;
	} names[] = { { "global", RT_SCOPE_UNIVERSE },
		{ "site", RT_SCOPE_SITE }, { "link", RT_SCOPE_LINK },
		{ "host", RT_SCOPE_HOST } };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(names[i].name, s) == 0) {
			o->addr.scope = names[i].scope;
			return true;
		}
	}
	return num_int(s, 0, 255, &o->addr.scope);
}

static bool set_noprefixroute(struct options *o, const char *s)
{
	(void)s;
	return o->addr.noprefixroute = true;
}

static bool set_route(struct options *o, const char *s)
{
	const char *why = o->nroutes < ROUTES_MAX
				  ? route_parse(&o->routes[o->nroutes++], s)
				  : "too many";

	if (why)
		die(EXIT_MISUSE, "--route %s: %s", s, why);
	return true;
}

static bool set_vmac(struct options *o, const char *s)
{
	char number[4];
	size_t len = strcspn(s, "=");
	uint64_t vrid;

	if (len >= sizeof number)
		return false;
	memcpy(number, s, len);
	number[len] = '\0';
	if (!num_u64(number, 1, 255, &vrid))
		return false;
	o->vmac = (uint8_t)vrid;
	o->vmac_name = s[len] ? s + len + 1 : NULL;
	o->addr.metric = VMAC_METRIC;
	if (!o->hold.garp_interval)
		o->hold.garp_interval = VMAC_PACE;
	return !o->vmac_name || link_name_ok(o->vmac_name);
}

static bool set_force(struct options *o, const char *s)
{
	(void)s;
	return o->force = true;
}

static bool set_json(struct options *o, const char *s)
{
	(void)s;
	return o->json = true;
}

static bool set_ready(struct options *o, const char *s)
{
	return num_int(s, 3, 1 << 20, &o->ready_fd) &&
	       fcntl(o->ready_fd, F_GETFD) >= 0;
}

static bool set_user(struct options *o, const char *s)
{
	return sandbox_user(&o->sandbox, s);
}

static bool set_realtime(struct options *o, const char *s)
{
	(void)s;
	return o->sandbox.realtime = true;
}

static bool set_no_sandbox(struct options *o, const char *s)
{
	(void)s;
	return o->sandbox.off = true;
}

static bool set_verbose(struct options *o, const char *s)
{
	(void)s;
	o->words = 1;
	return true;
}

static bool set_quiet(struct options *o, const char *s)
{
	(void)s;
	o->words = -1;
	return true;
}

static _Noreturn void print_and_exit(const char *text)
{
	fputs(text, stdout);
	exit(fflush(stdout) == 0 ? EXIT_YES : EXIT_SYSTEM);
}

static bool set_help(struct options *o, const char *s)
{
	(void)o, (void)s;
	print_and_exit(usage);
}

static bool set_version(struct options *o, const char *s)
{
	(void)o, (void)s;
	print_and_exit("vip-bind " VRRP_TOOLS_VERSION "\n");
}

static const struct opt {
	const char *name;
	char letter; /* 0: none */
	unsigned verbs;
	bool (*set)(struct options *o, const char *value);
	const char *what; /* its value is to be; NULL: it has none */
} opts[] = {
	{ "interface", 'i', ALL, set_ifname, "the name of an interface" },
	{ "lease", 0, FOLLOW, set_lease, "a duration from 1ms to 1d" },
	{ "garp-count", 0, ADD | FOLLOW, set_count, "a number up to 1000" },
	{ "garp-interval", 0, FOLLOW, set_interval, "a duration" },
	{ "garp-again", 0, FOLLOW, set_again, "a duration" },
	{ "garp-refresh", 0, FOLLOW, set_refresh, "a duration" },
	{ "label", 0, ADD | FOLLOW, set_label, "of 1 to 15 bytes" },
	{ "scope", 0, ADD | FOLLOW, set_scope, "a scope" },
	{ "noprefixroute", 0, ADD | FOLLOW, set_noprefixroute, NULL },
	{ "route", 0, FOLLOW, set_route, "a route" },
	{ "vmac", 0, ALL, set_vmac, "a VRID from 1 to 255, and a name" },
	{ "force", 0, ADD | DEL, set_force, NULL },
	{ "json", 0, SHOW | FOLLOW, set_json, NULL },
	{ "ready-fd", 0, FOLLOW, set_ready, "an open descriptor from 3 on" },
	{ "user", 0, ALL, set_user, "a user" },
	{ "realtime", 0, FOLLOW, set_realtime, NULL },
	{ "no-sandbox", 0, ALL, set_no_sandbox, NULL },
	{ "verbose", 'v', ALL, set_verbose, NULL },
	{ "quiet", 'q', ALL, set_quiet, NULL },
	{ "help", 'h', ALL, set_help, NULL },
	{ "version", 'V', ALL, set_version, NULL },
};

#define NOPTS	   (sizeof opts / sizeof *opts)
#define LONG_FIRST 256

static const struct opt *find_opt(int c)
{
	for (size_t i = 0; i < NOPTS; i++)
		if (opts[i].letter && opts[i].letter == c)
			return &opts[i];
	return &opts[c - LONG_FIRST];
}

/* Returns the bit of the option in `seen`. */
static unsigned take_option(struct options *o, int c, const char *value)
{
	const struct opt *opt = find_opt(c);

	if (!opt->set(o, value))
		die(EXIT_MISUSE, "--%s %s: not %s", opt->name, value,
			opt->what);
	return 1u << (opt - opts);
}

static void find_verb(struct options *o, const char *s, unsigned seen)
{
	for (int v = 0; s && v < VERB_N; v++)
		if (strcmp(verbs[v], s) == 0)
			o->verb = (enum verb)v;
	if (o->verb == VERB_N)
		die(EXIT_MISUSE, "%s: not add, del, show or follow",
			s ? s : "what to do");
	for (size_t i = 0; i < NOPTS; i++)
		if (seen & 1u << i && !(opts[i].verbs & 1u << o->verb))
			die(EXIT_MISUSE, "--%s: not with %s", opts[i].name, s);
}

const char *options_addr(struct prefix *p, const char *text)
{
	if (!prefix_parse(p, text))
		return "not an address";
	return p->len ? addr_unfit(&p->addr) : "no length for an address";
}

static void add_addr(struct options *o, const char *s)
{
	const char *why = o->naddrs < HOLD_PER_SUBJECT
				  ? options_addr(&o->addrs[o->naddrs++], s)
				  : "too many addresses";

	if (why)
		die(EXIT_MISUSE, "%s: %s", s, why);
}

static void check(const struct options *o)
{
	bool follow = o->verb == VERB_FOLLOW;

	if (!follow && o->prog)
		die(EXIT_MISUSE, "-- %s: only with follow", o->prog[0]);
	if (!follow && !o->ifname)
		die(EXIT_MISUSE, "which interface? -i IF");
	if (!follow && !o->naddrs)
		die(EXIT_MISUSE, "which address?");
	if (o->nroutes && !o->ifname)
		die(EXIT_MISUSE, "--route: by which interface? -i IF");
	if (o->nroutes && o->vmac)
		die(EXIT_MISUSE, "--route: not with --vmac");
	for (size_t i = 1; o->vmac && i < o->naddrs; i++)
		if (o->addrs[i].addr.family != o->addrs[0].addr.family)
			die(EXIT_MISUSE, "--vmac: addresses of one family "
					 "only, for each has its MAC");
}

void options_parse(struct options *o, int argc, char **argv)
{
	struct option longs[NOPTS + 1] = { 0 };
	unsigned seen = 0;
	int c;

	*o = (struct options){
		.verb = VERB_N,
		.ready_fd = -1,
		.sandbox.user = "nobody",
		.hold = { .garp_count = 5, .garp_again = 5 * US_PER_S },
		.addr = { .scope = NL_SCOPE_UNSET,
			.valid_lft = NL_LFT_FOREVER },
	};
	for (size_t i = 0; i < NOPTS; i++)
		longs[i] = (struct option){ opts[i].name, opts[i].what != NULL,
			NULL, LONG_FIRST + (int)i };
	o->prog = chain_split(&argc, argv);
	while ((c = getopt_long(argc, argv, ":i:vqhV", longs, NULL)) >= 0) {
		if (c == '?' || c == ':')
			die(EXIT_MISUSE, "%s: %s", argv[optind - 1],
				c == ':'
					? "a value is missing"
					: "no such option, or a value too many");
		seen |= take_option(o, c, optarg);
	}
	find_verb(o, argv[optind], seen);
	for (int i = optind + 1; i < argc; i++)
		add_addr(o, argv[i]);
	check(o);
}
