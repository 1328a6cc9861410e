#include <errno.h>
#include <linux/ip_vs.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel.h"
#include "wire.h"

#define MSG_SIZE    512
#define RCVBUF	    (4 << 20)
#define ANSWER_COST 2048 /* of a receive buffer, at most */
#define ANSWER_MS   10000
#define CHUNK	    32768 /* what the kernel puts into one datagram, at most */
#define DUMP_TRIES  20

static size_t room_for_answers(int fd)
{
	int size = RCVBUF;
	socklen_t len = sizeof size;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len))
		return 1;
	size /= ANSWER_COST;
	return size > KERNEL_BATCH ? KERNEL_BATCH : size < 1 ? 1 : (size_t)size;
}

static int wait_answer(struct kernel *k)
{
	struct pollfd p = { .fd = k->fd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, ANSWER_MS);
	while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : n < 0 ? -errno : -ETIMEDOUT;
}

/* ---- Messages out. */

static struct nl_msg *message(struct kernel *k, uint8_t command, int flags)
{
	struct nl_msg *m = nlmsg_alloc_size(MSG_SIZE);

	if (m && !genlmsg_put(m, 0, ++k->seq, k->family, 0,
			 NLM_F_REQUEST | flags, command, IPVS_GENL_VERSION)) {
		nlmsg_free(m);
		m = NULL;
	}
	return m;
}

static int send_bytes(struct kernel *k, const void *data, size_t len)
{
	while (send(k->fd, data, len, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* Sends and frees m. */
static int send_message(struct kernel *k, struct nl_msg *m)
{
	struct nlmsghdr *h = nlmsg_hdr(m);
	int err = send_bytes(k, h, h->nlmsg_len);

	nlmsg_free(m);
	return err;
}

/* ---- Edits. */

static size_t add_to(char *buf, size_t len, struct nl_msg *m)
{
	struct nlmsghdr *h = nlmsg_hdr(m);

	memcpy(buf + len, h, h->nlmsg_len);
	return len + NLMSG_ALIGN(h->nlmsg_len);
}

/* Sequence numbers of a batch run from the first on. */
static int send_edits(struct kernel *k, struct kernel_edit *e, size_t n)
{
	static char buf[KERNEL_BATCH * MSG_SIZE]
		__attribute__((aligned(NLMSG_ALIGNTO)));
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		struct nl_msg *m =
			message(k, wire_command(e[i].cmd.verb), NLM_F_ACK);
		int err = m ? wire_put(m, &e[i].cmd) : -ENOMEM;

		e[i].err = -EINTR;
		if (!err)
			len = add_to(buf, len, m);
		nlmsg_free(m);
		if (err)
			return err;
	}
	return send_bytes(k, buf, len);
}

static size_t take_answers(struct kernel_edit *e, size_t n, uint32_t first,
	struct nlmsghdr *h, int left)
{
	size_t got = 0;

	for (; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
		uint32_t i = h->nlmsg_seq - first;

		if (h->nlmsg_type != NLMSG_ERROR || i >= n ||
			h->nlmsg_len < NLMSG_LENGTH(sizeof(int)))
			continue;
		e[i].err = ((struct nlmsgerr *)nlmsg_data(h))->error;
		got++;
	}
	return got;
}

/* Edits are carried out and answered before send(2) returns, but for one that
 * was interrupted: netlink_rcv_skb() leaves that without an answer.  To stop a
 * daemon whose thread did not yet run counts as interrupted, and it is gone. */
static int read_answers(
	struct kernel *k, struct kernel_edit *e, size_t n, uint32_t first)
{
	static char buf[CHUNK] __attribute__((aligned(NLMSG_ALIGNTO)));

	for (size_t got = 0; got < n;) {
		ssize_t len = recv(k->fd, buf, sizeof buf, MSG_DONTWAIT);

		if (len < 0 && errno == EAGAIN)
			break;
		if (len < 0 && errno != EINTR)
			return -errno;
		if (len > 0)
			got += take_answers(
				e, n, first, (struct nlmsghdr *)buf, (int)len);
	}
	for (size_t i = 0; i < n; i++)
		if (e[i].err == -EINTR && e[i].cmd.verb == IPVS_STOP)
			e[i].err = 0;
	return 0;
}

int kernel_edit(struct kernel *k, struct kernel_edit *e, size_t n)
{
	for (size_t at = 0; at < n;) {
		size_t some = n - at < k->chunk ? n - at : k->chunk;
		uint32_t first = k->seq + 1;
		int err = send_edits(k, e + at, some);

		if (!err)
			err = read_answers(k, e + at, some, first);
		if (err)
			return err;
		at += some;
	}
	return 0;
}

/* ---- Questions. */

struct ask {
	struct ipvs_table *t;
	uint32_t svc; /* of which the destinations are told */
	int (*take)(struct ask *a, struct nlmsghdr *h);
	struct kernel *k;
	bool done, interrupted;
	int err;
};

static void take_message(struct ask *a, struct nlmsghdr *h)
{
	int code = 0;

	if (h->nlmsg_seq != a->k->seq)
		return; /* of a question that was given up */
	a->interrupted |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
	switch (h->nlmsg_type) {
	case NLMSG_ERROR:
	case NLMSG_DONE:
		if (h->nlmsg_len >= NLMSG_LENGTH(sizeof code))
			memcpy(&code, nlmsg_data(h), sizeof code);
		a->done = true;
		if (!a->err)
			a->err = code;
		break;
	case NLMSG_NOOP:
		break;
	default:
		if (!a->err)
			a->err = a->take(a, h);
	}
}

/* Two datagrams at once: the end of a dump comes in one of its own. */
static int read_some(struct ask *a)
{
	static char buf[2][CHUNK] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct iovec iov[2] = { { buf[0], CHUNK }, { buf[1], CHUNK } };
	struct mmsghdr mh[2] = {
		{ .msg_hdr = { .msg_iov = &iov[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &iov[1], .msg_iovlen = 1 } },
	};
	int n = recvmmsg(a->k->fd, mh, 2, MSG_DONTWAIT, NULL);

	if (n < 0)
		return errno == EAGAIN	? wait_answer(a->k)
		       : errno == EINTR ? 0
					: -errno;
	for (int i = 0; i < n; i++) {
		struct nlmsghdr *h = (struct nlmsghdr *)buf[i];
		int left = (int)mh[i].msg_len;

		for (; nlmsg_ok(h, left); h = nlmsg_next(h, &left))
			take_message(a, h);
	}
	return 0;
}

/* Sends the question and takes all answers. */
static int ask_once(struct ask *a, struct nl_msg *m)
{
	int err = m ? send_message(a->k, m) : -ENOMEM;

	a->done = a->interrupted = false;
	a->err = 0;
	while (!err && !a->done)
		err = read_some(a);
	return err ? err : a->err;
}

/* A dump during which the table changed is asked for again. */
static int dump(struct ask *a, uint8_t command, const struct ipvs_svc *of)
{
	int err;

	for (int i = 0; i < DUMP_TRIES; i++) {
		struct nl_msg *m = message(a->k, command, NLM_F_DUMP);

		if (m && of && wire_put_key(m, of) != 0) {
			nlmsg_free(m);
			m = NULL;
		}
		err = ask_once(a, m);
		if (err || !a->interrupted)
			return err;
	}
	return -EAGAIN;
}

static int take_svc(struct ask *a, struct nlmsghdr *h)
{
	struct ipvs_svc s;

	if (!wire_get_svc(h, &s))
		return 0;
	a->svc = ipvs_put_svc(a->t, &s);
	return a->svc == IPVS_NONE ? -ENOSPC : 0;
}

static int take_dest(struct ask *a, struct nlmsghdr *h)
{
	struct ipvs_dest d;

	if (!wire_get_dest(h, a->t->svcs[a->svc].addr.family, &d))
		return 0;
	return ipvs_put_dest(a->t, a->svc, &d) == IPVS_NONE ? -ENOSPC : 0;
}

static int take_daemon(struct ask *a, struct nlmsghdr *h)
{
	struct ipvs_daemon d;

	if (wire_get_daemon(h, &d))
		a->t->daemons[d.role - IPVS_MASTER] = d;
	return 0;
}

static int take_timeouts(struct ask *a, struct nlmsghdr *h)
{
	wire_get_timeouts(h, &a->t->timeouts);
	return 0;
}

static int take_info(struct ask *a, struct nlmsghdr *h)
{
	return wire_get_info(h, &a->k->version, &a->k->size) ? 0 : -EPROTO;
}

static int ask_dests(struct kernel *k, struct ipvs_table *t, uint32_t svc)
{
	struct ask a = { .k = k, .t = t, .svc = svc, .take = take_dest };

	return dump(&a, IPVS_CMD_GET_DEST, &t->svcs[svc]);
}

int kernel_load_rest(struct kernel *k, struct ipvs_table *t)
{
	struct ask daemons = { .k = k, .t = t, .take = take_daemon };
	struct ask times = { .k = k, .t = t, .take = take_timeouts };
	int err = dump(&daemons, IPVS_CMD_GET_DAEMON, NULL);

	if (!err)
		err = ask_once(
			&times, message(k, IPVS_CMD_GET_CONFIG, NLM_F_ACK));
	return err;
}

int kernel_load(struct kernel *k, struct ipvs_table *t)
{
	struct ask a = { .k = k, .t = t, .take = take_svc };
	int err = dump(&a, IPVS_CMD_GET_SERVICE, NULL);

	for (uint32_t s = 0; s < t->nsvcs && !err; s++)
		err = ask_dests(k, t, s);
	return err ? err : kernel_load_rest(k, t);
}

int kernel_load_svc(
	struct kernel *k, struct ipvs_table *t, const struct ipvs_svc *key)
{
	struct ask a = { .k = k, .t = t, .svc = IPVS_NONE, .take = take_svc };
	struct nl_msg *m = message(k, IPVS_CMD_GET_SERVICE, NLM_F_ACK);
	int err = m ? wire_put_key(m, key) : -ENOMEM;

	if (err) {
		nlmsg_free(m);
		return err;
	}
	err = ask_once(&a, m);
	if (!err && a.svc == IPVS_NONE)
		err = -ESRCH;
	return err ? err : ask_dests(k, t, a.svc);
}

/* ---- Open and close. */

static int resolve(struct kernel *k)
{
	struct ask info = { .k = k, .take = take_info };
	int on = 1;

	k->family = genl_ctrl_resolve(k->sk, IPVS_GENL_NAME);
	if (k->family < 0)
		return -ENOPROTOOPT;
	k->fd = nl_socket_get_fd(k->sk);
	k->seq = nl_socket_use_seq(k->sk);
	k->chunk = room_for_answers(k->fd);
	/* errors without the message they are about */
	setsockopt(k->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	return ask_once(&info, message(k, IPVS_CMD_GET_INFO, NLM_F_ACK));
}

int kernel_open(struct kernel *k)
{
	int err;

	*k = (struct kernel){ .sk = nl_socket_alloc() };
	if (!k->sk)
		return -ENOMEM;
	err = genl_connect(k->sk) < 0 ? -EPROTONOSUPPORT : resolve(k);
	if (err)
		kernel_close(k);
	return err;
}

void kernel_close(struct kernel *k)
{
	nl_socket_free(k->sk);
	k->sk = NULL;
}
