/* What the fuzz targets share.  A target takes bytes apart as the tool that
 * reads them would, in a block of their very size so that ASan sees one byte
 * too many, and calls CLAIM() for what must hold of any input. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLAIM(what)                                                            \
	do {                                                                   \
		if (!(what)) {                                                 \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
				__LINE__, #what);                              \
			abort();                                               \
		}                                                              \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of its very size; to be freed. */
static inline void *fuzz_exact(const void *data, size_t n)
{
	void *p = malloc(n ? n : 1);

	CLAIM(p);
	if (n)
		memcpy(p, data, n);
	return p;
}

/* The same as a string. */
static inline char *fuzz_string(const void *data, size_t n)
{
	char *s = malloc(n + 1);

	CLAIM(s);
	if (n)
		memcpy(s, data, n);
	s[n] = '\0';
	return s;
}

#endif
