#include <linux/rtnetlink.h>
#include <string.h>

#include "announce.h"
#include "chain.h"
#include "die.h"
#include "num.h"
#include "options.h"
#include "opts.h"
#include "pktsock.h"
#include "route.h"

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

static bool set_ifname(struct options *o, const char *s)
{
	o->ifname = s;
	return link_name_ok(s);
}

static bool set_lease(struct options *o, const char *s)
{
	int64_t us;

	if (!dur_parse(s, &us) || us < US_PER_MS || us > LEASE_MAX)
		return false;
	o->hold.lease = us;
	o->addr.valid_lft = (uint32_t)((us + US_PER_S - 1) / US_PER_S);
	return true;
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

static const struct opt opts[] = {
	{ "interface", 'i', ALL, "the name of an interface",
		.set = set_ifname },
	{ "lease", 0, FOLLOW, "a duration from 1ms to 1d", .set = set_lease },
	{ "garp-count", 0, ADD | FOLLOW, "a number up to 1000",
		OPT_NUMBER(hold.garp_count, 0, 1000) },
	{ "garp-interval", 0, FOLLOW, "a duration",
		OPT_DURATION(hold.garp_interval, 0, DUR_MAX) },
	{ "garp-again", 0, FOLLOW, "a duration",
		OPT_DURATION(hold.garp_again, 0, DUR_MAX) },
	{ "garp-refresh", 0, FOLLOW, "a duration",
		OPT_DURATION(hold.garp_refresh, 0, DUR_MAX) },
	{ "label", 0, ADD | FOLLOW, "of 1 to 15 bytes", .set = set_label },
	{ "scope", 0, ADD | FOLLOW, "a scope", .set = set_scope },
	{ "noprefixroute", 0, ADD | FOLLOW, NULL,
		OPT_FLAG(addr.noprefixroute) },
	{ "route", 0, FOLLOW, "a route", .set = set_route },
	{ "vmac", 0, ALL, "a VRID from 1 to 255, and a name", .set = set_vmac },
	{ "force", 0, ADD | DEL, NULL, OPT_FLAG(force) },
	{ "json", 0, SHOW | FOLLOW, NULL, OPT_FLAG(json) },
	{ "ready-fd", 0, FOLLOW, OPT_A_FD, OPT_FD(ready_fd) },
	{ "user", 0, ALL, "a user", OPT_USER(sandbox) },
	{ "realtime", 0, FOLLOW, NULL, OPT_FLAG(sandbox.realtime) },
	{ "no-sandbox", 0, ALL, NULL, OPT_FLAG(sandbox.off) },
	{ "verbose", 'v', ALL, NULL, OPT_LEVEL(words, 1) },
	{ "quiet", 'q', ALL, NULL, OPT_LEVEL(words, -1) },
	{ "help", 'h', ALL, NULL, .text = usage },
	{ "version", 'V', ALL, NULL, .text = OPT_VERSION("vip-bind") },
};

static void find_verb(struct options *o, const char *s, const struct opts *p)
{
	for (int v = 0; s && v < VERB_N; v++)
		if (strcmp(verbs[v], s) == 0)
			o->verb = (enum verb)v;
	if (!s)
		die(EXIT_MISUSE, "what shall it do? add, del, show or follow");
	if (o->verb == VERB_N)
		die(EXIT_MISUSE, "%s: not add, del, show or follow", s);
	opts_check(p, 1u << o->verb, "not with", s);
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
	const struct opt *opt;
	struct opts p;

	*o = (struct options){
		.verb = VERB_N,
		.ready_fd = -1,
		.sandbox.user = "nobody",
		.hold = { .garp_count = 5, .garp_again = 5 * US_PER_S },
		.addr = { .scope = NL_SCOPE_UNSET,
			.valid_lft = NL_LFT_FOREVER },
	};
	o->prog = chain_split(&argc, argv);
	opts_begin(&p, opts, sizeof opts / sizeof *opts, 0, argc, argv);
	while ((opt = opts_next(&p)) != NULL)
		opts_take(opt, o, p.value);
	find_verb(o, argv[optind], &p);
	for (int i = optind + 1; i < argc; i++)
		add_addr(o, argv[i]);
	check(o);
}
