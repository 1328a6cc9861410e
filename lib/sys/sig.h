/* Signals as a file descriptor. */
#ifndef SIG_H
#define SIG_H

/* Blocks TERM INT HUP USR1 CHLD, ignores PIPE.  Returns a non-blocking
 * signalfd, or -errno. */
int sig_open(void);
/* The next signal that came, or 0. */
int sig_next(int fd);
/* Undoes sig_open() in a child before exec. */
void sig_restore(void);

#endif
