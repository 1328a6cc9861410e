/* Text, regular expression or hex pattern against received bytes. */
#ifndef MATCH_H
#define MATCH_H

#include "settings.h"

/* text, re:REGEX, hex:PATTERN or text:TEXT; NULL when it is none. */
struct match *match_new(const char *s);
/* A POSIX extended regular expression alone. */
struct match *match_regex(const char *s);
void match_free(struct match *m);
/* A NUL must follow the data (regexec(3) in a sanitizer looks for it). */
bool match_holds(const struct match *m, const void *data, size_t n);

#endif
