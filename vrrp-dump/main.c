#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "clock.h"
#include "die.h"
#include "ready.h"
#include "sink.h"
#include "steady.h"
#include "view.h"
#include "vrrp-dump.h"

#define BATCH	   1000		    /* packets between looks at the clock */
#define WATCH_WAIT (50 * US_PER_MS) /* between looks at the groups */
#define ZONE_STEP  900 /* seconds: offsets of zones change at quarters */

static struct options opts;
static struct capture cap;
static struct writer writer;
static struct view view;
static struct sink out;
static volatile sig_atomic_t stopped, asked;

static struct seen {
	uint64_t packets, printed, wrong;
	int64_t first, before; /* ns */
	int64_t zone_block, zone;
	struct steady steady;
} seen = { .zone_block = -1 };

/* ---- Signals */

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		asked = 1;
	else
		stopped = 1;
}

static void watch_signals(void)
{
	static const int list[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	struct sigaction sa = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		sigaction(list[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* ---- A packet */

static int64_t zone_of(int64_t ns)
{
	int64_t sec = ns / NS_PER_S;
	time_t t = sec;
	struct tm tm;

	if (sec / ZONE_STEP == seen.zone_block)
		return seen.zone;
	seen.zone_block = sec / ZONE_STEP;
	seen.zone = localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
	return seen.zone;
}

static int64_t since(int64_t ns)
{
	if (!seen.printed)
		seen.first = seen.before = ns;
	return ns - (opts.dump.time == TIME_SINCE ? seen.first : seen.before);
}

static void print_hex(const struct dissect *d, const uint8_t *data)
{
	size_t at = opts.hex > 1 ? 0 : d->l.net, end = d->cap;

	if (opts.hex == 1 && d->l.payload && d->l.family) {
		size_t last = (size_t)(d->l.payload - data) + d->l.cap;

		end = last > at ? last : end;
	}
	for (size_t i = at; i < end; i += 16) {
		struct txt t = sink_room(&out, DUMP_MAX);

		dump_hex(&t, data + i, end - i, i - at, opts.ascii);
		sink_put(&out, &t);
	}
}

static void print_packet(const struct dump_packet *p, const uint8_t *data)
{
	struct txt t = sink_room(&out, DUMP_MAX);

	if (opts.json) {
		struct json j;

		json_init(&j, t.buf, t.size - 2);
		dump_json(&j, &opts.dump, p);
		t.len = j.len;
		txt_ch(&t, '\n');
	} else {
		dump_text(&t, &opts.dump, p);
	}
	sink_put(&out, &t);
	if (opts.hex && !opts.json)
		print_hex(p->d, data);
	sink_end(&out);
}

static bool prints(void)
{
	return opts.print || !(opts.write || opts.check || opts.summary ||
				     opts.top || opts.timeline);
}

static const char *if_name(const struct dissect *d)
{
	if (d->l.link == LINK_SLL2)
		return capture_if(d->l.ifindex);
	return cap.live ? cap.name : NULL;
}

static bool is_announcement(const struct dissect *d)
{
	return d->kind == DIS_ARP || d->kind == DIS_NA;
}

static void take(const struct dissect *d, const struct pcap_pkthdr *h,
	const uint8_t *data)
{
	struct dump_packet p = { .d = d, .ns = capture_ns(&opts, h) };

	seen.packets++;
	seen.wrong += (d->faults & DIS_WRONG) != 0;
	if (opts.write)
		writer_packet(&writer, h, data);
	if (!prints())
		return;
	p.since = since(p.ns);
	p.utc_offset = zone_of(p.ns);
	p.ifname = if_name(d);
	if (is_announcement(d))
		p.owner = watch_owner(&view.watch, d, d->l.ifindex);
	p.say_if = d->l.link == LINK_SLL2;
	print_packet(&p, data);
	seen.printed++;
	seen.before = p.ns;
}

/* Announcements are shown of virtual addresses alone, unless more is asked
 * for. */
static bool is_shown(const struct dissect *d)
{
	if (!is_announcement(d))
		return d->kind != DIS_OTHER;
	return opts.garp &&
	       (opts.dump.verbose || vmac_vrid(d->l.src_mac, AF_INET) ||
		       vmac_vrid(d->l.src_mac, AF_INET6) ||
		       watch_owner(&view.watch, d, d->l.ifindex));
}

static void watch(const struct dissect *d, const struct pcap_pkthdr *h)
{
	const char *name = if_name(d);
	int64_t us = capture_ns(&opts, h) / 1000;

	if (cap.live)
		us = steady_us(&seen.steady, us, mono_now());
	watch_packet(&view.watch, d, us, d->l.ifindex, name ? name : "-");
}

static bool is_over(void)
{
	return stopped || out.dead ||
	       (opts.count && seen.packets >= opts.count);
}

static void say_counts(void)
{
	if (opts.dump.quiet)
		return;
	if (cap.live)
		warn("%llu packets, %llu of them wrong; %llu dropped by the "
		     "kernel",
			(unsigned long long)seen.packets,
			(unsigned long long)seen.wrong,
			(unsigned long long)capture_dropped(&cap));
	else
		warn("%llu packets, %llu of them wrong",
			(unsigned long long)seen.packets,
			(unsigned long long)seen.wrong);
}

/* USR1 */
static void answer(void)
{
	asked = 0;
	say_counts();
	if (opts.summary)
		view_summary(&view);
	sink_flush(&out);
}

static void on_packet(
	uint8_t *user, const struct pcap_pkthdr *h, const uint8_t *data)
{
	static struct dissect d;

	(void)user;
	dissect(&d, cap.link, data, h->caplen, h->len);
	if (d.kind != DIS_OTHER && view_watches(&opts))
		watch(&d, h);
	if (is_shown(&d))
		take(&d, h, data);
	if (asked)
		answer();
	if (is_over())
		pcap_breakloop(cap.pcap);
}

/* ---- Reading */

static int read_file(void)
{
	int err = pcap_loop(cap.pcap, -1, on_packet, NULL);

	if (err == PCAP_ERROR && !stopped) {
		sink_flush(&out);
		warn("%s: %s", cap.name, pcap_geterr(cap.pcap));
		return EXIT_SYSTEM;
	}
	return EXIT_YES;
}

/* Only when all packets there are have been taken it is so late. */
static void tick(bool all_taken)
{
	struct mono now = mono_now();
	int64_t us = all_taken ? steady_now(&seen.steady, now) : 0;

	if (view_watches(&opts))
		view_tick(&view, us ? us - cap.delay : 0, now);
}

/* Signals are held back between the look at their flags and the wait. */
static void wait_packets(void)
{
	struct pollfd p = { .fd = cap.fd, .events = POLLIN };
	int64_t us = view_watches(&opts) ? WATCH_WAIT : US_PER_S;
	struct timespec ts = { .tv_sec = us / US_PER_S,
		.tv_nsec = us % US_PER_S * 1000 };
	sigset_t all, before;
	bool quiet = false;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (!stopped && !asked)
		quiet = ppoll(&p, 1, &ts, &before) == 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (quiet)
		sink_flush(&out);
}

static int read_live(void)
{
	while (!is_over()) {
		int n = pcap_dispatch(cap.pcap, BATCH, on_packet, NULL);

		if (n == PCAP_ERROR) {
			warn("%s: %s", cap.name, pcap_geterr(cap.pcap));
			return EXIT_SYSTEM;
		}
		if (asked)
			answer();
		tick(n == 0);
		if (n == 0)
			wait_packets();
	}
	return EXIT_YES;
}

/* ---- Start and end */

static void enter_sandbox(void)
{
	static const int calls[] = { SCMP_SYS(ftruncate), -1 };
	static const struct confine_rule rules[] = { CONFINE_ARG(getsockopt, 2,
							     PACKET_STATISTICS),
		CONFINE_ARG(ioctl, 1, TIOCGWINSZ), CONFINE_END };

	sandbox_enter(&opts.sandbox,
		(struct confine){ .calls = calls, .rules = rules });
}

static void say_listening(void)
{
	if (!cap.live || opts.dump.quiet)
		return;
	warn("listening on %s, link-type %s", cap.name,
		link_type_str(cap.link));
}

static int finish(int code)
{
	bool drawn = view_end(&view);

	sink_flush(&out);
	if (opts.write)
		writer_close(&writer);
	if (cap.live)
		say_counts();
	if (out.dead && out.err != EPIPE)
		die(EXIT_SYSTEM, "stdout: %s", errno_str(out.err, NULL));
	if (out.dead || !drawn)
		return EXIT_SYSTEM;
	return code == EXIT_YES && opts.check && view.watch.findings ? EXIT_NO
								     : code;
}

/* Findings of an interface are told when they are found. */
static bool is_eager(void)
{
	return opts.line_buffered || opts.flush || (cap.live && opts.check) ||
	       isatty(STDOUT_FILENO);
}

int main(int argc, char **argv)
{
	die_prog = "vrrp-dump";
	options_parse(&opts, argc, argv);
	if (opts.list)
		capture_list();
	watch_signals();
	tzset();
	capture_open(&cap, &opts);
	if (opts.write)
		writer_open(&writer, &cap, &opts);
	sink_init(&out, STDOUT_FILENO, &stopped, is_eager());
	view_open(&view, &opts, &out);
	ready_prepare();
	unsetenv("NOTIFY_SOCKET"); /* it would be tried again, in there */
	enter_sandbox();
	ready(opts.ready_fd);
	say_listening();
	return finish(cap.live ? read_live() : read_file());
}
