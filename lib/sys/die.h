/* Words for people, on stderr: "tool: what failed: reason".  Exit codes are an
 * interface (DESIGN 2.4).  Only tools die; a library function returns. */
#ifndef DIE_H
#define DIE_H

enum {
	EXIT_YES = 0,
	EXIT_NO = 1,
	EXIT_LATE = 99,	   /* timed out as asked */
	EXIT_MISUSE = 100, /* restarting will not help */
	EXIT_SYSTEM = 111, /* the system said no, or we could not tell */
};

/* Name of the tool, in front of each message; set once by main(). */
extern const char *die_prog;

/* One line, one write(2); never blocks (what does not fit is lost). */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* warn(), then exit(code). */
_Noreturn void die(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The text of an errno; for EPERM and EACCES with the capability that is
 * missing, e.g. "Operation not permitted (needs CAP_NET_RAW)".  In a static
 * buffer. */
const char *errno_str(int err, const char *capability);

#endif
