/* TLS as a client by OpenSSL, over a non-blocking socket. */
#ifndef TLS_H
#define TLS_H

#include <stdbool.h>
#include <sys/types.h>

#include "check.h"

/* Makes the context of s if it has none; NULL, or what is wrong. */
const char *tls_context(struct settings *s);
void tls_context_free(struct settings *s);

/* A session to `name` over fd; NULL without memory.  An address as the name
 * gives no SNI. */
void *tls_new(const struct settings *s, int fd, const char *name);
void tls_free(void *ssl);

/* 1: done; 0: wait for the socket; -1: failed, *why is set, and r->say. */
int tls_handshake(void *ssl, struct result *r, const char **why);
/* Judges the certificate: its days into r; why it will not do, or NULL. */
const char *tls_judge(void *ssl, const struct settings *s, struct result *r);
/* As read(2) and write(2) of a non-blocking socket; 0 is the end; errors are
 * -errno, -EAGAIN among them, -EPROTO for TLS's own. */
ssize_t tls_read(void *ssl, void *buf, size_t size);
ssize_t tls_write(void *ssl, const void *buf, size_t n);

#endif
