#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "die.h"
#include "num.h"
#include "options.h"
#include "runner.h"

static const char usage[] =
	"usage: hcheck [options] TARGET...                once\n"
	"       hcheck --every T [options] TARGET... [-- PROG ARG...]\n"
	"TARGET: [NAME=]URL: tcp://HOST:PORT tls:// http:// https:// icmp://HOST\n"
	"        udp:// dns://SERVER/NAME?type=A smtp:// exec:COMMAND file:PATH\n"
	"\n"
	"  -f, --file FILE      targets, a line each: NAME URL key=value...; keys are\n"
	"                       the options from --every to --dynamic; HUP re-reads it\n"
	"once:\n"
	"      --at-least N     so many up are enough (all)\n"
	"      --for T          try until up; exit 99 when that takes longer\n"
	"      --nagios         one line with perfdata; exit 0, 2 or 3\n"
	"continuous, a line when a verdict changes:\n"
	"      --every T        the period (5s)\n"
	"      --fast T         while undecided or in transition (1s)\n"
	"      --rise N         successes in a row that make it up (2)\n"
	"      --fall N         failures that make it down (3)\n"
	"      --forgive N      successes in a row that clear the failures (1)\n"
	"      --heartbeat T    repeat every line so often\n"
	"      --resolve-after T  ask for a name's address again when down so long (30s)\n"
	"a probe:\n"
	"  -t, --timeout T      for all of it (2s)\n"
	"  -4, --ipv4           -6, --ipv6: of a name's addresses\n"
	"      --at ADDR[:PORT] go there, whatever the URL says; for exec: HC_ADDR\n"
	"      --source ADDR    --bind-if IF: leave by; --mark N: of the packets\n"
	"      --proxy-protocol 1|2  a PROXY header first\n"
	"http:\n"
	"      --method M       --host H --header 'N: V' --http 1.0|1.1 --auth FILE\n"
	"      --status LIST    such as 200-299,404 (200-299)\n"
	"      --match-header 'N: REGEX'  --body REGEX --body-not REGEX\n"
	"      --body-max N     bytes; more is down (1048576)\n"
	"      --digest sha256|md5[:HEX]  of the body; without HEX: on the line\n"
	"tcp, tls, udp; in order:\n"
	"      --send TEXT      with \\r \\n \\xHH, or hex:DIGITS\n"
	"      --expect TEXT    or re:REGEX, hex:PATTERN (? is any digit)\n"
	"      --starttls       from here on in TLS; also for smtp\n"
	"      --udp reply|no-error  what is up (reply)\n"
	"tls:\n"
	"      --sni NAME       (the host)\n"
	"      --verify         chain and name; --ca FILE: by these\n"
	"      --cert FILE      --key FILE: ours\n"
	"      --alpn LIST      --tls-min 1.0|1.1|1.2|1.3\n"
	"      --cert-days N    fewer left is down\n"
	"dns, smtp, exec:\n"
	"      --rcode R        (noerror); --answers N: at least (1)\n"
	"      --helo NAME\n"
	"      --dynamic        exit codes 2..255 are up with weight code - 2\n"
	"      --exec-max N     commands at once (32)\n"
	"\n"
	"      --json           lines as JSON\n"
	"      --ready-fd N     a newline there when ready\n"
	"      --user NAME      to become, if root (nobody)\n"
	"      --no-sandbox     keep privileges and all system calls\n"
	"  -v, --verbose        more words; -q, --quiet: fewer\n"
	"  -h, --help           -V, --version\n"
	"\n"
	"exit: 0 all up; 1 some down; 99 --for ran out; 100 misuse; 111 system error\n";

static bool set_file(struct options *o, const char *s)
{
	o->file = s;
	return *s;
}

static bool set_at_least(struct options *o, const char *s)
{
	return num_u64(s, 1, 1 << 24, &o->at_least);
}

static bool set_for(struct options *o, const char *s)
{
	return dur_parse(s, &o->patience) && o->patience > 0;
}

static bool set_nagios(struct options *o, const char *s)
{
	(void)s;
	return o->nagios = true;
}

static bool set_heartbeat(struct options *o, const char *s)
{
	return dur_parse(s, &o->heartbeat) && o->heartbeat >= US_PER_MS;
}

static bool set_exec_max(struct options *o, const char *s)
{
	return num_u64(s, 1, RUNNER_MAX, &o->exec_max);
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

static bool set_no_sandbox(struct options *o, const char *s)
{
	(void)s;
	return o->sandbox.off = true;
}

static bool set_verbose(struct options *o, const char *s)
{
	(void)s;
	o->words_level = 1;
	return true;
}

static bool set_quiet(struct options *o, const char *s)
{
	(void)s;
	o->words_level = -1;
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
	print_and_exit("hcheck " VRRP_TOOLS_VERSION "\n");
}

static const struct opt {
	const char *name;
	char letter;
	enum { BOTH, ONCE, CONTINUOUS } mode;
	bool (*set)(struct options *o, const char *value);
	const char *what; /* its value is to be; NULL: it has none */
} opts[] = {
	{ "file", 'f', BOTH, set_file, "a file" },
	{ "at-least", 0, ONCE, set_at_least, "a number from 1 on" },
	{ "for", 0, ONCE, set_for, "a duration" },
	{ "nagios", 0, ONCE, set_nagios, NULL },
	{ "heartbeat", 0, CONTINUOUS, set_heartbeat, "a duration from 1ms on" },
	{ "exec-max", 0, BOTH, set_exec_max, "a number from 1 to 1024" },
	{ "json", 0, BOTH, set_json, NULL },
	{ "ready-fd", 0, CONTINUOUS, set_ready,
		"an open descriptor from 3 on" },
	{ "user", 0, BOTH, set_user, "a user" },
	{ "no-sandbox", 0, BOTH, set_no_sandbox, NULL },
	{ "verbose", 'v', BOTH, set_verbose, NULL },
	{ "quiet", 'q', BOTH, set_quiet, NULL },
	{ "help", 'h', BOTH, set_help, NULL },
	{ "version", 'V', BOTH, set_version, NULL },
};

#define NOPTS	  (sizeof opts / sizeof *opts)
#define LONG_OPT  256
#define LONG_SET  512 /* the settings from here on */
#define LONGS_MAX 128

/* A setting becomes a word, as in FILE. */
static void add_word(
	struct options *o, const struct setting *key, const char *value)
{
	char *word = NULL;

	o->words = realloc(o->words, (o->nwords + 1) * sizeof *o->words);
	if (!o->words || asprintf(&word, "%s%s%s", key->name, value ? "=" : "",
				 value ? value : "") < 0)
		die(EXIT_SYSTEM, "no memory");
	o->words[o->nwords++] = word;
}

static void take_opt(
	struct options *o, const struct opt *opt, const char *value)
{
	if (!opt->set(o, value))
		die(EXIT_MISUSE, "--%s %s: not %s", opt->name,
			value ? value : "", opt->what);
}

static void take_option(
	struct options *o, int c, const char *value, uint32_t *seen)
{
	size_t i = c >= LONG_OPT && c < LONG_SET ? (size_t)c - LONG_OPT : 0;

	if (c >= LONG_SET) {
		const struct setting *key = &setting_list[c - LONG_SET];

		add_word(o, key, value);
		o->continuous =
			o->continuous || strcmp(key->name, "every") == 0;
		return;
	}
	for (size_t k = 0; c < LONG_OPT && k < setting_count; k++) {
		if (setting_list[k].letter == c) {
			add_word(o, &setting_list[k], value);
			return;
		}
	}
	for (size_t k = 0; c < LONG_OPT && k < NOPTS; k++)
		if (opts[k].letter == c)
			i = k;
	take_opt(o, &opts[i], value);
	*seen |= 1u << i;
}

static void check(const struct options *o, uint32_t seen)
{
	for (size_t i = 0; i < NOPTS; i++) {
		if (!(seen & 1u << i))
			continue;
		if (opts[i].mode == ONCE && o->continuous)
			die(EXIT_MISUSE, "--%s: not with --every",
				opts[i].name);
		if (opts[i].mode == CONTINUOUS && !o->continuous)
			die(EXIT_MISUSE, "--%s: only with --every",
				opts[i].name);
	}
	if (o->prog && !o->continuous)
		die(EXIT_MISUSE, "-- %s: only with --every", o->prog[0]);
	if (o->nagios && o->json)
		die(EXIT_MISUSE, "--nagios and --json");
}

static void fill_longs(struct option longs[LONGS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < NOPTS; i++)
		longs[n++] = (struct option){ opts[i].name,
			opts[i].what != NULL, NULL, LONG_OPT + (int)i };
	for (size_t i = 0; i < setting_count && n < LONGS_MAX - 1; i++)
		longs[n++] = (struct option){ setting_list[i].name,
			setting_list[i].what != NULL, NULL, LONG_SET + (int)i };
}

static char **arg_targets;
static int narg_targets;

bool options_reread(const struct options *o, struct targets *t)
{
	*t = (struct targets){ 0 };
	for (int i = 0; i < narg_targets; i++)
		if (!targets_arg(t, arg_targets[i], o->base))
			return false;
	if (o->file && !targets_file(t, o->file, o->base))
		return false;
	return targets_settle(t);
}

static void read_targets(struct options *o)
{
	const char *why;

	o->base = settings_base(o->words, o->nwords, &why);
	if (!o->base)
		die(EXIT_MISUSE, "--%s", why);
	if (!options_reread(o, &o->targets))
		die(EXIT_MISUSE, "%s", o->targets.why);
	if (!o->targets.n && !(o->continuous && o->file))
		die(EXIT_MISUSE, "which target? [NAME=]URL, or -f FILE");
	if (o->at_least > o->targets.n)
		die(EXIT_MISUSE, "--at-least %llu: of %zu targets",
			(unsigned long long)o->at_least, o->targets.n);
}

void options_parse(struct options *o, int argc, char **argv)
{
	static struct option longs[LONGS_MAX];
	uint32_t seen = 0;
	int c;

	*o = (struct options){
		.ready_fd = -1, .exec_max = 32, .sandbox.user = "nobody"
	};
	fill_longs(longs);
	o->prog = chain_split(&argc, argv);
	while ((c = getopt_long(argc, argv, ":f:t:46vqhV", longs, NULL)) >= 0) {
		if (c == '?' || c == ':')
			die(EXIT_MISUSE, "%s: %s", argv[optind - 1],
				c == ':'
					? "a value is missing"
					: "no such option, or a value too many");
		take_option(o, c, optarg, &seen);
	}
	check(o, seen);
	arg_targets = argv + optind;
	narg_targets = argc - optind;
	read_targets(o);
}
