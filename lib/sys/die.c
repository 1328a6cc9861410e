#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"

const char *die_prog = "vrrp-tools";

/* A logger that stopped reading must not stop us: poll first, and a pipe that
 * is writable takes a line of this size whole. */
__attribute__((format(printf, 1, 0))) static void vwarn(
	const char *fmt, va_list ap)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	char buf[1024];
	size_t len;
	int n = snprintf(buf, sizeof buf, "%s: ", die_prog);

	if (n < 0 || (size_t)n >= sizeof buf)
		return;
	len = (size_t)n;
	n = vsnprintf(buf + len, sizeof buf - len - 1, fmt, ap);
	if (n < 0)
		return;
	len += (size_t)n < sizeof buf - len - 1 ? (size_t)n
						: sizeof buf - len - 2;
	for (size_t i = 0; i < len; i++) /* what came from outside: one line */
		if ((unsigned char)buf[i] < ' ')
			buf[i] = '?';
	buf[len++] = '\n';
	if (poll(&p, 1, 0) == 1 && p.revents & POLLOUT &&
		write(STDERR_FILENO, buf, len) < 0)
		return; /* nobody is left to be told */
}

void warn(const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
	errno = saved;
}

void die(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
	exit(code);
}

const char *errno_str(int err, const char *capability)
{
	static char buf[128];

	if (err < 0)
		err = -err;
	if ((err == EPERM || err == EACCES) && capability)
		snprintf(buf, sizeof buf, "%s (needs %s)", strerror(err),
			capability);
	else
		snprintf(buf, sizeof buf, "%s", strerror(err));
	return buf;
}
