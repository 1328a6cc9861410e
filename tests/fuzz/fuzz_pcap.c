/* Capture files, as libpcap takes them apart and vrrp-dump takes on. */
#include <pcap/pcap.h>

#include "dump.h"
#include "fuzz.h"

static void take(uint8_t *user, const struct pcap_pkthdr *h, const uint8_t *p)
{
	static struct dissect d;
	static char buf[DUMP_MAX];
	enum link_type *t = (enum link_type *)(void *)user;
	struct dump_opts o = { .verbose = 1, .time = TIME_DATE };
	struct dump_packet out = { .d = &d, .ns = (int64_t)h->ts.tv_sec };
	struct txt text = txt_init(buf, sizeof buf);
	uint8_t *exact = fuzz_exact(p, h->caplen);

	dissect(&d, *t, exact, h->caplen, h->len);
	dump_text(&text, &o, &out);
	CLAIM(!text.full);
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char err[PCAP_ERRBUF_SIZE];
	uint8_t *file = fuzz_exact(data, size);
	FILE *f = fmemopen(file, size + !size, "r");
	enum link_type t;
	pcap_t *p;

	CLAIM(f);
	p = pcap_fopen_offline(f, err);
	if (p && link_type_of(pcap_datalink(p), &t))
		pcap_loop(p, -1, take, (uint8_t *)&t);
	if (p)
		pcap_close(p);
	else
		fclose(f);
	free(file);
	return 0;
}
