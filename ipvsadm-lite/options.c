#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "die.h"
#include "num.h"
#include "options.h"
#include "opts.h"

#define POLL_DEF   US_PER_S
#define RESYNC_DEF (5 * US_PER_S)

static const char *const verbs[VERB_N] = { "apply", "drain", "follow",
	"syncd" };

static const char *const usages[VERB_N] = {
	"usage: ipvsadm-lite apply [--diff] [--only SERVICE...] < TABLE\n"
	"\n"
	"Makes the kernel's table equal to TABLE, which is what -S writes, by the\n"
	"fewest edits.  What is equal is not touched, and no service is without its\n"
	"servers in between.  Timeouts and sync daemons are changed only if TABLE\n"
	"tells some.\n"
	"\n"
	"      --diff        print the edits, do nothing; exit 1 if there are any\n"
	"      --only        these services alone: -t, -u, --sctp-service, -f [-6]\n"
	"      --empty       a TABLE with no line at all is meant so\n",
	"usage: ipvsadm-lite drain SERVICE -r SERVER [--max T]\n"
	"\n"
	"Gives SERVER weight 0 and removes it when it has no connections left.\n"
	"\n"
	"  -r, --real-server ADDR[:PORT]\n"
	"      --max T       remove it after T in any case: exit 99\n"
	"      --poll T      between looks (1s)\n",
	"usage: ipvsadm-lite follow [SERVICE...] [options] [-- PROG ARG...] < LINES\n"
	"\n"
	"DOWN lines (hcheck's) take the server of their addr= out of the services, UP\n"
	"lines put it back; each line is passed on after that.  UP and DOWN of each\n"
	"service are told too.\n"
	"\n"
	"  SERVICE           -t, -u, --sctp-service ADDR:PORT, -f MARK [-6]; none: all\n"
	"      --table FILE  the services as they should be (-S writes such); HUP\n"
	"                    reads it again.  Else what others put into the kernel\n"
	"      --server NAME=ADDR[:PORT]  lines of the subject NAME are about this one\n"
	"      --down 0|remove   what a server gets that is down (weight 0)\n"
	"      --weight N    what weight 0 in the table means for one that is UP\n"
	"      --slow-start T    one that returns gets its weight by steps, in T\n"
	"      --quorum N    sum of live weights for a service to be UP (1)\n"
	"      --hysteresis N    so much more to become UP, less to become DOWN (0)\n"
	"      --sorry ADDR:PORT serves while the quorum is lost, the others do not\n"
	"  -g, -i, -m        how it is reached (as the others)\n"
	"      --resync T    compare with the kernel, without a line too (5s)\n"
	"      --heartbeat T repeat the lines of the services\n"
	"      --eof keep|down   the table at the end of input: as it is, or all down\n"
	"      --json        own lines as JSON\n"
	"      --ready-fd N  a newline there when ready\n",
	"usage: ipvsadm-lite syncd -i IF [--syncid N] [options] [-- PROG ARG...] < LINES\n"
	"\n"
	"MASTER lines make the kernel's sync daemon send its connections, any other\n"
	"state makes it receive those of the master; lines are passed on.\n"
	"\n"
	"  -i, --interface IF    for the multicast\n"
	"      --syncid N        0 to 255 (0)\n"
	"      --sync-maxlen N, --mcast-group ADDR, --mcast-port N, --mcast-ttl N\n"
	"      --resync T        look whether it still runs (5s)\n"
	"      --eof stop|keep   at the end of input (stop)\n"
	"      --ready-fd N      a newline there when ready\n",
};

static const char common[] =
	"      --modprobe    load ip_vs if this kernel has none yet\n"
	"      --no-sandbox  keep all rights of the caller\n"
	"  -v, --verbose     more words; -q, --quiet: fewer\n"
	"  -h, --help        -V, --version\n"
	"\n"
	"exit: 0 done; 1 no; 99 time was over; 100 misuse; 111 system error\n";

#define APPLY  (1u << VERB_APPLY)
#define DRAIN  (1u << VERB_DRAIN)
#define FOLLOW (1u << VERB_FOLLOW)
#define SYNCD  (1u << VERB_SYNCD)
#define SVC    (APPLY | DRAIN | FOLLOW)
#define ALL    (SVC | SYNCD)

/* ---- Setters: false when the value is not as it has to be. */

/* As on ipvsadm's own command line. */
static bool add_svc(struct options *o, const char *letter, const char *value)
{
	static struct ipvs_cmd c;
	char text[256];
	char del[] = "-D";
	char option[32], *words[] = { del, option, text };

	if (o->nsvcs == FOLLOW_SVCS)
		die(EXIT_MISUSE, "too many services");
	snprintf(option, sizeof option, "%s", letter);
	if ((size_t)snprintf(text, sizeof text, "%s", value) >= sizeof text ||
		ipvs_parse(&c, words, 3, NULL))
		return false;
	o->svcs[o->nsvcs++] = c.svc;
	return true;
}

static bool set_tcp(struct options *o, const char *s)
{
	return add_svc(o, "-t", s);
}

static bool set_udp(struct options *o, const char *s)
{
	return add_svc(o, "-u", s);
}

static bool set_sctp(struct options *o, const char *s)
{
	return add_svc(o, "--sctp-service", s);
}

static bool set_fwmark(struct options *o, const char *s)
{
	return add_svc(o, "-f", s);
}

static bool set_ipv6(struct options *o, const char *s)
{
	(void)s;
	if (!o->nsvcs || !o->svcs[o->nsvcs - 1].fwmark)
		die(EXIT_MISUSE, "-6: after -f MARK");
	o->svcs[o->nsvcs - 1].addr.family = AF_INET6;
	return true;
}

static bool set_server(struct options *o, const char *s)
{
	o->server_text = s;
	return ipvs_parse_addrport(
		&o->server.addr, &o->server.port, &o->server_told, s);
}

static bool set_down(struct options *o, const char *s)
{
	o->follow.remove = strcmp(s, "remove") == 0;
	return o->follow.remove || strcmp(s, "0") == 0;
}

static bool set_sorry(struct options *o, const char *s)
{
	bool told;

	return ipvs_parse_addrport(&o->follow.sorry.addr, &o->follow.sorry.port,
		       &told, s) &&
	       told;
}

static bool set_route(struct options *o, const char *s)
{
	(void)s;
	o->follow.sorry.fwd = IPVS_ROUTE;
	return o->follow.sorry_fwd = true;
}

static bool set_tunnel(struct options *o, const char *s)
{
	(void)s;
	o->follow.sorry.fwd = IPVS_TUNNEL;
	return o->follow.sorry_fwd = true;
}

static bool set_masq(struct options *o, const char *s)
{
	(void)s;
	o->follow.sorry.fwd = IPVS_MASQ;
	return o->follow.sorry_fwd = true;
}

static bool set_map(struct options *o, const char *s)
{
	const char *eq = strchr(s, '=');
	struct follow_map *m = &o->maps[o->nmaps];
	char *name;

	if (o->nmaps == FOLLOW_MAPS)
		die(EXIT_MISUSE, "--server: too many");
	if (!eq || eq == s || eq - s >= FOLLOW_NAME_LEN)
		return false;
	name = strndup(s, (size_t)(eq - s));
	if (!name)
		die(EXIT_SYSTEM, "out of memory");
	m->name = name;
	o->nmaps++;
	return ipvs_parse_addrport(&m->addr, &m->port, &m->port_told, eq + 1);
}

static bool set_eof(struct options *o, const char *s)
{
	bool follow = o->verb == VERB_FOLLOW;

	o->eof_down = strcmp(s, "down") == 0;
	o->eof_keep = strcmp(s, "keep") == 0;
	return o->eof_keep || strcmp(s, follow ? "down" : "stop") == 0;
}

/* As for --start-daemon, whose words these are. */
static bool daemon_option(
	struct options *o, const char *option, const char *value)
{
	char start[] = "--start-daemon", master[] = "master";
	char name[32], text[64], *words[] = { start, master, name, text };
	static struct ipvs_cmd c;

	snprintf(name, sizeof name, "%s", option);
	if ((size_t)snprintf(text, sizeof text, "%s", value) >= sizeof text ||
		ipvs_parse(&c, words, 4, NULL))
		return false;
	if (c.seen & IPVS_BIT(IPVS_O_MCAST_IF))
		memcpy(o->daemon.ifname, c.daemon.ifname, IPVS_NAME_LEN);
	if (c.seen & IPVS_BIT(IPVS_O_SYNCID))
		o->daemon.syncid = c.daemon.syncid;
	if (c.seen & IPVS_BIT(IPVS_O_MAXLEN))
		o->daemon.maxlen = c.daemon.maxlen;
	if (c.seen & IPVS_BIT(IPVS_O_GROUP))
		o->daemon.group = c.daemon.group;
	if (c.seen & IPVS_BIT(IPVS_O_MCAST_PORT))
		o->daemon.port = c.daemon.port;
	if (c.seen & IPVS_BIT(IPVS_O_TTL))
		o->daemon.ttl = c.daemon.ttl;
	return true;
}

static bool set_interface(struct options *o, const char *s)
{
	return daemon_option(o, "--mcast-interface", s);
}

static bool set_syncid(struct options *o, const char *s)
{
	return daemon_option(o, "--syncid", s);
}

static bool set_maxlen(struct options *o, const char *s)
{
	return daemon_option(o, "--sync-maxlen", s);
}

static bool set_group(struct options *o, const char *s)
{
	return daemon_option(o, "--mcast-group", s);
}

static bool set_port(struct options *o, const char *s)
{
	return daemon_option(o, "--mcast-port", s);
}

static bool set_ttl(struct options *o, const char *s)
{
	return daemon_option(o, "--mcast-ttl", s);
}

static bool set_help(struct options *o, const char *s)
{
	(void)s;
	fputs(usages[o->verb], stdout);
	opts_print(common);
}

static const char an_addrport[] = "ADDR:PORT";
static const char a_number[] = "a number";
static const char a_duration[] = "a duration of 1ms or more";

/* -i is ipvsadm's tunnel, and syncd's interface as in the other tools. */
static const struct opt opts[] = {
	{ "tcp-service", 't', SVC, an_addrport, .set = set_tcp },
	{ "udp-service", 'u', SVC, an_addrport, .set = set_udp },
	{ "sctp-service", 0, SVC, an_addrport, .set = set_sctp },
	{ "fwmark-service", 'f', SVC, "a mark", .set = set_fwmark },
	{ "ipv6", '6', SVC, NULL, .set = set_ipv6 },
	{ "diff", 0, APPLY, NULL, OPT_FLAG(diff) },
	{ "only", 0, APPLY, NULL, OPT_FLAG(only) },
	{ "empty", 0, APPLY, NULL, OPT_FLAG(empty) },
	{ "real-server", 'r', DRAIN, an_addrport, .set = set_server },
	{ "max", 0, DRAIN, a_duration, OPT_DURATION(max, US_PER_MS, DUR_MAX) },
	{ "poll", 0, DRAIN, a_duration,
		OPT_DURATION(poll, US_PER_MS, DUR_MAX) },
	{ "table", 0, FOLLOW, "a file", OPT_TEXT(table, 1) },
	{ "server", 0, FOLLOW, "NAME=ADDR[:PORT]", .set = set_map },
	{ "down", 0, FOLLOW, "0 or remove", .set = set_down },
	{ "down-weight", 0, FOLLOW, "0 or remove", .set = set_down },
	{ "weight", 0, FOLLOW, a_number,
		OPT_NUMBER(follow.weight, 0, INT32_MAX) },
	{ "slow-start", 0, FOLLOW, a_duration,
		OPT_DURATION(follow.slow_start, US_PER_MS, DUR_MAX) },
	{ "quorum", 0, FOLLOW, a_number,
		OPT_NUMBER(follow.quorum, 0, INT32_MAX) },
	{ "hysteresis", 0, FOLLOW, a_number,
		OPT_NUMBER(follow.hysteresis, 0, INT32_MAX) },
	{ "sorry", 0, FOLLOW, an_addrport, .set = set_sorry },
	{ "gatewaying", 'g', FOLLOW, NULL, .set = set_route },
	{ "ipip", 'i', FOLLOW, NULL, .set = set_tunnel },
	{ "masquerading", 'm', FOLLOW, NULL, .set = set_masq },
	{ "heartbeat", 0, FOLLOW, a_duration,
		OPT_DURATION(heartbeat, US_PER_MS, DUR_MAX) },
	{ "json", 0, FOLLOW, NULL, OPT_FLAG(json) },
	{ "resync", 0, FOLLOW | SYNCD, a_duration,
		OPT_DURATION(resync, US_PER_MS, DUR_MAX) },
	{ "eof", 0, FOLLOW | SYNCD, "one of the words in --help",
		.set = set_eof },
	{ "ready-fd", 0, FOLLOW | SYNCD, OPT_A_FD, OPT_FD(ready_fd) },
	{ "interface", 'i', SYNCD, "the name of an interface",
		.set = set_interface },
	{ "syncid", 0, SYNCD, "a number from 0 to 255", .set = set_syncid },
	{ "sync-maxlen", 0, SYNCD, "a number from 1 to 65507",
		.set = set_maxlen },
	{ "mcast-group", 0, SYNCD, "a multicast address", .set = set_group },
	{ "mcast-port", 0, SYNCD, "a port", .set = set_port },
	{ "mcast-ttl", 0, SYNCD, "a number from 1 to 255", .set = set_ttl },
	{ "modprobe", 0, ALL, NULL, OPT_FLAG(session.modprobe) },
	{ "no-sandbox", 0, ALL, NULL, OPT_FLAG(session.no_sandbox) },
	{ "verbose", 'v', ALL, NULL, OPT_LEVEL(words, 1) },
	{ "quiet", 'q', ALL, NULL, OPT_LEVEL(words, -1) },
	{ "help", 'h', ALL, NULL, .set = set_help },
	{ "version", 'V', ALL, NULL, .text = OPT_VERSION("ipvsadm-lite") },
};

static void check_drain(struct options *o)
{
	if (o->nsvcs != 1)
		die(EXIT_MISUSE, "drain: which service? one -t, -u or -f");
	if (!o->server_text)
		die(EXIT_MISUSE, "drain: which server? -r ADDR[:PORT]");
	if (!o->server_told)
		o->server.port = o->svcs[0].port;
}

static void check(struct options *o)
{
	if (o->verb == VERB_DRAIN)
		check_drain(o);
	if (o->verb == VERB_APPLY && o->only != (o->nsvcs > 0))
		die(EXIT_MISUSE, "apply: --only and services go together");
	if (o->verb == VERB_SYNCD && !*o->daemon.ifname)
		die(EXIT_MISUSE, "syncd: which interface? -i IF");
	if (o->prog && o->verb != VERB_FOLLOW && o->verb != VERB_SYNCD)
		die(EXIT_MISUSE, "-- %s: not with %s", o->prog[0],
			verbs[o->verb]);
	if (o->follow.sorry_fwd && !o->follow.sorry.addr.family)
		die(EXIT_MISUSE, "-g, -i, -m: of which --sorry server?");
}

enum verb options_verb(int argc, char **argv)
{
	int v = 0;

	while (argc > 1 && v < VERB_N && strcmp(verbs[v], argv[1]) != 0)
		v++;
	return argc > 1 ? (enum verb)v : VERB_N;
}

void options_parse(struct options *o, enum verb verb, int argc, char **argv)
{
	const struct opt *opt;
	struct opts p;

	o->verb = verb;
	o->ready_fd = -1;
	o->poll = POLL_DEF;
	o->resync = RESYNC_DEF;
	o->follow.quorum = 1;
	o->prog = chain_split(&argc, argv);
	opts_begin(
		&p, opts, sizeof opts / sizeof *opts, 1u << verb, argc, argv);
	while ((opt = opts_next(&p)) != NULL) {
		opts_check(&p, 1u << verb, "not with", verbs[verb]);
		opts_take(opt, o, p.value);
	}
	if (optind < argc)
		die(EXIT_MISUSE, "%s: unexpected argument", argv[optind]);
	check(o);
}
