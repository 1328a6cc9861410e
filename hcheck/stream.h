/* Connections: connect, PROXY header, TLS, then a protocol that is told of
 * what comes (struct proto).  ready and start are those of a struct kind. */
#ifndef STREAM_H
#define STREAM_H

#include "probe.h"

/* Connects; with TLS at once for tls:// and https://. */
void stream_start(struct probe *p, const struct proto *proto);
void stream_ready(struct probe *p, uint32_t events);
/* Sends, now or when there is room. */
void stream_send(struct probe *p, const void *data, size_t n);
/* Goes on with TLS on a connection in the clear; proto->open is called
 * again when it stands. */
void stream_starttls(struct probe *p);

#endif
