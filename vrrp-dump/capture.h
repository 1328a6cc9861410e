/* Packets from an interface or a file by libpcap, and files to write to.  All
 * is opened at the start; afterwards nothing is opened any more. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <pcap/pcap.h>

#include "mono.h"
#include "vrrp-dump.h"

struct capture {
	pcap_t *pcap;
	bool live;
	int fd; /* for poll(2), live */
	enum link_type link;
	const char *name; /* of the interface or file */
	int64_t delay;	  /* us: so late the kernel may hand packets over */
	uint64_t dropped;
};

/* Dies where it cannot. */
void capture_open(struct capture *c, const struct options *o);
/* Prints the interfaces and ends. */
_Noreturn void capture_list(void);
/* The name of an interface by its number, as it was at the start; NULL. */
const char *capture_if(uint32_t ifindex);
/* By the kernel, because we were too slow. */
uint64_t capture_dropped(struct capture *c);
/* ns since the epoch; what no clock can show is cut down. */
int64_t capture_ns(const struct options *o, const struct pcap_pkthdr *h);

/* -w */
struct writer {
	unsigned n, at; /* files, the present one */
	uint64_t size, max;
	bool flush;
	pcap_t *pcap;
	FILE *file[FILES_MAX];
};

void writer_open(
	struct writer *w, const struct capture *c, const struct options *o);
void writer_packet(
	struct writer *w, const struct pcap_pkthdr *h, const uint8_t *data);
void writer_close(struct writer *w);

#endif
