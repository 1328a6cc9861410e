#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <seccomp.h>

#include "give_up.h"

/* The filter of an interface that came again, and its group; nothing that
 * would let us write IP headers of our own.  A netlink socket is what the last
 * will opens when it is executed. */
static const int calls[] = { SCMP_SYS(sendmsg), SCMP_SYS(sendto),
	SCMP_SYS(recvmsg), SCMP_SYS(pread64), SCMP_SYS(bind), SCMP_SYS(wait4),
	SCMP_SYS(waitid), SCMP_SYS(pidfd_open), SCMP_SYS(timerfd_settime), -1 };

/* A file may name routers that are new and no longer name others: a lock is
 * had, a group is left. */
static const struct confine_rule end = CONFINE_END;
static const struct confine_rule only_a_file[] = {
	CONFINE_ARG(socket, 0, AF_UNIX),
	CONFINE_SOCKOPT(IPPROTO_IP, IP_DROP_MEMBERSHIP),
	CONFINE_SOCKOPT(IPPROTO_IPV6, IPV6_LEAVE_GROUP),
};

void give_up(const struct options *o, pid_t prog)
{
	const struct confine_rule rules[] = {
		CONFINE_SOCKOPT(SOL_SOCKET, SO_ATTACH_FILTER),
		CONFINE_SOCKOPT(SOL_SOCKET, SO_RCVBUF),
		CONFINE_SOCKOPT(SOL_SOCKET, SO_RCVBUFFORCE),
		CONFINE_SOCKOPT(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP),
		CONFINE_SOCKOPT(IPPROTO_IP, IP_ADD_MEMBERSHIP),
		CONFINE_SOCKOPT(IPPROTO_IPV6, IPV6_JOIN_GROUP),
		CONFINE_ARG(socket, 0, AF_NETLINK),
		CONFINE_READ,
		CONFINE_ARG(kill, 0, prog ? prog : INT32_MAX),
		o->file.path ? only_a_file[0] : end,
		o->file.path ? only_a_file[1] : end,
		o->file.path ? only_a_file[2] : end,
		end,
	};

	sandbox_enter(&o->sandbox,
		(struct confine){ .resident = o->command != CMD_RESIGN,
			.calls = calls,
			.rules = rules });
}
