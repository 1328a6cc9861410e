#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "die.h"
#include "num.h"
#include "options.h"
#include "opts.h"
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

enum { ONCE = 1, CONTINUOUS = 2, BOTH = ONCE | CONTINUOUS };

static const struct opt opts[] = {
	{ "file", 'f', BOTH, "a file", OPT_TEXT(file, 1) },
	{ "at-least", 0, ONCE, "a number from 1 on",
		OPT_NUMBER(at_least, 1, 1 << 24) },
	{ "for", 0, ONCE, "a duration", OPT_DURATION(patience, 1, DUR_MAX) },
	{ "nagios", 0, ONCE, NULL, OPT_FLAG(nagios) },
	{ "heartbeat", 0, CONTINUOUS, "a duration from 1ms on",
		OPT_DURATION(heartbeat, US_PER_MS, DUR_MAX) },
	{ "exec-max", 0, BOTH, "a number from 1 to 1024",
		OPT_NUMBER(exec_max, 1, RUNNER_MAX) },
	{ "json", 0, BOTH, NULL, OPT_FLAG(json) },
	{ "ready-fd", 0, CONTINUOUS, OPT_A_FD, OPT_FD(ready_fd) },
	{ "user", 0, BOTH, "a user", OPT_USER(sandbox) },
	{ "no-sandbox", 0, BOTH, NULL, OPT_FLAG(sandbox.off) },
	{ "verbose", 'v', BOTH, NULL, OPT_LEVEL(words_level, 1) },
	{ "quiet", 'q', BOTH, NULL, OPT_LEVEL(words_level, -1) },
	{ "help", 'h', BOTH, NULL, .text = usage },
	{ "version", 'V', BOTH, NULL, .text = OPT_VERSION("hcheck") },
};

#define NOPTS (sizeof opts / sizeof *opts)

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

static void take(struct options *o, const struct opts *p, size_t i)
{
	if (i < NOPTS) {
		opts_take(&opts[i], o, p->value);
		return;
	}
	add_word(o, &setting_list[i - NOPTS], p->value);
	o->continuous = o->continuous || strcmp(p->list[i].name, "every") == 0;
}

static void check(const struct options *o, const struct opts *p)
{
	opts_check(p, o->continuous ? CONTINUOUS : ONCE,
		o->continuous ? "not with" : "only with", "--every");
	if (o->prog && !o->continuous)
		die(EXIT_MISUSE, "-- %s: only with --every", o->prog[0]);
	if (o->nagios && o->json)
		die(EXIT_MISUSE, "--nagios and --json");
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

/* The options, and behind them the settings. */
static size_t join(struct opt all[OPTS_MAX])
{
	size_t n = NOPTS;

	memcpy(all, opts, sizeof opts);
	for (size_t i = 0; i < setting_count && n < OPTS_MAX; i++)
		all[n++] = (struct opt){ .name = setting_list[i].name,
			.letter = setting_list[i].letter,
			.modes = BOTH,
			.what = setting_list[i].what };
	return n;
}

void options_parse(struct options *o, int argc, char **argv)
{
	struct opt all[OPTS_MAX];
	const struct opt *opt;
	struct opts p;

	*o = (struct options){
		.ready_fd = -1, .exec_max = 32, .sandbox.user = "nobody"
	};
	o->prog = chain_split(&argc, argv);
	opts_begin(&p, all, join(all), 0, argc, argv);
	while ((opt = opts_next(&p)) != NULL)
		take(o, &p, (size_t)(opt - all));
	check(o, &p);
	arg_targets = argv + optind;
	narg_targets = argc - optind;
	read_targets(o);
}
