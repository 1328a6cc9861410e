/* One packet as a line of text or as a JSON object: tcpdump's words and order,
 * and behind them what is wrong. */
#ifndef DUMP_H
#define DUMP_H

#include <stdint.h>

#include "dissect.h"
#include "json.h"
#include "txt.h"

/* Room for any packet: 255 IPv6 addresses, all faults. */
#define DUMP_MAX (32 * 1024)

#define NS_PER_S INT64_C(1000000000)

enum dump_time {
	TIME_CLOCK, /* 15:10:09.123456, of the day */
	TIME_NONE,  /* -t */
	TIME_EPOCH, /* -tt */
	TIME_DELTA, /* -ttt: since the line before */
	TIME_DATE,  /* -tttt */
	TIME_SINCE, /* -ttttt: since the first line */
};

struct dump_opts {
	enum dump_time time;
	bool nano;
	bool quiet;
	bool link; /* -e */
	bool show_auth;
	int verbose;
};

struct dump_packet {
	const struct dissect *d;
	int64_t ns;	    /* since the epoch */
	int64_t since;	    /* ns since the line before, or since the first */
	int64_t utc_offset; /* of the local time zone, in seconds */
	const char *ifname; /* NULL: not known */
	bool say_if;	    /* several interfaces: name them in each line */
	uint8_t owner;	    /* of an announced address: its VRID, 0 unknown */
};

/* A line with its newline. */
void dump_text(
	struct txt *t, const struct dump_opts *o, const struct dump_packet *p);
void dump_json(
	struct json *j, const struct dump_opts *o, const struct dump_packet *p);
/* A line of tcpdump -x or -X: at most 16 bytes of a packet, from `off` on. */
void dump_hex(
	struct txt *t, const uint8_t *data, size_t n, size_t off, bool ascii);

/* 2026-11-24T15:10:09.123456Z, or with nine digits. */
void dump_iso(struct txt *t, int64_t ns, bool nano);

#endif
