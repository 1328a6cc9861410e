/* Base64 (RFC 4648 4), with padding and without line breaks. */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>

/* Of n bytes, with the NUL at the end. */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

/* Writes n bytes of data to out, which has room for BASE64_SIZE(n). */
void base64(char *out, const void *data, size_t n);

#endif
