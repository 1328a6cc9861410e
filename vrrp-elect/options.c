#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "chain.h"
#include "config.h"
#include "die.h"
#include "mac.h"
#include "num.h"
#include "opts.h"

#define NAME_ROOM 256 /* as much as fits a message */

static const char usage[] =
	"usage: vrrp-elect -i IF -r VRID [-p PRIO] [-t INTERVAL] [options]\n"
	"                  ADDR[/LEN]... [-- PROG ARG...]\n"
	"       vrrp-elect -f FILE [options] [-- PROG ARG...]\n"
	"       vrrp-elect resign -i IF -r VRID [options] ADDR...\n"
	"       vrrp-elect resign --follow [options] [-- PROG ARG...]\n"
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
static bool split_weight(
	char name[NAME_ROOM], const char *option, const char *s, int *weight)
{
	const char *eq = strrchr(s, '=');
	size_t len = eq ? (size_t)(eq - s) : strlen(s);

	len = len < NAME_ROOM ? len : NAME_ROOM - 1;
	memcpy(name, s, len);
	name[len] = '\0';
	*weight =
		eq ? number(option, eq + 1, -TRACK_WEIGHT_MAX, TRACK_WEIGHT_MAX)
		   : 0;
	return *weight != 0;
}

static bool set_track_if(struct options *o, const char *s)
{
	struct router_cfg *c = &o->router;
	struct track_if *t = &c->track_ifs[c->ntrack_ifs];
	char name[NAME_ROOM];

	if (!more("--track-if", c->ntrack_ifs, TRACK_IF_MAX))
		return true;
	c->ntrack_ifs++;
	*t = (struct track_if){ 0 };
	t->weighted = split_weight(name, "--track-if", s, &t->weight);
	copy(t->name, sizeof t->name, "--track-if", name);
	return true;
}

static bool set_track(struct options *o, const char *s)
{
	char name[NAME_ROOM];
	int weight;
	bool weighted = split_weight(name, "--track", s, &weight);

	if (!*name || !tracks_add(&o->router.tracks, name, weighted, weight))
		misuse("--track: empty, too long, too many or twice", name);
	return true;
}

static bool set_weight(struct options *o, const char *s)
{
	struct tracks *t = &o->router.tracks;

	t->any = true;
	t->any_weight =
		number("--weight", s, -TRACK_WEIGHT_MAX, TRACK_WEIGHT_MAX);
	t->any_weighted = t->any_weight != 0;
	return true;
}

static bool set_auth(struct options *o, const char *s)
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
	struct router_cfg *c = &o->router;
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
	return true;
}

/* Last of all: what it warns of must not be a second line beside misuse. */
static void load_auth(struct router_cfg *c)
{
	const char *why = c->auth_file.path ? config_read_auth(c) : NULL;

	if (why)
		die(EXIT_MISUSE, "--auth: %s: %s", c->auth_file.path, why);
}

static bool set_peer(struct options *o, const char *s)
{
	struct router_cfg *c = &o->router;

	return !more("--peer", c->npeers, PEERS_MAX) ||
	       addr_parse(&c->peers[c->npeers++], s);
}

static bool set_allow(struct options *o, const char *s)
{
	struct router_cfg *c = &o->router;

	if (more("--allow", c->nallow, ALLOW_MAX) &&
		!prefix_parse(&c->allow[c->nallow++], s))
		misuse("--allow: not a network", s);
	return true;
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

/* ---- The others. */

static bool set_ifname(struct options *o, const char *s)
{
	copy(o->router.ifname, sizeof o->router.ifname, "--interface", s);
	return true;
}

static bool set_source(struct options *o, const char *s)
{
	return addr_parse(&o->router.source, s);
}

static bool set_name(struct options *o, const char *s)
{
	subject(o->router.subject, "--name", s);
	return true;
}

static bool set_nopreempt(struct options *o, const char *s)
{
	(void)s;
	o->router.elect.preempt = false;
	return true;
}

static bool set_handover(struct options *o, const char *s)
{
	static const char *const words[] = { "overlap", "break", NULL };

	o->router.elect.handover =
		(enum elect_handover)choice("--handover", s, words);
	return true;
}

static bool set_checksum(struct options *o, const char *s)
{
	static const char *const words[] = { "plain", "pseudo", NULL };

	o->router.sum =
		1u << choice("--checksum: not pseudo or plain", s, words);
	return o->router.sum_told = true;
}

static bool set_follow(struct options *o, const char *s)
{
	(void)s;
	if (o->command != CMD_RESIGN)
		misuse("--follow: only with resign", NULL);
	o->command = CMD_FOLLOW;
	return true;
}

static bool set_user(struct options *o, const char *s)
{
	if (!sandbox_user(&o->sandbox, s))
		misuse("--user: no such user", s);
	return true;
}

/* ---- The table. */

/* Of the process; of a router, and so in a line of a file as well. */
enum { PROCESS = 1, ROUTER = 2 };

static const char a_duration[] = "a duration (250ms, 1s, 2m)";
static const char a_byte[] = "a number from 1 to 255";

static const struct opt opts[] = {
	{ "interface", 'i', ROUTER, "a name", .set = set_ifname },
	{ "vrid", 'r', ROUTER, a_byte, OPT_SIGNED(router.vrid, 1, 255) },
	{ "priority", 'p', ROUTER, a_byte,
		OPT_SIGNED(router.elect.prio, 1, 255) },
	{ "interval", 't', ROUTER, a_duration,
		OPT_DURATION(router.elect.interval, 1, DUR_MAX) },
	{ "file", 'f', PROCESS, "a file", OPT_TEXT(file.path, 0) },
	{ "vrrp", 0, ROUTER, "a number from 2 to 3",
		OPT_SIGNED(router.elect.version, 2, 3) },
	{ "auth", 0, ROUTER, "KIND:FILE", .set = set_auth },
	{ "nopreempt", 0, ROUTER, NULL, .set = set_nopreempt },
	{ "preempt-delay", 0, ROUTER, a_duration,
		OPT_DURATION(router.elect.preempt_delay, 1, DUR_MAX) },
	{ "start-delay", 0, ROUTER, a_duration,
		OPT_DURATION(router.elect.start_delay, 1, DUR_MAX) },
	{ "handover", 0, ROUTER, "overlap or break", .set = set_handover },
	{ "peer", 0, ROUTER, "an address", .set = set_peer },
	{ "min-ttl", 0, ROUTER, a_byte, OPT_SIGNED(router.min_ttl, 1, 255) },
	{ "source", 0, ROUTER, "an address", .set = set_source },
	{ "allow", 0, ROUTER, "a network", .set = set_allow },
	{ "checksum", 0, ROUTER, "pseudo or plain", .set = set_checksum },
	{ "max-interval", 0, ROUTER, a_duration,
		OPT_DURATION(router.elect.max_interval, 1, DUR_MAX) },
	{ "lower-prio-no-advert", 0, ROUTER, NULL,
		OPT_FLAG(router.elect.lower_no_advert) },
	{ "higher-prio-no-advert", 0, ROUTER, NULL,
		OPT_FLAG(router.elect.higher_no_advert) },
	{ "dont-track-primary", 0, ROUTER, NULL, OPT_FLAG(router.ignore_link) },
	{ "vmac", 0, ROUTER, NULL, OPT_FLAG(router.vmac) },
	{ "track-if", 0, ROUTER, "IF[=WEIGHT]", .set = set_track_if },
	{ "track", 0, ROUTER, "NAME[=WEIGHT]", .set = set_track },
	{ "weight", 0, ROUTER, "a number", .set = set_weight },
	{ "heartbeat", 0, ROUTER, a_duration,
		OPT_DURATION(router.elect.heartbeat, 1, DUR_MAX) },
	{ "confirm", 0, ROUTER, a_duration,
		OPT_DURATION(router.elect.confirm, 1, DUR_MAX) },
	{ "stuck", 0, PROCESS, a_duration, OPT_DURATION(stuck, 1, DUR_MAX) },
	{ "name", 0, PROCESS, "a name", .set = set_name },
	{ "json", 0, PROCESS, NULL, OPT_FLAG(json) },
	{ "ready-fd", 0, PROCESS, "a number from 0 to 1048576",
		OPT_SIGNED(ready_fd, 0, 1 << 20) },
	{ "follow", 0, PROCESS, NULL, .set = set_follow },
	{ "user", 0, PROCESS, "a user", .set = set_user },
	{ "realtime", 0, PROCESS, NULL, OPT_FLAG(sandbox.realtime) },
	{ "no-sandbox", 0, PROCESS, NULL, OPT_FLAG(sandbox.off) },
	{ "verbose", 'v', PROCESS, NULL, OPT_MORE(verbose) },
	{ "quiet", 'q', PROCESS, NULL, OPT_LEVEL(verbose, -1) },
	{ "help", 'h', PROCESS, NULL, .text = usage },
	{ "version", 'V', PROCESS, NULL, .text = OPT_VERSION("vrrp-elect") },
};

#define NOPTS (sizeof opts / sizeof *opts)

/* The next of the options, taken if it is of the mode; false: no more. */
static bool next(struct opts *p, struct options *o, unsigned mode)
{
	const struct opt *opt;
	int c = opts_try(p, &opt);

	if (c)
		misuse(c == ':' ? "option needs an argument" : "unknown option",
			p->argv[optind - 1]);
	else if (opt && !(opt->modes & mode))
		refuse("--%s: not of a router in a file", opt->name);
	else if (opt && !opts_set(opt, o, p->value))
		refuse("--%s: %s: not %s", opt->name, p->value, opt->what);
	return c || opt;
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

static void finish(struct router_cfg *c)
{
	const char *why = config_finish(c);

	if (why)
		misuse(why, NULL);
}

const char *options_line(
	const struct options *o, struct options *line, int argc, char **argv)
{
	struct router_cfg *c = &line->router;
	struct cfg_room *room = line->room;
	struct opts p;

	*line = *o;
	line->room = room;
	*room = *o->room;
	config_use(c, room);
	wrong[0] = '\0';
	subject(c->subject, "NAME", argv[0]);
	opts_begin(&p, opts, NOPTS, 0, argc, argv);
	while (next(&p, line, ROUTER))
		;
	while (optind < argc)
		add_vip(c, argv[optind++]);
	require_identity(c);
	if (!wrong[0])
		finish(c);
	return wrong[0] ? wrong : NULL;
}

/* What is not told is not written to, and costs no memory. */
static void make_room(struct options *o)
{
	o->room = mmap(NULL, sizeof *o->room, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (o->room == MAP_FAILED)
		die(EXIT_SYSTEM, "no memory");
	config_use(&o->router, o->room);
}

void options_forget(struct options *o)
{
	munmap(o->room, sizeof *o->room);
	o->room = NULL;
	o->router = (struct router_cfg){ .auth_file.fd = -1 };
}

void options_parse(struct options *o, int argc, char **argv)
{
	struct opts p;

	make_room(o);
	o->ready_fd = -1;
	o->sandbox.user = "nobody";
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
	opts_begin(&p, opts, NOPTS, 0, argc, argv);
	while (next(&p, o, PROCESS | ROUTER))
		die_if_wrong();
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
