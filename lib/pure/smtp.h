/* Replies of an SMTP server (RFC 5321 4.2), fed as they come. */
#ifndef SMTP_H
#define SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMTP_LINE_MAX  512
#define SMTP_REPLY_MAX 128 /* lines of one reply */

enum smtp_event {
	SMTP_MORE,
	SMTP_REPLY, /* s->code is that of a whole reply */
	SMTP_BAD,   /* not SMTP, or too long */
};

struct smtp {
	unsigned code;
	bool starttls; /* a line of this reply offered it */

	/* The rest is for smtp.c alone. */
	char line[SMTP_LINE_MAX];
	size_t n;
	unsigned lines;
};

void smtp_init(struct smtp *s);
/* Until SMTP_MORE or SMTP_BAD; *data and *n advance. */
enum smtp_event smtp_next(struct smtp *s, const uint8_t **data, size_t *n);

#endif
