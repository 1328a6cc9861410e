/* What to probe: SCHEME://HOST[:PORT][/PATH], exec:COMMAND, file:PATH, with
 * NAME= in front or without. */
#ifndef URL_H
#define URL_H

#include "addr.h"

#define URL_HOST_MAX 253
#define URL_ZONE_MAX 15
#define URL_LEN_MAX  900 /* leaves room on a line */
#define URL_NAME_MAX 64

enum url_scheme {
	URL_TCP,
	URL_TLS,
	URL_HTTP,
	URL_HTTPS,
	URL_ICMP,
	URL_UDP,
	URL_DNS,
	URL_SMTP,
	URL_EXEC,
	URL_FILE,
	URL_N
};

struct url {
	enum url_scheme scheme;
	char host[URL_HOST_MAX + 1]; /* no brackets; "" for exec and file */
	char zone[URL_ZONE_MAX + 1]; /* of fe80::1%zone */
	struct addr addr;	     /* family 0: the host is a name */
	uint16_t port;		     /* told, or that of the scheme */
	const char *path; /* in the text: from the slash on; the command; the
			     path of the file; or "" */
};

/* NULL, or what is wrong with the text, in words. */
const char *url_parse(struct url *u, const char *text);
/* "http" and so on; and the port that goes without saying, 0: none. */
const char *url_scheme_str(enum url_scheme s);
uint16_t url_scheme_port(enum url_scheme s);

/* The length of NAME in NAME=URL; 0: there is none. */
size_t url_name_len(const char *target);
/* Letters, digits and . _ : @ [ ] + - : what can be a SUBJECT and a file. */
bool url_name_ok(const char *name);
/* The name of a target that was given none, such as http.192.0.2.1:80_path;
 * buf has URL_NAME_MAX + 1 bytes; returns buf. */
const char *url_name(const struct url *u, char *buf);

#endif
