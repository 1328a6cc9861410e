/*
 * lab.h - what the lab's programs have in common: clocks, the stop signal,
 * numbers from the command line, giving up.
 *
 * Every time a lab program prints is CLOCK_REALTIME in seconds with six
 * decimals, so that tests can lay the outputs of several side by side.
 */
#ifndef LAB_H
#define LAB_H

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NSEC 1000000000LL
#define MSEC 1000000LL

#define T_FMT	  "%lld.%06lld"
#define T_ARG(ns) (long long)((ns) / NSEC), (long long)((ns) % NSEC / 1000)

/* Set by TERM and INT, which reach us in lab_poll() only. */
static volatile sig_atomic_t lab_stopped;

static inline int64_t lab_now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * NSEC + t.tv_nsec;
}

static inline _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static inline void lab_on_stop(int sig)
{
	(void)sig;
	lab_stopped = 1;
}

static inline void lab_catch_stop(void)
{
	struct sigaction sa = { .sa_handler = lab_on_stop };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
}

/* Poll until a moment of CLOCK_MONOTONIC. */
static inline int lab_poll(struct pollfd *p, nfds_t n, int64_t until)
{
	int64_t left = until - lab_now(CLOCK_MONOTONIC);
	struct timespec t = { 0 };
	sigset_t none;

	if (left > 0) {
		t.tv_sec = left / NSEC;
		t.tv_nsec = left % NSEC;
	}
	sigemptyset(&none);
	return ppoll(p, n, &t, &none);
}

/* A watcher that waits its turn measures itself.  Best effort. */
static inline void lab_be_prompt(void)
{
	struct sched_param sp = { .sched_priority = 1 };

	(void)sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &sp);
}

static inline int64_t lab_number(const char *s, int64_t min, int64_t max)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno || end == s || *end || v < min || v > max) {
		fprintf(stderr, "not a number from %lld to %lld: %s\n",
			(long long)min, (long long)max, s);
		exit(2);
	}
	return v;
}

#endif
