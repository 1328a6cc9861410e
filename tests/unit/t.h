/* What the unit tests share.  Tables name their rows, so a failed check says
 * which row it was; random tests print their seed, and TEST_SEED repeats it. */
#ifndef T_H
#define T_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define N_OF(a) (sizeof(a) / sizeof *(a))

#define CHECK_NUM(row, got, want)                                              \
	t_num(row, #got, (long long)(got), (long long)(want), __FILE__,        \
		__LINE__)
#define CHECK_STR(row, got, want)                                              \
	t_str(row, #got, got, want, __FILE__, __LINE__)

static inline void t_num(const char *row, const char *what, long long got,
	long long want, const char *file, int line)
{
	if (got == want)
		return;
	print_error("%s: %s is %lld (%#llx), not %lld (%#llx)\n", row, what,
		got, got, want, want);
	_fail(file, line);
}

static inline void t_str(const char *row, const char *what, const char *got,
	const char *want, const char *file, int line)
{
	if (strcmp(got, want) == 0)
		return;
	print_error("%s: %s is \"%s\", not \"%s\"\n", row, what, got, want);
	_fail(file, line);
}

/* splitmix64 */
static inline uint64_t t_rand(uint64_t *s)
{
	uint64_t z = *s += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline uint64_t t_below(uint64_t *s, uint64_t n)
{
	return t_rand(s) % n;
}

static inline uint64_t t_seed(void)
{
	const char *told = getenv("TEST_SEED");
	struct timespec ts;
	uint64_t seed;

	clock_gettime(CLOCK_REALTIME, &ts);
	seed = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	if (told)
		seed = strtoull(told, NULL, 0);
	print_message("           TEST_SEED=%llu\n", (unsigned long long)seed);
	return t_rand(&seed);
}

/* A copy in a block of its very size, so that ASan sees one byte too many. */
static inline void *t_exact(const void *data, size_t n)
{
	void *p = malloc(n);

	assert_non_null(p);
	return memcpy(p, data, n);
}

/* Returns the number of bytes. */
static inline size_t t_unhex(uint8_t *out, size_t size, const char *s)
{
	size_t n = 0;

	for (; s[0] && s[1]; s += 2) {
		char two[3] = { s[0], s[1], '\0' };

		assert_true(n < size);
		out[n++] = (uint8_t)strtoul(two, NULL, 16);
	}
	return n;
}

#endif
