#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "die.h"
#include "mono.h"
#include "num.h"
#include "opts.h"
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

static uint64_t number(
	const char *what, const char *s, uint64_t min, uint64_t max)
{
	uint64_t n;

	if (!num_u64(s, min, max, &n))
		die(EXIT_MISUSE, "%s %s: not a number from %llu to %llu", what,
			s, (unsigned long long)min, (unsigned long long)max);
	return n;
}

static bool set_direction(struct options *o, const char *s)
{
	if (strcmp(s, "in") == 0)
		o->direction = DIR_IN;
	else if (strcmp(s, "out") == 0)
		o->direction = DIR_OUT;
	else if (strcmp(s, "inout") == 0)
		o->direction = DIR_BOTH;
	else
		die(EXIT_MISUSE, "direction %s: in, out or inout", s);
	return true;
}

static bool read_expr(struct options *o, const char *path)
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
	return true;
}

static bool set_user(struct options *o, const char *name)
{
	if (strcmp(name, "root") == 0)
		o->sandbox.user = NULL;
	else if (!sandbox_user(&o->sandbox, name))
		die(EXIT_MISUSE, "-Z %s: no such user", name);
	return true;
}

static bool set_count(struct options *o, const char *s)
{
	o->count = number("count", s, 1, UINT64_MAX);
	return true;
}

static bool set_snaplen(struct options *o, const char *s)
{
	o->snaplen = (int)number("snaplen", s, 0, SNAP_MAX);
	return true;
}

static bool set_file_size(struct options *o, const char *s)
{
	o->file_size = number("-C", s, 1, 1000000) * MB;
	return true;
}

static bool set_files(struct options *o, const char *s)
{
	o->files = (unsigned)number("-W", s, 1, FILES_MAX);
	return true;
}

static bool set_micro(struct options *o, const char *s)
{
	(void)s;
	o->dump.nano = false;
	return true;
}

static bool more_time(struct options *o, const char *s)
{
	(void)s;
	if (o->dump.time == TIME_SINCE)
		die(EXIT_MISUSE, "-t more than five times");
	o->dump.time++;
	return true;
}

static bool more_hex(struct options *o, const char *s)
{
	(void)s;
	o->hex++;
	o->ascii = false;
	return true;
}

static bool more_ascii(struct options *o, const char *s)
{
	(void)s;
	o->hex++;
	return o->ascii = true;
}

static bool never_looked_up(struct options *o, const char *s)
{
	(void)o, (void)s;
	return true;
}

static const struct opt opts[] = {
	{ "interface", 'i', 0, "a name", OPT_TEXT(ifname, 0) },
	{ "read", 'r', 0, "a file", OPT_TEXT(read, 0) },
	{ "write", 'w', 0, "a file", OPT_TEXT(write, 0) },
	{ "count", 'c', 0, "a number", .set = set_count },
	{ "filter", 'F', 0, "a file", .set = read_expr },
	{ "list-interfaces", 'D', 0, NULL, OPT_FLAG(list) },
	{ "snaplen", 's', 0, "a number", .set = set_snaplen },
	{ "snapshot-length", 's', 0, "a number", .set = set_snaplen },
	{ "no-promiscuous-mode", 'p', 0, NULL, OPT_FLAG(no_promisc) },
	{ "direction", 'Q', 0, "in, out or inout", .set = set_direction },
	{ "immediate-mode", 0, 0, NULL, OPT_FLAG(immediate) },
	{ NULL, 'C', 0, "a number", .set = set_file_size },
	{ NULL, 'W', 0, "a number", .set = set_files },
	{ "packet-buffered", 'U', 0, NULL, OPT_FLAG(flush) },
	{ "line-buffered", 'l', 0, NULL, OPT_FLAG(line_buffered) },
	{ NULL, 'e', 0, NULL, OPT_FLAG(dump.link) },
	{ NULL, 'n', 0, NULL, .set = never_looked_up },
	{ NULL, 't', 0, NULL, .set = more_time },
	{ "micro", 0, 0, NULL, .set = set_micro },
	{ "nano", 0, 0, NULL, OPT_FLAG(dump.nano) },
	{ "quiet", 'q', 0, NULL, OPT_FLAG(dump.quiet) },
	{ "verbose", 'v', 0, NULL, OPT_MORE(dump.verbose) },
	{ NULL, 'x', 0, NULL, .set = more_hex },
	{ NULL, 'X', 0, NULL, .set = more_ascii },
	{ "show-auth", 0, 0, NULL, OPT_FLAG(dump.show_auth) },
	{ "garp", 0, 0, NULL, OPT_FLAG(garp) },
	{ "json", 0, 0, NULL, OPT_FLAG(json) },
	{ "check", 0, 0, NULL, OPT_FLAG(check) },
	{ "summary", 0, 0, NULL, OPT_FLAG(summary) },
	{ "top", 0, 0, NULL, OPT_FLAG(top) },
	{ "every", 0, 0, "a duration from 10ms",
		OPT_DURATION(every, 10 * US_PER_MS, DUR_MAX) },
	{ "timeline", 0, 0, "a file", OPT_TEXT(timeline, 0) },
	{ "print", 0, 0, NULL, OPT_FLAG(print) },
	{ "relinquish-privileges", 'Z', 0, "a user", .set = set_user },
	{ "ready-fd", 0, 0, "a number from 3 to 1048576",
		OPT_NUMBER(ready_fd, 3, 1 << 20) },
	{ "no-sandbox", 0, 0, NULL, OPT_FLAG(sandbox.off) },
	{ "help", 'h', 0, NULL, .text = usage },
	{ "version", 'V', 0, NULL, .text = OPT_VERSION("vrrp-dump") },
};

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
	const struct opt *opt;
	struct opts p;

	*o = (struct options){
		.ready_fd = -1, .sandbox.user = "nobody", .snaplen = SNAP
	};
	opts_begin(&p, opts, sizeof opts / sizeof *opts, 0, argc, argv);
	while ((opt = opts_next(&p)) != NULL)
		opts_take(opt, o, p.value);
	add_words(o, argc, argv);
	check_together(o);
	if (!o->snaplen)
		o->snaplen = SNAP;
}
