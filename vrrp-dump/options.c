#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "mono.h"
#include "num.h"
#include "vrrp-dump.h"

#define MB 1000000 /* as tcpdump counts for -C */

static const char usage[] =
	"usage: vrrp-dump [-i IF | -r FILE] [options] [EXPRESSION]\n"
	"\n"
	"Prints VRRP, a line a packet as tcpdump does, and every way in which it\n"
	"is wrong; or watches the groups and says what is wrong with them.\n"
	"\n"
	"  -i, --interface IF   capture there (any: everywhere, the default)\n"
	"  -r, --read FILE      read from a file; -: stdin\n"
	"  -w, --write FILE     write the packets, do not print them; -: stdout\n"
	"  -c, --count N        end after N packets\n"
	"  -F, --filter FILE    take the expression from a file\n"
	"  -D, --list-interfaces\n"
	"  -s, --snaplen N      bytes of each packet (8192)\n"
	"  -p, --no-promiscuous-mode\n"
	"  -Q, --direction in|out|inout\n"
	"      --immediate-mode deliver packets as they come\n"
	"  -C SIZE -W N         a ring of N files of SIZE million bytes\n"
	"  -U, --packet-buffered, -l, --line-buffered\n"
	"  -e                   link header     -n      (names are never looked up)\n"
	"  -t -tt -ttt -tttt -ttttt             no time, epoch, delta, date, since first\n"
	"      --micro, --nano  digits of the time\n"
	"  -q, --quiet          fewer words     -v, --verbose  the IP header too\n"
	"  -x -xx -X -XX        hex, with the link header, with characters\n"
	"      --show-auth      passwords, digests\n"
	"      --garp           announcements (ARP, ND) of virtual addresses too\n"
	"      --json           an object a packet\n"
	"      --check          watch the groups: a line when a finding begins and\n"
	"                       when it ends; exit 1 if there was any\n"
	"      --summary        at the end: Masters, takeovers, gaps\n"
	"      --top            a table of the groups\n"
	"      --every T        how often (1s on a terminal, else 10s)\n"
	"      --timeline FILE  a picture in SVG, written at the end\n"
	"      --print          packets too, with -w and the five above\n"
	"  -Z, --relinquish-privileges USER     be USER after opening (nobody)\n"
	"      --ready-fd N     write a newline there when all is open\n"
	"      --no-sandbox     keep all privileges, for debugging\n"
	"  -h, --help           -V, --version\n"
	"\n"
	"exit: 0 done; 1 --check found something; 100 misuse; 111 system error\n";

enum {
	OPT_IMMEDIATE = 256,
	OPT_MICRO,
	OPT_NANO,
	OPT_SHOW_AUTH,
	OPT_GARP,
	OPT_JSON,
	OPT_CHECK,
	OPT_SUMMARY,
	OPT_TOP,
	OPT_EVERY,
	OPT_TIMELINE,
	OPT_PRINT,
	OPT_READY_FD,
	OPT_NO_SANDBOX,
};

static const struct option longs[] = {
	{ "interface", required_argument, NULL, 'i' },
	{ "read", required_argument, NULL, 'r' },
	{ "write", required_argument, NULL, 'w' },
	{ "count", required_argument, NULL, 'c' },
	{ "filter", required_argument, NULL, 'F' },
	{ "list-interfaces", no_argument, NULL, 'D' },
	{ "snaplen", required_argument, NULL, 's' },
	{ "snapshot-length", required_argument, NULL, 's' },
	{ "no-promiscuous-mode", no_argument, NULL, 'p' },
	{ "direction", required_argument, NULL, 'Q' },
	{ "immediate-mode", no_argument, NULL, OPT_IMMEDIATE },
	{ "packet-buffered", no_argument, NULL, 'U' },
	{ "line-buffered", no_argument, NULL, 'l' },
	{ "micro", no_argument, NULL, OPT_MICRO },
	{ "nano", no_argument, NULL, OPT_NANO },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "show-auth", no_argument, NULL, OPT_SHOW_AUTH },
	{ "garp", no_argument, NULL, OPT_GARP },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "summary", no_argument, NULL, OPT_SUMMARY },
	{ "top", no_argument, NULL, OPT_TOP },
	{ "every", required_argument, NULL, OPT_EVERY },
	{ "timeline", required_argument, NULL, OPT_TIMELINE },
	{ "print", no_argument, NULL, OPT_PRINT },
	{ "relinquish-privileges", required_argument, NULL, 'Z' },
	{ "ready-fd", required_argument, NULL, OPT_READY_FD },
	{ "no-sandbox", no_argument, NULL, OPT_NO_SANDBOX },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

static _Noreturn void print_and_exit(const char *text)
{
	fputs(text, stdout);
	exit(fflush(stdout) == 0 ? EXIT_YES : EXIT_SYSTEM);
}

static uint64_t number(
	const char *what, const char *s, uint64_t min, uint64_t max)
{
	uint64_t n;

	if (!num_u64(s, min, max, &n))
		die(EXIT_MISUSE, "%s %s: not a number from %llu to %llu", what,
			s, (unsigned long long)min, (unsigned long long)max);
	return n;
}

static void set_direction(struct options *o, const char *s)
{
	if (strcmp(s, "in") == 0)
		o->direction = DIR_IN;
	else if (strcmp(s, "out") == 0)
		o->direction = DIR_OUT;
	else if (strcmp(s, "inout") == 0)
		o->direction = DIR_BOTH;
	else
		die(EXIT_MISUSE, "direction %s: in, out or inout", s);
}

static void read_expr(struct options *o, const char *path)
{
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(o->expr, 1, sizeof o->expr - 1, f) : 0;
	bool ok = f && !ferror(f), whole = f && feof(f);

	if (!ok)
		die(EXIT_SYSTEM, "%s: %s", path, errno_str(errno, NULL));
	if (!whole || memchr(o->expr, '\0', n))
		die(EXIT_MISUSE, "%s: not an expression", path);
	o->expr[n] = '\0';
	if (f)
		fclose(f);
}

static void set_every(struct options *o, const char *s)
{
	if (!dur_parse(s, &o->every) || o->every < 10 * US_PER_MS)
		die(EXIT_MISUSE, "--every %s: not a duration from 10ms", s);
}

static void set_long(struct options *o, int c, const char *arg)
{
	switch (c) {
	case OPT_IMMEDIATE:
		o->immediate = true;
		break;
	case OPT_MICRO:
	case OPT_NANO:
		o->dump.nano = c == OPT_NANO;
		break;
	case OPT_SHOW_AUTH:
		o->dump.show_auth = true;
		break;
	case OPT_GARP:
		o->garp = true;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	case OPT_CHECK:
		o->check = true;
		break;
	case OPT_SUMMARY:
		o->summary = true;
		break;
	case OPT_TOP:
		o->top = true;
		break;
	case OPT_EVERY:
		set_every(o, arg);
		break;
	case OPT_TIMELINE:
		o->timeline = arg;
		break;
	case OPT_READY_FD:
		o->ready_fd = (int)number("--ready-fd", arg, 3, 1 << 20);
		break;
	case OPT_PRINT:
		o->print = true;
		break;
	default:
		o->sandbox.off = true;
	}
}

static void set_shown(struct options *o, int c)
{
	switch (c) {
	case 'e':
		o->dump.link = true;
		break;
	case 't':
		if (o->dump.time == TIME_SINCE)
			die(EXIT_MISUSE, "-t more than five times");
		o->dump.time++;
		break;
	case 'q':
		o->dump.quiet = true;
		break;
	case 'v':
		o->dump.verbose++;
		break;
	case 'x':
	case 'X':
		o->hex++;
		o->ascii = c == 'X';
		break;
	default:
		break; /* -n: names are never looked up */
	}
}

static void set_user(struct options *o, const char *name)
{
	if (strcmp(name, "root") == 0)
		o->sandbox.user = NULL;
	else if (!sandbox_user(&o->sandbox, name))
		die(EXIT_MISUSE, "-Z %s: no such user", name);
}

static void set_capture(struct options *o, int c, const char *arg)
{
	switch (c) {
	case 'i':
		o->ifname = arg;
		break;
	case 'r':
		o->read = arg;
		break;
	case 'w':
		o->write = arg;
		break;
	case 'c':
		o->count = number("count", arg, 1, UINT64_MAX);
		break;
	case 'F':
		read_expr(o, arg);
		break;
	case 's':
		o->snaplen = (int)number("snaplen", arg, 0, SNAP_MAX);
		break;
	case 'Q':
		set_direction(o, arg);
		break;
	case 'C':
		o->file_size = number("-C", arg, 1, 1000000) * MB;
		break;
	case 'W':
		o->files = (unsigned)number("-W", arg, 1, FILES_MAX);
		break;
	default:
		set_user(o, arg);
	}
}

static void set_option(struct options *o, int c, const char *arg)
{
	switch (c) {
	case 'D':
		o->list = true;
		break;
	case 'p':
		o->no_promisc = true;
		break;
	case 'l':
		o->line_buffered = true;
		break;
	case 'U':
		o->flush = true;
		break;
	case 'h':
		print_and_exit(usage);
	case 'V':
		print_and_exit("vrrp-dump " VRRP_TOOLS_VERSION "\n");
	default:
		if (c >= 256)
			set_long(o, c, arg);
		else if (arg)
			set_capture(o, c, arg);
		else
			set_shown(o, c);
	}
}

static void add_words(struct options *o, int argc, char **argv)
{
	struct txt t;

	if (optind < argc && o->expr[0])
		die(EXIT_MISUSE, "an expression in a file and another one");
	if (optind == argc)
		return;
	t = txt_init(o->expr, sizeof o->expr);
	for (int i = optind; i < argc; i++) {
		txt_str(&t, argv[i]);
		txt_ch(&t, ' ');
	}
	if (t.full)
		die(EXIT_MISUSE, "expression of more than %d bytes", EXPR_MAX);
}

static void check_together(const struct options *o)
{
	if (o->read && (o->ifname || o->direction != DIR_BOTH))
		die(EXIT_MISUSE, "-r does not go with -i or -Q");
	if (!o->file_size != !o->files)
		die(EXIT_MISUSE, "-C and -W go together: all files are opened "
				 "before the privileges go");
	if (o->files && (!o->write || strcmp(o->write, "-") == 0))
		die(EXIT_MISUSE, "-C and -W are for -w FILE");
	if (o->write && strcmp(o->write, "-") == 0 &&
		(o->print || o->check || o->summary || o->top))
		die(EXIT_MISUSE, "-w - leaves no stdout for anything else");
	if (o->top && (o->print || o->json || o->check))
		die(EXIT_MISUSE, "--top does not go with --print, --json or "
				 "--check");
	if (o->every && !o->top)
		die(EXIT_MISUSE, "--every is for --top");
	if (o->print && o->hex && o->json)
		die(EXIT_MISUSE, "-x does not go with --json");
}

void options_parse(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){
		.ready_fd = -1, .sandbox.user = "nobody", .snaplen = SNAP
	};
	while ((c = getopt_long(argc, argv,
			":i:r:w:c:F:Ds:pQ:C:W:UlentqvxXZ:hV", longs, NULL)) >=
		0) {
		if (c == '?' || c == ':')
			die(EXIT_MISUSE, "%s: %s", argv[optind - 1],
				c == ':'
					? "a value is missing"
					: "no such option, or a value too many");
		set_option(o, c, optarg);
	}
	add_words(o, argc, argv);
	check_together(o);
	if (!o->snaplen)
		o->snaplen = SNAP;
}
