/*
 * lab-holders [-d MS] ADDR NODE=NETNS... - who holds ADDR, and when.
 *
 * Watches the addresses in the named network namespaces by rtnetlink; on each
 * change prints "T NODE + ADDR" or "T NODE - ADDR" (the first state likewise),
 * "ready" to stderr once the first state of all is known.  On TERM, INT or
 * after MS one JSON object on a line of its own:
 *   holders [[t, "ab"], ..]   the nodes that hold ADDR from t on
 *   two_ms, two_max_ms        total and longest time with more than one holder
 *   none_ms, none_max_ms      the same with none, between two holders
 * T is when the kernel's message was read.  An address counts from the moment
 * it is on some interface, also while IPv6 still calls it tentative.  When
 * messages were lost (ENOBUFS) the state is read anew.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lab.h"

#define MAX_NODE 32
#define MAX_HELD 16

struct held {
	uint32_t ifindex, seq;
	uint8_t plen;
};

struct node {
	const char *name;
	int fd;
	uint32_t seq; /* of the latest dump asked for */
	bool known, torn;
	unsigned int n;
	struct held held[MAX_HELD];
};

struct change {
	int64_t t;
	uint32_t mask;
};

static struct node nodes[MAX_NODE];
static nfds_t n_nodes;
static const char *addr_text;
static uint8_t addr[16], family;
static size_t addr_len = 4;
static struct change *history;
static size_t n_history;

static _Noreturn void usage(void)
{
	fprintf(stderr, "usage: lab-holders [-d MS] ADDR NODE=NETNS...\n");
	exit(2);
}

static uint32_t holders(void)
{
	uint32_t mask = 0;

	for (nfds_t i = 0; i < n_nodes; i++)
		if (nodes[i].n)
			mask |= 1U << i;
	return mask;
}

static void remember(int64_t t)
{
	if (n_history % 256 == 0) {
		history =
			realloc(history, (n_history + 256) * sizeof(*history));
		if (!history)
			die("realloc");
	}
	history[n_history++] = (struct change){ t, holders() };
}

static void tell(const struct node *nd)
{
	int64_t t = lab_now(CLOCK_REALTIME);

	printf(T_FMT " %s %c %s\n", T_ARG(t), nd->name, nd->n ? '+' : '-',
		addr_text);
	fflush(stdout);
	remember(t);
}

static void add_held(
	struct node *nd, uint32_t ifindex, uint8_t plen, uint32_t seq)
{
	for (unsigned int i = 0; i < nd->n; i++) {
		struct held *h = &nd->held[i];

		if (h->ifindex != ifindex || h->plen != plen)
			continue;
		h->seq = seq;
		return;
	}
	if (nd->n == MAX_HELD)
		return;
	nd->held[nd->n++] = (struct held){ ifindex, seq, plen };
	if (nd->n == 1)
		tell(nd);
}

static void drop_held(struct node *nd, unsigned int i)
{
	nd->held[i] = nd->held[--nd->n];
	if (!nd->n)
		tell(nd);
}

static void del_held(struct node *nd, uint32_t ifindex, uint8_t plen)
{
	for (unsigned int i = nd->n; i-- > 0;)
		if (nd->held[i].ifindex == ifindex && nd->held[i].plen == plen)
			drop_held(nd, i);
}

/* IFA_LOCAL where there is one: IFA_ADDRESS may be the peer's. */
static bool is_ours(struct nlmsghdr *h)
{
	struct ifaddrmsg *m = NLMSG_DATA(h);
	struct rtattr *a, *best = NULL;
	uint32_t len;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*m)) || m->ifa_family != family)
		return false;
	len = (uint32_t)IFA_PAYLOAD(h);
	for (a = IFA_RTA(m); RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		if (a->rta_type == IFA_LOCAL)
			best = a;
		else if (a->rta_type == IFA_ADDRESS && !best)
			best = a;
	}
	return best && RTA_PAYLOAD(best) == addr_len &&
	       !memcmp(RTA_DATA(best), addr, addr_len);
}

static void ask_dump(struct node *nd)
{
	struct {
		struct nlmsghdr h;
		struct ifaddrmsg m;
	} req = {
		.h.nlmsg_len = sizeof(req),
		.h.nlmsg_type = RTM_GETADDR,
		.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.h.nlmsg_seq = ++nd->seq,
		.m.ifa_family = family,
	};

	nd->torn = false;
	if (send(nd->fd, &req, sizeof(req), 0) < 0)
		die("netlink send");
}

/* What a whole dump did not name is gone. */
static void end_dump(struct node *nd)
{
	if (nd->torn) {
		ask_dump(nd);
		return;
	}
	for (unsigned int i = nd->n; i-- > 0;)
		if (nd->held[i].seq != nd->seq)
			drop_held(nd, i);
	nd->known = true;
}

static void take_message(struct node *nd, struct nlmsghdr *h)
{
	struct ifaddrmsg *m = NLMSG_DATA(h);

	if (h->nlmsg_flags & NLM_F_DUMP_INTR && h->nlmsg_seq == nd->seq)
		nd->torn = true;
	if (h->nlmsg_type == NLMSG_DONE && h->nlmsg_seq == nd->seq)
		end_dump(nd);
	else if (h->nlmsg_type == RTM_NEWADDR && is_ours(h))
		add_held(nd, m->ifa_index, m->ifa_prefixlen, nd->seq);
	else if (h->nlmsg_type == RTM_DELADDR && is_ours(h))
		del_held(nd, m->ifa_index, m->ifa_prefixlen);
}

static void take_messages(struct node *nd)
{
	alignas(struct nlmsghdr) char buf[32768];
	struct nlmsghdr *h;
	ssize_t n;

	while ((n = recv(nd->fd, buf, sizeof(buf), 0)) > 0) {
		uint32_t len = (uint32_t)n;

		for (h = (void *)buf; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len))
			take_message(nd, h);
	}
	if (n < 0 && errno == ENOBUFS)
		ask_dump(nd);
}

static int open_ns(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

/* The socket belongs to the namespace it was made in, wherever we go. */
static int open_netlink(const char *path)
{
	int home = open_ns("/proc/self/ns/net"), ns = open_ns(path);
	struct sockaddr_nl sa = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
	};
	int fd, buf = 4 << 20;

	if (setns(ns, CLONE_NEWNET))
		die(path);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		NETLINK_ROUTE);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		die("netlink");
	if (setns(home, CLONE_NEWNET))
		die("setns");
	close(home);
	close(ns);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buf, sizeof(buf));
	return fd;
}

static void add_node(char *arg)
{
	struct node *nd = &nodes[n_nodes];
	char path[256], *eq = strchr(arg, '=');

	if (!eq || n_nodes == MAX_NODE)
		usage();
	*eq = '\0';
	snprintf(path, sizeof(path), "/run/netns/%s", eq + 1);
	nd->name = arg;
	nd->fd = open_netlink(path);
	n_nodes++;
	ask_dump(nd);
}

static void set_addr(const char *text)
{
	addr_text = text;
	family = AF_INET;
	if (inet_pton(AF_INET, text, addr) == 1)
		return;
	family = AF_INET6;
	addr_len = 16;
	if (inet_pton(AF_INET6, text, addr) != 1)
		usage();
}

static void say_ready(void)
{
	static bool said;

	for (nfds_t i = 0; i < n_nodes; i++)
		if (!nodes[i].known)
			return;
	if (!said)
		fprintf(stderr, "ready\n");
	said = true;
}

static void watch(int64_t end)
{
	struct pollfd p[MAX_NODE];

	for (nfds_t i = 0; i < n_nodes; i++)
		p[i] = (struct pollfd){ .fd = nodes[i].fd, .events = POLLIN };
	while (!lab_stopped && lab_now(CLOCK_MONOTONIC) < end) {
		if (lab_poll(p, n_nodes, end) <= 0)
			continue;
		for (nfds_t i = 0; i < n_nodes; i++)
			if (p[i].revents)
				take_messages(&nodes[i]);
		say_ready();
	}
}

static void print_history(void)
{
	printf("{\"holders\":[");
	for (size_t i = 0; i < n_history; i++) {
		printf("%s[" T_FMT ",\"", i ? "," : "", T_ARG(history[i].t));
		for (nfds_t k = 0; k < n_nodes; k++)
			if (history[i].mask & 1U << k)
				printf("%s", nodes[k].name);
		printf("\"]");
	}
	printf("]");
}

static void grow(int64_t len, int64_t *sum, int64_t *max)
{
	*sum += len;
	if (len > *max)
		*max = len;
}

/* The first entry has whatever was before the first holder; the last one
 * repeats the state at the end, so each but it has a length. */
static void print_sums(void)
{
	int64_t two = 0, two_max = 0, none = 0, none_max = 0, run = 0;
	bool held = false;

	for (size_t i = 0; i + 1 < n_history; i++) {
		uint32_t m = history[i].mask;
		int64_t len = history[i + 1].t - history[i].t;

		run = m & (m - 1) ? run + len : 0;
		if (run)
			grow(len, &two, &two_max);
		if (run > two_max)
			two_max = run;
		if (!m && held && history[i + 1].mask)
			grow(len, &none, &none_max);
		held = held || m;
	}
	printf(",\"two_ms\":%.3f,\"two_max_ms\":%.3f", (double)two / 1e6,
		(double)two_max / 1e6);
	printf(",\"none_ms\":%.3f,\"none_max_ms\":%.3f}\n", (double)none / 1e6,
		(double)none_max / 1e6);
}

int main(int argc, char **argv)
{
	int64_t end = 3600 * NSEC;
	int c;

	while ((c = getopt(argc, argv, "d:")) != -1) {
		if (c != 'd')
			usage();
		end = lab_number(optarg, 1, 3600000) * MSEC;
	}
	if (argc - optind < 2)
		usage();
	set_addr(argv[optind]);
	lab_catch_stop();
	lab_be_prompt();
	remember(lab_now(CLOCK_REALTIME));
	while (++optind < argc)
		add_node(argv[optind]);
	watch(lab_now(CLOCK_MONOTONIC) + end);
	remember(lab_now(CLOCK_REALTIME));
	print_history();
	print_sums();
	return fflush(stdout) ? 1 : 0;
}
