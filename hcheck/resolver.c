#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>

#include "resolver.h"
#include "sockaddr.h"

const char *resolver_err_str(int err)
{
	switch (err) {
	case EAI_NONAME:
	case EAI_NODATA:
	case EAI_ADDRFAMILY:
		return "no-name";
	case EAI_AGAIN:
		return "try-again";
	case EAI_FAIL:
		return "failed";
	default:
		return "error";
	}
}

static void resolve(const struct resolver_ask *ask, struct resolver_answer *a)
{
	struct addrinfo hints = { .ai_family = ask->family,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	uint16_t port;

	*a = (struct resolver_answer){ .token = ask->token };
	a->err = getaddrinfo(ask->name, NULL, &hints, &list);
	if (a->err)
		return;
	for (struct addrinfo *i = list; i && a->n < RESOLVER_ADDRS;
		i = i->ai_next)
		a->addr[a->n++] = sockaddr_get(
			(const union sockaddr_any *)i->ai_addr, &port);
	freeaddrinfo(list);
}

/* Whoever is free takes the next question. */
static void *serve(void *arg)
{
	int fd = *(int *)arg;
	struct resolver_ask ask;
	struct resolver_answer answer;

	while (recv(fd, &ask, sizeof ask, 0) == sizeof ask) {
		resolve(&ask, &answer);
		if (send(fd, &answer, sizeof answer, MSG_NOSIGNAL) < 0)
			break;
	}
	return NULL;
}

void resolver(int fd)
{
	pthread_t thread;

	for (int i = 1; i < RESOLVER_THREADS; i++)
		pthread_create(&thread, NULL, serve, &fd);
	serve(&fd);
}
