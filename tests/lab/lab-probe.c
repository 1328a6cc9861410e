/*
 * lab-probe [-46v] [-i INTERVAL_US] [-d DURATION_MS] [-w LINGER_MS] ADDR PORT
 *
 * The client: a UDP request each INTERVAL_US (1000), until TERM, INT or
 * DURATION_MS (60000).  Then up to LINGER_MS (100) for answers on their way
 * if the last request has none, and one JSON object on stdout:
 *   sent, recv, dup, lost   requests, those answered, surplus answers, rest
 *   late_us                 our own worst lateness with a tick: host noise
 *   rtt_us_p50, rtt_us_max
 *   longest_gap_ms          0 if every request was answered
 *   gaps [[t0, t1, ms, lost, from, to, late_us], ..]
 *                           t0: the first unanswered request was sent, t1: the
 *                           next answered one (or the last one of all); from,
 *                           to: who answered before and after, "-" if nobody;
 *                           late_us: our worst lateness inside this gap
 *   runs [[t, node], ..]    who answers, at each change, in order of sending
 * A request is answered whenever its answer came: a frame parked in an ARP
 * queue is late, not lost.  A tick we missed is not sent later, and as gaps
 * run from one sending to another a stall of our own is no gap.
 * -v: "ready" to stderr before the first request, "+ID" at each change.
 */
#include <netdb.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lab.h"

#define NODE_AT	    16
#define REQUEST_LEN 32

struct request {
	int64_t sent, answered, late;
	char node;
};

struct probe {
	int fd, family;
	bool verbose;
	int64_t step, duration, linger;
	struct addrinfo *to;
	struct request *req;
	uint64_t cap, sent, recv, dup;
	int64_t late;
	char node;
};

struct gap {
	uint64_t first, end;
	int64_t t0, t1, late;
	char from, to;
};

static _Noreturn void usage(void)
{
	fprintf(stderr, "usage: lab-probe [-46v] [-i INTERVAL_US] "
			"[-d DURATION_MS] [-w LINGER_MS] ADDR PORT\n");
	exit(2);
}

static void parse_args(struct probe *p, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "46vi:d:w:")) != -1)
		switch (c) {
		case '4':
			p->family = AF_INET;
			break;
		case '6':
			p->family = AF_INET6;
			break;
		case 'v':
			p->verbose = true;
			break;
		case 'i':
			p->step = lab_number(optarg, 50, 10000000) * 1000;
			break;
		case 'd':
			p->duration = lab_number(optarg, 1, 3600000) * MSEC;
			break;
		case 'w':
			p->linger = lab_number(optarg, 0, 60000) * MSEC;
			break;
		default:
			usage();
		}
	if (argc - optind != 2)
		usage();
}

/* Not connected: an ICMP error must not stop the sending. */
static void open_socket(struct probe *p, const char *addr, const char *port)
{
	struct addrinfo hint = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_family = p->family,
		.ai_socktype = SOCK_DGRAM,
	};
	int buf = 4 << 20;

	if (getaddrinfo(addr, port, &hint, &p->to))
		usage();
	p->fd = socket(p->to->ai_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (p->fd < 0)
		die("socket");
	setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buf, sizeof(buf));
}

static void open_log(struct probe *p)
{
	p->cap = (uint64_t)(p->duration / p->step) + 1;
	p->req = mmap(NULL, p->cap * sizeof(*p->req), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (p->req == MAP_FAILED)
		die("mmap");
	(void)mlockall(MCL_CURRENT);
}

static void ask(struct probe *p, int64_t late)
{
	struct request *r = &p->req[p->sent];
	char buf[REQUEST_LEN] = { 0 };

	if (late > p->late)
		p->late = late;
	memcpy(buf, &p->sent, sizeof(p->sent));
	r->late = late;
	r->sent = lab_now(CLOCK_REALTIME);
	(void)sendto(
		p->fd, buf, sizeof(buf), 0, p->to->ai_addr, p->to->ai_addrlen);
	p->sent++;
}

static void note_answer(struct probe *p, uint64_t i, char node)
{
	if (i >= p->sent)
		return;
	if (p->req[i].answered) {
		p->dup++;
		return;
	}
	p->req[i].answered = lab_now(CLOCK_REALTIME);
	p->req[i].node = node;
	p->recv++;
	if (p->verbose && node != p->node)
		fprintf(stderr, "+%c\n", node);
	p->node = node;
}

static void take_answers(struct probe *p)
{
	char buf[64];
	uint64_t i;

	while (recv(p->fd, buf, sizeof(buf), 0) > NODE_AT) {
		memcpy(&i, buf, sizeof(i));
		note_answer(p, i, buf[NODE_AT]);
	}
}

static void probe(struct probe *p)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	int64_t now, next = lab_now(CLOCK_MONOTONIC);
	int64_t end = next + p->duration;

	while (!lab_stopped && next < end) {
		now = lab_now(CLOCK_MONOTONIC);
		if (now >= next) {
			ask(p, now - next);
			next += ((now - next) / p->step + 1) * p->step;
		}
		if (lab_poll(&pfd, 1, next) > 0)
			take_answers(p);
	}
}

static void linger(struct probe *p)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	int64_t end = lab_now(CLOCK_MONOTONIC) + p->linger;

	while (p->sent && !p->req[p->sent - 1].answered &&
		lab_now(CLOCK_MONOTONIC) < end)
		if (lab_poll(&pfd, 1, end) > 0)
			take_answers(p);
}

/* The first gap at or after request i. */
static bool find_gap(const struct probe *p, uint64_t i, struct gap *g)
{
	const struct request *r = p->req;

	while (i < p->sent && r[i].answered)
		i++;
	if (i == p->sent)
		return false;
	*g = (struct gap){ .first = i, .t0 = r[i].sent, .to = '-' };
	g->from = i ? r[i - 1].node : '-';
	for (; i < p->sent && !r[i].answered; i++)
		if (r[i].late > g->late)
			g->late = r[i].late;
	g->end = i;
	g->t1 = r[i - 1].sent;
	if (i < p->sent) {
		g->to = r[i].node;
		g->t1 = r[i].sent;
		if (r[i].late > g->late)
			g->late = r[i].late;
	}
	return true;
}

static double gap_ms(const struct gap *g)
{
	return (double)(g->t1 - g->t0) / 1e6;
}

static void print_gaps(const struct probe *p)
{
	const char *sep = "";
	double longest = 0;
	struct gap g = { 0 };

	printf(",\"gaps\":[");
	while (find_gap(p, g.end, &g)) {
		printf("%s[" T_FMT "," T_FMT ",%.3f,%llu,\"%c\",\"%c\",%lld]",
			sep, T_ARG(g.t0), T_ARG(g.t1), gap_ms(&g),
			(unsigned long long)(g.end - g.first), g.from, g.to,
			(long long)(g.late / 1000));
		if (gap_ms(&g) > longest)
			longest = gap_ms(&g);
		sep = ",";
	}
	printf("],\"longest_gap_ms\":%.3f", longest);
}

static void print_runs(const struct probe *p)
{
	const char *sep = "";
	char node = 0;

	printf(",\"runs\":[");
	for (uint64_t i = 0; i < p->sent; i++) {
		if (!p->req[i].answered || p->req[i].node == node)
			continue;
		node = p->req[i].node;
		printf("%s[" T_FMT ",\"%c\"]", sep, T_ARG(p->req[i].sent),
			node);
		sep = ",";
	}
	printf("]");
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void print_rtt(const struct probe *p)
{
	int64_t *rtt = calloc(p->recv + 1, sizeof(*rtt));
	uint64_t n = 0;

	if (!rtt)
		die("calloc");
	for (uint64_t i = 0; i < p->sent; i++)
		if (p->req[i].answered)
			rtt[n++] = p->req[i].answered - p->req[i].sent;
	qsort(rtt, n, sizeof(*rtt), by_size);
	if (n)
		printf(",\"rtt_us_p50\":%lld,\"rtt_us_max\":%lld",
			(long long)(rtt[n / 2] / 1000),
			(long long)(rtt[n - 1] / 1000));
	free(rtt);
}

static void print_result(const struct probe *p)
{
	printf("{\"sent\":%llu,\"recv\":%llu,\"dup\":%llu,\"lost\":%llu",
		(unsigned long long)p->sent, (unsigned long long)p->recv,
		(unsigned long long)p->dup,
		(unsigned long long)(p->sent - p->recv));
	printf(",\"late_us\":%lld", (long long)(p->late / 1000));
	print_rtt(p);
	print_gaps(p);
	print_runs(p);
	printf("}\n");
}

int main(int argc, char **argv)
{
	struct probe p = {
		.family = AF_UNSPEC,
		.step = MSEC,
		.duration = 60 * NSEC,
		.linger = 100 * MSEC,
	};

	parse_args(&p, argc, argv);
	open_socket(&p, argv[optind], argv[optind + 1]);
	open_log(&p);
	lab_catch_stop();
	lab_be_prompt();
	if (p.verbose)
		fprintf(stderr, "ready\n");
	probe(&p);
	linger(&p);
	print_result(&p);
	freeaddrinfo(p.to);
	return fflush(stdout) ? 1 : 0;
}
