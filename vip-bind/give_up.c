#include <fcntl.h>
#include <seccomp.h>
#include <linux/if_packet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "give_up.h"

/* bind, recvfrom and setsockopt are the probe's of `add`. */
static const int calls[] = { SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg),
	SCMP_SYS(sendto), SCMP_SYS(recvmsg), SCMP_SYS(recvfrom), SCMP_SYS(bind),
	SCMP_SYS(uname), SCMP_SYS(wait4), SCMP_SYS(waitid),
	SCMP_SYS(pidfd_open), -1 };

void give_up(const struct options *o, pid_t prog)
{
	const struct confine_rule rules[] = {
		CONFINE_SOCKOPT(SOL_SOCKET, SO_ATTACH_FILTER),
		CONFINE_SOCKOPT(SOL_PACKET, PACKET_IGNORE_OUTGOING),
		CONFINE_SOCKOPT(SOL_PACKET, PACKET_ADD_MEMBERSHIP),
		CONFINE_ARG(socket, 0, AF_UNIX), /* for these questions: */
		CONFINE_ARG(ioctl, 1, SIOCGIFINDEX),
		CONFINE_ARG(ioctl, 1, SIOCGIFFLAGS),
		CONFINE_ARG(ioctl, 1, SIOCGIFHWADDR),
		CONFINE_READ, /* does the interface forward? */
		CONFINE_ARG(kill, 0, prog ? prog : INT32_MAX),
		/* the settings of a macvlan, perhaps made anew */
		{ o->vmac ? SCMP_SYS(openat) : -1, 2, O_WRONLY | O_CLOEXEC, -1,
			0 },
		CONFINE_END,
	};

	sandbox_enter(&o->sandbox,
		(struct confine){ .caps = CONFINE_CAP(CAP_NET_ADMIN),
			.resident = o->verb == VERB_FOLLOW,
			.calls = calls,
			.rules = rules });
}
