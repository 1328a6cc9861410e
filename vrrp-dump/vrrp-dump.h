/* What vrrp-dump was asked to do. */
#ifndef VRRP_DUMP_H
#define VRRP_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dump.h"
#include "sandbox.h"

#define EXPR_MAX   8192 /* bytes of a filter expression */
#define FILES_MAX  512	/* of a ring of -w files */
#define SNAP_MAX   262144
#define SNAP	   8192 /* the longest message has 4088 */
#define IFACES_MAX 256

enum direction { DIR_BOTH, DIR_IN, DIR_OUT };

struct options {
	const char *ifname, *read, *write;
	char expr[EXPR_MAX];
	uint64_t count; /* 0: no end */
	int snaplen;
	bool list, no_promisc, immediate;
	enum direction direction;
	bool line_buffered; /* -l */
	bool flush;	    /* -U */
	int hex;	    /* -x 1, -xx 2 */
	bool ascii;	    /* -X: the same with characters */
	uint64_t file_size; /* -C, in bytes */
	unsigned files;	    /* -W */
	struct dump_opts dump;
	bool json, garp, print;
	bool check, summary, top;
	const char *timeline;
	int64_t every; /* between pictures of --top, us; 0: the default */
	int ready_fd;  /* -1: none */
	struct sandbox sandbox;
};

/* Dies 100 on misuse; ends with 0 after --help and --version. */
void options_parse(struct options *o, int argc, char **argv);

#endif
