/* Strict numbers and durations: the whole string or nothing.  No sign, space,
 * base prefix, exponent or overflow slips through. */
#ifndef NUM_H
#define NUM_H

#include <stdbool.h>
#include <stdint.h>

#define NUM_STRLEN 21 /* 20 digits of an uint64_t and NUL */
#define DUR_MAX	   (INT64_C(366) * 86400 * 1000000)
#define DUR_STRLEN 24

bool num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out);
/* As num_u64, with an optional + or - in front. */
bool num_int(const char *s, int min, int max, int *out);
/* Decimal digits into buf of NUM_STRLEN; returns buf. */
const char *num_str(uint64_t v, char *buf);

/* 250ms 1s 1.5s 2m 1h 1d 800us; a bare number is seconds.  At most six digits
 * after the point; no more than a year.  Microseconds. */
bool dur_parse(const char *s, int64_t *us);
/* The shortest exact form in s, ms or us; buf of DUR_STRLEN; returns buf. */
const char *dur_str(int64_t us, char *buf);

#endif
