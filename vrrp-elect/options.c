#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "config.h"
#include "die.h"
#include "mac.h"
#include "num.h"

static const char usage[] =
	"usage: vrrp-elect -i IF -r VRID [-p PRIO] [-t INTERVAL] [options]\n"
	"                  ADDR[/LEN]... [-- PROG ARG...]\n"
	"       vrrp-elect -f FILE [options] [-- PROG ARG...]\n"
	"       vrrp-elect resign -i IF -r VRID [options] ADDR...\n"
	"       vrrp-elect resign --follow [options] [-- PROG ARG...]\n";

static const char help[] =
	"\n"
	"Elects the Master of a virtual router (VRRPv3, RFC 9568; --vrrp 2: RFC 3768)\n"
	"and says so on stdout, a line each time the state changes.\n"
	"\n"
	"  -i, --interface IF       where the virtual router lives\n"
	"  -r, --vrid N             1..255\n"
	"  -p, --priority N         1..254, default 100; 255: owner of the addresses\n"
	"  -t, --interval T         between adverts, default 1s\n"
	"  -f, --file FILE          many routers: a line NAME and the words above each;\n"
	"                           options beside -f are for all; HUP reads it again\n"
	"      --vrrp 2|3           protocol version, default 3\n"
	"      --auth pass:FILE     version 2: password, first line of FILE\n"
	"      --auth ah:FILE       version 2: AH (RFC 2338), the key the same\n"
	"      --auth hmac:FILE     HMAC-SHA256 trailer; in FILE: key ID HEX...,\n"
	"                           mode enforce|permissive|receive-only,\n"
	"                           replay time|monotonic, window T\n"
	"      --nopreempt          leave a lower Master alone\n"
	"      --preempt-delay T    ... for this long\n"
	"      --start-delay T      stay out of the election after the start\n"
	"      --vmac               adverts from the virtual MAC; vip-bind --vmac N\n"
	"                           holds the addresses there\n"
	"      --handover MODE      overlap (make before break, default) or break\n"
	"      --peer ADDR          unicast; repeat; only these are heard\n"
	"      --min-ttl N          of a peer's packets, default any\n"
	"      --source ADDR        address to send from\n"
	"      --allow NET          hear only these senders; repeat\n"
	"      --checksum FORM      version 3 over IPv4: pseudo or plain; default\n"
	"                           pseudo, or what the Master uses\n"
	"      --max-interval T     ceiling on a learned interval, default 10 x own\n"
	"      --lower-prio-no-advert, --higher-prio-no-advert\n"
	"                           do not answer another Master at once\n"
	"      --dont-track-primary ignore the carrier of IF\n"
	"      --track-if IF[=W]    FAULT, or W, when another interface is down\n"
	"      --track NAME[=W]     FAULT, or W, when stdin says DOWN NAME\n"
	"      --weight W           the same for all subjects on stdin\n"
	"      --heartbeat T        repeat the line, while the adverts leave\n"
	"      --confirm T          resign when ADDRs are not in this kernel by then\n"
	"      --stuck T            resign when stdout lies unread for so long\n"
	"      --name NAME          subject of the lines, default vrrp.VRID@IF\n"
	"      --json               lines as JSON objects\n"
	"      --ready-fd N         write a newline there when listening\n"
	"      --user NAME          who to be instead of root, default nobody\n"
	"      --realtime           SCHED_FIFO, memory locked, a guard against loops\n"
	"      --no-sandbox         keep all privileges, for debugging\n"
	"  -v, --verbose  -q, --quiet  -h, --help  -V, --version\n"
	"\n"
	"Durations: 250ms, 1s, 1.5s, 2m; a bare number is seconds.\n";

enum {
	O_VRRP = 256,
	O_AUTH,
	O_NOPREEMPT,
	O_PREEMPT_DELAY,
	O_START_DELAY,
	O_HANDOVER,
	O_PEER,
	O_MIN_TTL,
	O_SOURCE,
	O_ALLOW,
	O_CHECKSUM,
	O_MAX_INTERVAL,
	O_LOWER,
	O_HIGHER,
	O_PRIMARY,
	O_VMAC,
	O_TRACK_IF,
	O_TRACK,
	O_WEIGHT,
	O_HEARTBEAT,
	O_CONFIRM,
	O_STUCK,
	O_NAME,
	O_JSON,
	O_READY_FD,
	O_FOLLOW,
	O_USER,
	O_REALTIME,
	O_NO_SANDBOX,
};

static const struct option longs[] = {
	{ "interface", 1, 0, 'i' },
	{ "vrid", 1, 0, 'r' },
	{ "priority", 1, 0, 'p' },
	{ "interval", 1, 0, 't' },
	{ "file", 1, 0, 'f' },
	{ "vrrp", 1, 0, O_VRRP },
	{ "auth", 1, 0, O_AUTH },
	{ "nopreempt", 0, 0, O_NOPREEMPT },
	{ "preempt-delay", 1, 0, O_PREEMPT_DELAY },
	{ "start-delay", 1, 0, O_START_DELAY },
	{ "handover", 1, 0, O_HANDOVER },
	{ "peer", 1, 0, O_PEER },
	{ "min-ttl", 1, 0, O_MIN_TTL },
	{ "source", 1, 0, O_SOURCE },
	{ "allow", 1, 0, O_ALLOW },
	{ "checksum", 1, 0, O_CHECKSUM },
	{ "max-interval", 1, 0, O_MAX_INTERVAL },
	{ "lower-prio-no-advert", 0, 0, O_LOWER },
	{ "higher-prio-no-advert", 0, 0, O_HIGHER },
	{ "dont-track-primary", 0, 0, O_PRIMARY },
	{ "vmac", 0, 0, O_VMAC },
	{ "track-if", 1, 0, O_TRACK_IF },
	{ "track", 1, 0, O_TRACK },
	{ "weight", 1, 0, O_WEIGHT },
	{ "heartbeat", 1, 0, O_HEARTBEAT },
	{ "confirm", 1, 0, O_CONFIRM },
	{ "stuck", 1, 0, O_STUCK },
	{ "name", 1, 0, O_NAME },
	{ "json", 0, 0, O_JSON },
	{ "ready-fd", 1, 0, O_READY_FD },
	{ "follow", 0, 0, O_FOLLOW },
	{ "user", 1, 0, O_USER },
	{ "realtime", 0, 0, O_REALTIME },
	{ "no-sandbox", 0, 0, O_NO_SANDBOX },
	{ "verbose", 0, 0, 'v' },
	{ "quiet", 0, 0, 'q' },
	{ "help", 0, 0, 'h' },
	{ "version", 0, 0, 'V' },
	{ 0 },
};

/* What is wrong, the first thing alone: a line of a file must not end us, so
 * that all that follows it is taken as if it had been right. */
static char wrong[256];

__attribute__((format(printf, 1, 2))) static void refuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!wrong[0])
		vsnprintf(wrong, sizeof wrong, fmt, ap);
	va_end(ap);
}

static void misuse(const char *what, const char *arg)
{
	refuse("%s%s%s (see vrrp-elect --help)", what, arg ? ": " : "",
		arg ? arg : "");
}

static void die_if_wrong(void)
{
	if (wrong[0])
		die(EXIT_MISUSE, "%s", wrong);
}

/* ---- Values. */

static int number(const char *name, const char *s, int min, int max)
{
	int v = min;

	if (!num_int(s, min, max, &v))
		refuse("%s: %s: not a number from %d to %d", name, s, min, max);
	return v;
}

static int64_t duration(const char *name, const char *s)
{
	int64_t us = 0;

	if (!dur_parse(s, &us) || us == 0)
		refuse("%s: %s: not a duration (250ms, 1s, 2m)", name, s);
	return us;
}

static void address(struct addr *a, const char *name, const char *s)
{
	if (!addr_parse(a, s))
		refuse("%s: %s: not an address", name, s);
}

static void copy(char *to, size_t size, const char *name, const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len >= size)
		refuse("%s: %s: empty or longer than %zu", name, s, size - 1);
	else
		memcpy(to, s, len + 1);
}

/* Becomes a word of a line and perhaps of a file name. */
static void subject(char *to, const char *name, const char *s)
{
	copy(to, SUBJECT_LEN, name, s);
	for (; *s; s++)
		if (*s <= ' ' || *s >= 0x7f || *s == '/' || *s == '%')
			misuse("a name is printable, without / and %", to);
}

static int choice(const char *name, const char *s, const char *const words[])
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], s) == 0)
			return i;
	misuse(name, s);
	return 0;
}

/* ---- Options that repeat. */

static bool more(const char *name, size_t n, size_t max)
{
	if (n == max)
		refuse("%s: more than %zu", name, max);
	return n < max;
}

/* NAME or NAME=WEIGHT; true when a weight other than 0 was given: as in
 * keepalived, 0 is none. */
static bool split_weight(char *s, const char *name, int *weight)
{
	char *eq = strrchr(s, '=');

	*weight = 0;
	if (eq) {
		*weight = number(
			name, eq + 1, -TRACK_WEIGHT_MAX, TRACK_WEIGHT_MAX);
		*eq = '\0';
	}
	return *weight != 0;
}

static void add_track_if(struct router_cfg *c, char *s)
{
	struct track_if *t = &c->track_ifs[c->ntrack_ifs];

	if (!more("--track-if", c->ntrack_ifs, TRACK_IF_MAX))
		return;
	c->ntrack_ifs++;
	*t = (struct track_if){ 0 };
	t->weighted = split_weight(s, "--track-if", &t->weight);
	copy(t->name, sizeof t->name, "--track-if", s);
}

static void add_track(struct router_cfg *c, char *s)
{
	int weight;
	bool weighted = split_weight(s, "--track", &weight);

	if (!*s || !tracks_add(&c->tracks, s, weighted, weight))
		misuse("--track: empty, too long, too many or twice", s);
}

static void add_any(struct router_cfg *c, const char *s)
{
	int weight = number("--weight", s, -TRACK_WEIGHT_MAX, TRACK_WEIGHT_MAX);

	c->tracks.any = true;
	c->tracks.any_weighted = weight != 0;
	c->tracks.any_weight = weight;
}

static void add_auth(struct router_cfg *c, const char *s)
{
	static const struct {
		const char *word;
		uint8_t type;
		enum auth_kind kind;
		auth_mac *mac;
	} kinds[] = {
		{ "pass", VRRP_AUTH_PASS, AUTH_NONE, NULL },
		{ "ah", VRRP_AUTH_AH, AUTH_AH, mac_hmac_md5 },
		{ "hmac", VRRP_AUTH_NONE, AUTH_HMAC, mac_hmac_sha256 },
	};
	size_t len = strcspn(s, ":");
	const char *path = NULL;

	for (size_t i = 0; s[len] && i < sizeof kinds / sizeof *kinds; i++) {
		if (strlen(kinds[i].word) != len ||
			strncmp(kinds[i].word, s, len) != 0)
			continue;
		c->auth_type = kinds[i].type;
		*c->auth_cfg = (struct auth_cfg){ .kind = kinds[i].kind,
			.mac = kinds[i].mac };
		path = s + len + 1;
	}
	c->auth_file = (struct kept){ path, -1 };
	if (!path || !*path)
		misuse("--auth: not pass:FILE, ah:FILE or hmac:FILE", s);
}

/* Last of all: what it warns of must not be a second line beside misuse. */
static void load_auth(struct router_cfg *c)
{
	const char *why = c->auth_file.path ? config_read_auth(c) : NULL;

	if (why)
		die(EXIT_MISUSE, "--auth: %s: %s", c->auth_file.path, why);
}

static void add_allow(struct router_cfg *c, const char *s)
{
	if (more("--allow", c->nallow, ALLOW_MAX) &&
		!prefix_parse(&c->allow[c->nallow++], s))
		misuse("--allow: not a network", s);
}

static void add_vip(struct router_cfg *c, const char *s)
{
	if (!more("ADDR", c->nvips, VRRP_VIPS_MAX))
		return;
	if (!prefix_parse(&c->vips[c->nvips], s))
		misuse("not an address", s);
	c->family = c->vips[0].addr.family;
	c->nvips++;
}

/* ---- The switch. */

static void election_option(struct elect_cfg *e, int c, const char *arg)
{
	static const char *const handovers[] = { "overlap", "break", NULL };

	switch (c) {
	case 'p':
		e->prio = (uint8_t)number("--priority", arg, 1, 255);
		break;
	case 't':
		e->interval = duration("--interval", arg);
		break;
	case O_VRRP:
		e->version = (uint8_t)number("--vrrp", arg, 2, 3);
		break;
	case O_NOPREEMPT:
		e->preempt = false;
		break;
	case O_PREEMPT_DELAY:
		e->preempt_delay = duration("--preempt-delay", arg);
		break;
	case O_START_DELAY:
		e->start_delay = duration("--start-delay", arg);
		break;
	case O_HANDOVER:
		e->handover = (enum elect_handover)choice(
			"--handover", arg, handovers);
		break;
	case O_MAX_INTERVAL:
		e->max_interval = duration("--max-interval", arg);
		break;
	case O_LOWER:
		e->lower_no_advert = true;
		break;
	case O_HIGHER:
		e->higher_no_advert = true;
		break;
	case O_HEARTBEAT:
		e->heartbeat = duration("--heartbeat", arg);
		break;
	case O_CONFIRM:
		e->confirm = duration("--confirm", arg);
		break;
	}
}

static void wire_option(struct router_cfg *r, int c, char *arg)
{
	static const char *const sums[] = { "plain", "pseudo", NULL };

	switch (c) {
	case 'i':
		copy(r->ifname, sizeof r->ifname, "--interface", arg);
		break;
	case 'r':
		r->vrid = (uint8_t)number("--vrid", arg, 1, 255);
		break;
	case O_AUTH:
		add_auth(r, arg);
		break;
	case O_PEER:
		if (more("--peer", r->npeers, PEERS_MAX))
			address(&r->peers[r->npeers++], "--peer", arg);
		break;
	case O_MIN_TTL:
		r->min_ttl = number("--min-ttl", arg, 1, 255);
		break;
	case O_SOURCE:
		address(&r->source, "--source", arg);
		break;
	case O_ALLOW:
		add_allow(r, arg);
		break;
	case O_CHECKSUM:
		r->sum = 1u << choice(
				 "--checksum: not pseudo or plain", arg, sums);
		r->sum_told = true;
		break;
	case O_PRIMARY:
		r->ignore_link = true;
		break;
	case O_VMAC:
		r->vmac = true;
		break;
	case O_TRACK_IF:
		add_track_if(r, arg);
		break;
	case O_TRACK:
		add_track(r, arg);
		break;
	case O_WEIGHT:
		add_any(r, arg);
		break;
	case O_NAME:
		subject(r->subject, "--name", arg);
		break;
	default:
		election_option(&r->elect, c, arg);
	}
}

static void unknown(int c, char **argv)
{
	misuse(c == ':' ? "option needs an argument" : "unknown option",
		argv[optind - 1]);
}

static void option(struct options *o, int c, char *arg, char **argv)
{
	switch (c) {
	case 'f':
		o->file.path = arg;
		break;
	case O_FOLLOW:
		if (o->command != CMD_RESIGN)
			misuse("--follow: only with resign", NULL);
		o->command = CMD_FOLLOW;
		break;
	case O_STUCK:
		o->stuck = duration("--stuck", arg);
		break;
	case O_JSON:
		o->json = true;
		break;
	case O_READY_FD:
		o->ready_fd = number("--ready-fd", arg, 0, 1 << 20);
		break;
	case O_USER:
		if (!sandbox_user(&o->sandbox, arg))
			misuse("--user: no such user", arg);
		break;
	case O_REALTIME:
		o->sandbox.realtime = true;
		break;
	case O_NO_SANDBOX:
		o->sandbox.off = true;
		break;
	case 'v':
		o->verbose++;
		break;
	case 'q':
		o->verbose = -1;
		break;
	case 'h':
		printf("%s%s", usage, help);
		exit(EXIT_YES);
	case 'V':
		printf("vrrp-elect %s\n", VRRP_TOOLS_VERSION);
		exit(EXIT_YES);
	case '?':
	case ':':
		unknown(c, argv);
		break;
	default:
		wire_option(&o->router, c, arg);
	}
}

static void require_identity(const struct router_cfg *r)
{
	if (!r->ifname[0])
		misuse("-i IF is missing", NULL);
	if (!r->vrid)
		misuse("-r VRID is missing", NULL);
}

static void require(const struct options *o)
{
	const struct router_cfg *r = &o->router;

	if (o->command != CMD_ELECT && r->vmac)
		misuse("resign: not with --vmac, which is the Master's", NULL);
	if (o->command == CMD_FOLLOW && (r->nvips || r->ifname[0] || r->vrid))
		misuse("--follow: takes -i, -r and ADDR from the lines", NULL);
	if (o->command == CMD_RESIGN && o->prog)
		misuse("resign: takes no program", NULL);
	if (o->file.path && o->command != CMD_ELECT)
		misuse("-f: not with resign", NULL);
	if (o->file.path && (r->nvips || r->subject[0]))
		misuse("-f: ADDR and names stand in the file", NULL);
	if (o->command != CMD_FOLLOW && !o->file.path)
		require_identity(r);
}

static const char shorts[] = ":i:r:p:t:f:vqhV";

/* What is of the process and not of a router: its name; NULL: it is not. */
static const char *common_name(int c)
{
	static const int list[] = { 'f', 'v', 'q', 'h', 'V', O_FOLLOW, O_STUCK,
		O_JSON, O_READY_FD, O_USER, O_REALTIME, O_NO_SANDBOX, O_NAME };
	const struct option *l = longs;

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		if (c != list[i])
			continue;
		while (l->val != c)
			l++;
		return l->name;
	}
	return NULL;
}

static void finish(struct router_cfg *c)
{
	const char *why = config_finish(c);

	if (why)
		misuse(why, NULL);
}

const char *options_line(const struct options *o, struct router_cfg *c,
	struct cfg_room *room, int argc, char **argv)
{
	const char *common;
	int opt;

	*room = o->room;
	*c = o->router;
	config_use(c, room);
	wrong[0] = '\0';
	subject(c->subject, "NAME", argv[0]);
	optind = 0;
	while ((opt = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (opt == '?' || opt == ':')
			unknown(opt, argv);
		else if ((common = common_name(opt)) != NULL)
			refuse("--%s: not of a router in a file", common);
		else
			wire_option(c, opt, optarg);
	}
	while (optind < argc)
		add_vip(c, argv[optind++]);
	require_identity(c);
	if (!wrong[0])
		finish(c);
	return wrong[0] ? wrong : NULL;
}

void options_parse(struct options *o, int argc, char **argv)
{
	int c;

	o->ready_fd = -1;
	o->sandbox.user = "nobody";
	config_use(&o->router, &o->room);
	o->file.fd = o->router.auth_file.fd = -1;
	o->router.elect = (struct elect_cfg){
		.version = 3, .prio = 100, .preempt = true
	};
	o->router.sum = VRRP_SUM_PSEUDO;
	o->prog = chain_split(&argc, argv);
	if (argc > 1 && strcmp(argv[1], "resign") == 0) {
		o->command = CMD_RESIGN;
		argv++;
		argc--;
	}
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		option(o, c, optarg, argv);
		die_if_wrong();
	}
	while (optind < argc)
		add_vip(&o->router, argv[optind++]);
	die_if_wrong();
	require(o);
	die_if_wrong();
	if (o->file.path)
		return;
	if (o->command != CMD_FOLLOW)
		finish(&o->router);
	die_if_wrong();
	load_auth(&o->router);
}
