#include <fcntl.h>
#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "die.h"
#include "num.h"
#include "options.h"

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

static bool set_diff(struct options *o, const char *s)
{
	(void)s;
	return o->diff = true;
}

static bool set_only(struct options *o, const char *s)
{
	(void)s;
	return o->only = true;
}

static bool set_empty(struct options *o, const char *s)
{
	(void)s;
	return o->empty = true;
}

static bool set_server(struct options *o, const char *s)
{
	o->server_text = s;
	return ipvs_parse_addrport(
		&o->server.addr, &o->server.port, &o->server_told, s);
}

static bool duration(int64_t *out, const char *s)
{
	return dur_parse(s, out) && *out >= US_PER_MS;
}

static bool set_max(struct options *o, const char *s)
{
	return duration(&o->max, s);
}

static bool set_poll(struct options *o, const char *s)
{
	return duration(&o->poll, s);
}

static bool set_resync(struct options *o, const char *s)
{
	return duration(&o->resync, s);
}

static bool set_heartbeat(struct options *o, const char *s)
{
	return duration(&o->heartbeat, s);
}

static bool set_slow(struct options *o, const char *s)
{
	return duration(&o->follow.slow_start, s);
}

static bool number(uint32_t *out, const char *s, uint32_t max)
{
	uint64_t v;

	if (!num_u64(s, 0, max, &v))
		return false;
	*out = (uint32_t)v;
	return true;
}

static bool set_quorum(struct options *o, const char *s)
{
	return number(&o->follow.quorum, s, INT32_MAX);
}

static bool set_hysteresis(struct options *o, const char *s)
{
	return number(&o->follow.hysteresis, s, INT32_MAX);
}

static bool set_weight(struct options *o, const char *s)
{
	return number(&o->follow.weight, s, INT32_MAX);
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

static bool set_table(struct options *o, const char *s)
{
	o->table = s;
	return *s;
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

static bool set_modprobe(struct options *o, const char *s)
{
	(void)s;
	return o->session.modprobe = true;
}

static bool set_no_sandbox(struct options *o, const char *s)
{
	(void)s;
	return o->session.no_sandbox = true;
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

static _Noreturn void print_and_exit(const char *a, const char *b)
{
	fputs(a, stdout);
	fputs(b, stdout);
	exit(fflush(stdout) == 0 ? EXIT_YES : EXIT_SYSTEM);
}

static bool set_help(struct options *o, const char *s)
{
	(void)s;
	print_and_exit(usages[o->verb], common);
}

static bool set_version(struct options *o, const char *s)
{
	(void)o, (void)s;
	print_and_exit("ipvsadm-lite " VRRP_TOOLS_VERSION "\n", "");
}

static const char a_svc[] = "ADDR:PORT";
static const char a_duration[] = "a duration of 1ms or more";
static const char a_number[] = "a number";
static const char an_addrport[] = "ADDR:PORT";

static const struct opt {
	const char *name;
	char letter; /* 0: none */
	unsigned verbs;
	bool (*set)(struct options *o, const char *value);
	const char *what; /* its value is to be; NULL: it has none */
} opts[] = {
	{ "tcp-service", 't', SVC, set_tcp, a_svc },
	{ "udp-service", 'u', SVC, set_udp, a_svc },
	{ "sctp-service", 0, SVC, set_sctp, a_svc },
	{ "fwmark-service", 'f', SVC, set_fwmark, "a mark" },
	{ "ipv6", '6', SVC, set_ipv6, NULL },
	{ "diff", 0, APPLY, set_diff, NULL },
	{ "only", 0, APPLY, set_only, NULL },
	{ "empty", 0, APPLY, set_empty, NULL },
	{ "real-server", 'r', DRAIN, set_server, an_addrport },
	{ "max", 0, DRAIN, set_max, a_duration },
	{ "poll", 0, DRAIN, set_poll, a_duration },
	{ "table", 0, FOLLOW, set_table, "a file" },
	{ "server", 0, FOLLOW, set_map, "NAME=ADDR[:PORT]" },
	{ "down", 0, FOLLOW, set_down, "0 or remove" },
	{ "down-weight", 0, FOLLOW, set_down, "0 or remove" },
	{ "weight", 0, FOLLOW, set_weight, a_number },
	{ "slow-start", 0, FOLLOW, set_slow, a_duration },
	{ "quorum", 0, FOLLOW, set_quorum, a_number },
	{ "hysteresis", 0, FOLLOW, set_hysteresis, a_number },
	{ "sorry", 0, FOLLOW, set_sorry, an_addrport },
	{ "gatewaying", 'g', FOLLOW, set_route, NULL },
	{ "ipip", 0, FOLLOW, set_tunnel, NULL },
	{ "masquerading", 'm', FOLLOW, set_masq, NULL },
	{ "heartbeat", 0, FOLLOW, set_heartbeat, a_duration },
	{ "json", 0, FOLLOW, set_json, NULL },
	{ "resync", 0, FOLLOW | SYNCD, set_resync, a_duration },
	{ "eof", 0, FOLLOW | SYNCD, set_eof, "one of the words in --help" },
	{ "ready-fd", 0, FOLLOW | SYNCD, set_ready,
		"an open descriptor from 3 on" },
	{ "interface", 0, SYNCD, set_interface, "the name of an interface" },
	{ "syncid", 0, SYNCD, set_syncid, "a number from 0 to 255" },
	{ "sync-maxlen", 0, SYNCD, set_maxlen, "a number from 1 to 65507" },
	{ "mcast-group", 0, SYNCD, set_group, "a multicast address" },
	{ "mcast-port", 0, SYNCD, set_port, "a port" },
	{ "mcast-ttl", 0, SYNCD, set_ttl, "a number from 1 to 255" },
	{ "modprobe", 0, ALL, set_modprobe, NULL },
	{ "no-sandbox", 0, ALL, set_no_sandbox, NULL },
	{ "verbose", 'v', ALL, set_verbose, NULL },
	{ "quiet", 'q', ALL, set_quiet, NULL },
	{ "help", 'h', ALL, set_help, NULL },
	{ "version", 'V', ALL, set_version, NULL },
};

#define NOPTS	   (sizeof opts / sizeof *opts)
#define LONG_FIRST 256

/* -i is ipvsadm's tunnel, and syncd's interface as in the other tools. */
static const char *name_of_i(enum verb verb)
{
	return verb == VERB_SYNCD ? "interface" : "ipip";
}

static const struct opt *find_opt(const struct options *o, int c)
{
	if (c >= LONG_FIRST)
		return &opts[c - LONG_FIRST];
	for (size_t i = 0; i < NOPTS; i++)
		if (c == 'i' ? strcmp(opts[i].name, name_of_i(o->verb)) == 0
			     : opts[i].letter == c)
			return &opts[i];
	return NULL;
}

static void take(struct options *o, int c, const char *value)
{
	const struct opt *opt = find_opt(o, c);

	if (!opt)
		die(EXIT_MISUSE, "-%c: not with %s", c, verbs[o->verb]);
	if (!(opt->verbs & 1u << o->verb))
		die(EXIT_MISUSE, "--%s: not with %s", opt->name,
			verbs[o->verb]);
	if (!opt->set(o, value))
		die(EXIT_MISUSE, "--%s %s: not %s", opt->name, value,
			opt->what);
}

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
	const char *letters =
		verb == VERB_SYNCD ? ":t:u:f:6r:gi:mvqhV" : ":t:u:f:6r:gimvqhV";
	struct option longs[NOPTS + 1] = { 0 };
	int c;

	o->verb = verb;
	o->ready_fd = -1;
	o->poll = POLL_DEF;
	o->resync = RESYNC_DEF;
	o->follow.quorum = 1;
	for (size_t i = 0; i < NOPTS; i++)
		longs[i] = (struct option){ opts[i].name, opts[i].what != NULL,
			NULL, LONG_FIRST + (int)i };
	o->prog = chain_split(&argc, argv);
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) >= 0) {
		if (c == '?' || c == ':')
			die(EXIT_MISUSE, "%s: %s", argv[optind - 1],
				c == ':'
					? "a value is missing"
					: "no such option, or a value too many");
		take(o, c, optarg);
	}
	if (optind < argc)
		die(EXIT_MISUSE, "%s: unexpected argument", argv[optind]);
	check(o);
}
