/* Processes beside the loop, for what would block it or what it may not do.
 * They end when our end of the socket is closed. */
#ifndef HELPER_H
#define HELPER_H

#include <sys/types.h>

struct helper {
	int fd; /* SOCK_SEQPACKET, non-blocking; -1: not started */
	pid_t pid;
};

/* What every helper gives up before it begins; set by main(). */
extern void (*helper_confine)(void);

/* Runs body(fd) in a process of its own; 0 or -errno. */
int helper_start(struct helper *h, void (*body)(int fd));
/* Closes the socket and waits for its end. */
void helper_stop(struct helper *h);

#endif
