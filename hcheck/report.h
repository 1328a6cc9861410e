/* What is said of targets. */
#ifndef REPORT_H
#define REPORT_H

#include "check.h"
#include "line.h"

/* The line of a subject: UP or DOWN with what a probe found. */
void report_line(struct line_out *o, bool json, const struct subject *s,
	bool up, const struct result *r);
/* Seconds with microseconds, such as 0.000812; buf has 24 bytes. */
const char *report_secs(int64_t us, char *buf);

#endif
