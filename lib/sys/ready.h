/* Readiness for s6 (a newline on --ready-fd) and systemd (NOTIFY_SOCKET). */
#ifndef READY_H
#define READY_H

/* Opens what ready() needs, for one who gives up privileges in between. */
void ready_prepare(void);
/* fd < 0: none was asked for.  Closes fd.  Failures are silent: a service
 * does not stop because nobody waits for it. */
void ready(int fd);

#endif
