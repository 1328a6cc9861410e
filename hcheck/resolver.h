/* The helper that turns names into addresses, several at a time. */
#ifndef RESOLVER_H
#define RESOLVER_H

#include <stdint.h>

#include "addr.h"
#include "url.h"

#define RESOLVER_THREADS 8
#define RESOLVER_ADDRS	 8

struct resolver_ask {
	uint64_t token;
	int family; /* 0: either */
	char name[URL_HOST_MAX + 1];
};

struct resolver_answer {
	uint64_t token;
	int err; /* of getaddrinfo(3) */
	uint32_t n;
	struct addr addr[RESOLVER_ADDRS];
};

/* The body for helper_start(). */
void resolver(int fd);
/* "noname" and so on. */
const char *resolver_err_str(int err);

#endif
