#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture.h"
#include "die.h"
#include "num.h"

#define TIMEOUT_MS  100 /* in which the kernel gathers packets */
#define BUFFER	    (8 * 1024 * 1024)
#define FILE_HEADER 24
#define PKT_HEADER  16
#define SEC_MAX	    INT64_C(9000000000)

/* What may hold VRRP: extension headers are looked into by ourselves. */
#define OURS                                                                   \
	"(ip proto 112 or ip proto 51 or ip6 proto 112 or ip6 proto 51 or "    \
	"ip6 proto 0 or ip6 proto 43 or ip6 proto 44 or ip6 proto 60%s)"
#define ANNOUNCED " or arp or (ip6 proto 58 and ip6[40] = 136)"

static struct iface {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
} ifaces[IFACES_MAX];
static size_t nifaces;

static void learn_ifaces(void)
{
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *i = all; i && i->if_index; i++) {
		if (nifaces == IFACES_MAX)
			break;
		ifaces[nifaces].ifindex = i->if_index;
		snprintf(ifaces[nifaces].name, IF_NAMESIZE, "%s", i->if_name);
		nifaces++;
	}
	if (all)
		if_freenameindex(all);
}

const char *capture_if(uint32_t ifindex)
{
	static char unnamed[IF_NAMESIZE];

	for (size_t i = 0; i < nifaces; i++)
		if (ifaces[i].ifindex == ifindex)
			return ifaces[i].name;
	snprintf(unnamed, sizeof unnamed, "if%u", ifindex);
	return unnamed;
}

_Noreturn void capture_list(void)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_if_t *all;
	unsigned n = 0;

	if (pcap_findalldevs(&all, err) != 0)
		die(EXIT_SYSTEM, "cannot list interfaces: %s", err);
	for (pcap_if_t *i = all; i; i = i->next)
		printf("%u.%s%s%s%s%s\n", ++n, i->name,
			i->description ? " (" : "",
			i->description ? i->description : "",
			i->description ? ")" : "",
			i->flags & PCAP_IF_RUNNING ? " [Up, Running]"
			: i->flags & PCAP_IF_UP	   ? " [Up]"
						   : "");
	exit(fflush(stdout) == 0 ? EXIT_YES : EXIT_SYSTEM);
}

/* ---- The filter */

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; (p = strstr(p, word)) != NULL; p += n)
		if ((p == text || !isalnum((unsigned char)p[-1])) &&
			!isalnum((unsigned char)p[n]))
			return true;
	return false;
}

/* Each `vlan` moves the offsets of all that stands behind it by one tag: so
 * the same is asked three times.  Who says vlan himself asks once. */
static void make_expr(char *buf, size_t size, const struct options *o,
	bool announced, bool tagged)
{
	char once[EXPR_MAX + 512];
	int n = snprintf(once, sizeof once, "%s%s%s" OURS,
		o->expr[0] ? "(" : "", o->expr, o->expr[0] ? ") and " : "",
		announced ? ANNOUNCED : "");

	if (n < 0 || (size_t)n >= sizeof once)
		die(EXIT_MISUSE, "the expression is too long");
	if (!tagged || has_word(o->expr, "vlan"))
		snprintf(buf, size, "%s", once);
	else
		snprintf(buf, size, "(%s) or (vlan and %s) or (vlan and %s)",
			once, once, once);
}

/* Of a file without an expression everything is looked at by ourselves. */
static void set_filter(struct capture *c, const struct options *o)
{
	static char expr[3 * EXPR_MAX + 2048];
	bool announced =
		o->garp || o->check || o->summary || o->top || o->timeline;
	struct bpf_program prog;

	if (!c->live && !o->expr[0])
		return;
	make_expr(expr, sizeof expr, o, announced, c->link == LINK_ETHER);
	if (pcap_compile(c->pcap, &prog, expr, 1, PCAP_NETMASK_UNKNOWN) != 0)
		die(EXIT_MISUSE, "expression: %s", pcap_geterr(c->pcap));
	if (pcap_setfilter(c->pcap, &prog) != 0)
		die(EXIT_SYSTEM, "filter: %s", pcap_geterr(c->pcap));
	pcap_freecode(&prog);
}

/* ---- Live */

static _Noreturn void die_pcap(const char *name, pcap_t *p, int err)
{
	if (err == PCAP_ERROR_PERM_DENIED)
		die(EXIT_SYSTEM,
			"%s: no permission to capture (needs "
			"CAP_NET_RAW)",
			name);
	if (err == PCAP_ERROR_NO_SUCH_DEVICE || err == PCAP_ERROR_IFACE_NOT_UP)
		die(EXIT_SYSTEM, "%s: %s", name, pcap_statustostr(err));
	die(EXIT_SYSTEM, "%s: %s", name,
		*pcap_geterr(p) ? pcap_geterr(p) : pcap_statustostr(err));
}

static bool is_prompt(const struct options *o)
{
	return o->immediate || o->line_buffered || o->flush || o->check ||
	       o->top || isatty(STDOUT_FILENO);
}

static void set_live(struct capture *c, const struct options *o)
{
	bool any = strcmp(c->name, "any") == 0;
	int err;

	pcap_set_snaplen(c->pcap, o->snaplen);
	pcap_set_promisc(c->pcap, !o->no_promisc && !any);
	pcap_set_timeout(c->pcap, TIMEOUT_MS);
	pcap_set_buffer_size(c->pcap, BUFFER);
	pcap_set_immediate_mode(c->pcap, is_prompt(o));
	if (o->dump.nano)
		pcap_set_tstamp_precision(c->pcap, PCAP_TSTAMP_PRECISION_NANO);
	err = pcap_activate(c->pcap);
	if (err < 0)
		die_pcap(c->name, c->pcap, err);
	if (any)
		pcap_set_datalink(c->pcap, DLT_LINUX_SLL2);
}

static void open_live(struct capture *c, const struct options *o)
{
	char err[PCAP_ERRBUF_SIZE];

	c->name = o->ifname ? o->ifname : "any";
	c->live = true;
	c->delay = is_prompt(o) ? 20 * US_PER_MS : 2 * TIMEOUT_MS * US_PER_MS;
	c->pcap = pcap_create(c->name, err);
	if (!c->pcap)
		die(EXIT_SYSTEM, "%s: %s", c->name, err);
	set_live(c, o);
	if (o->direction != DIR_BOTH &&
		pcap_setdirection(c->pcap,
			o->direction == DIR_IN ? PCAP_D_IN : PCAP_D_OUT) != 0)
		die(EXIT_SYSTEM, "-Q: %s", pcap_geterr(c->pcap));
	c->fd = pcap_get_selectable_fd(c->pcap);
	if (c->fd < 0 || pcap_setnonblock(c->pcap, 1, err) != 0)
		die(EXIT_SYSTEM, "%s: cannot be waited for", c->name);
}

/* pcap_stats() would open files. */
uint64_t capture_dropped(struct capture *c)
{
	struct tpacket_stats st;
	socklen_t len = sizeof st;

	if (getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &st, &len) == 0)
		c->dropped += st.tp_drops; /* since it was asked before */
	return c->dropped;
}

/* ---- Files */

static void open_file(struct capture *c, const struct options *o)
{
	char err[PCAP_ERRBUF_SIZE];
	bool is_stdin = strcmp(o->read, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(o->read, "re");

	c->name = is_stdin ? "stdin" : o->read;
	c->fd = -1;
	if (!f)
		die(EXIT_SYSTEM, "%s: %s", o->read, errno_str(errno, NULL));
	c->pcap = pcap_fopen_offline_with_tstamp_precision(f,
		o->dump.nano ? PCAP_TSTAMP_PRECISION_NANO
			     : PCAP_TSTAMP_PRECISION_MICRO,
		err);
	if (!c->pcap)
		die(EXIT_SYSTEM, "%s: %s", c->name, err);
}

void capture_open(struct capture *c, const struct options *o)
{
	int dlt;

	*c = (struct capture){ 0 };
	if (o->read)
		open_file(c, o);
	else
		open_live(c, o);
	learn_ifaces();
	dlt = pcap_datalink(c->pcap);
	if (!link_type_of(dlt, &c->link))
		die(EXIT_SYSTEM, "%s: link type %s is not known here", c->name,
			pcap_datalink_val_to_name(dlt)
				? pcap_datalink_val_to_name(dlt)
				: "without a name");
	set_filter(c, o);
}

int64_t capture_ns(const struct options *o, const struct pcap_pkthdr *h)
{
	int64_t sec = h->ts.tv_sec, part = h->ts.tv_usec;

	if (sec > SEC_MAX || sec < 0)
		sec = sec < 0 ? 0 : SEC_MAX;
	if (part < 0 || part >= NS_PER_S)
		part = 0;
	return sec * NS_PER_S + part * (o->dump.nano ? 1 : 1000);
}

/* ---- Writing */

/* FILE, or of a ring FILE00, FILE01 and so on. */
static FILE *open_one(const struct options *o, unsigned i)
{
	char path[4096], num[NUM_STRLEN];
	int digits = (int)strlen(num_str(o->files - 1, num));
	FILE *f;
	int n;

	if (strcmp(o->write, "-") == 0)
		return stdout;
	n = o->files
		    ? snprintf(path, sizeof path, "%s%0*u", o->write, digits, i)
		    : snprintf(path, sizeof path, "%s", o->write);
	if (n < 0 || (size_t)n >= sizeof path)
		die(EXIT_MISUSE, "-w: the name is too long");
	f = fopen(path, "we");
	if (!f)
		die(EXIT_SYSTEM, "%s: %s", path, errno_str(errno, NULL));
	return f;
}

static void begin_file(struct writer *w)
{
	FILE *f = w->file[w->at];

	if (!pcap_dump_fopen(w->pcap, f) || fflush(f) != 0)
		die(EXIT_SYSTEM, "-w: %s", errno_str(errno, NULL));
	w->size = FILE_HEADER;
}

void writer_open(
	struct writer *w, const struct capture *c, const struct options *o)
{
	w->pcap = c->pcap;
	w->flush = o->flush;
	w->max = o->file_size;
	w->n = o->files ? o->files : 1;
	for (unsigned i = 0; i < w->n; i++)
		w->file[i] = open_one(o, i);
	begin_file(w);
}

static void next_file(struct writer *w)
{
	FILE *f = w->file[w->at];

	if (fflush(f) != 0)
		die(EXIT_SYSTEM, "-w: %s", errno_str(errno, NULL));
	w->at = (w->at + 1) % w->n;
	f = w->file[w->at];
	rewind(f);
	if (ftruncate(fileno(f), 0) != 0)
		die(EXIT_SYSTEM, "-w: %s", errno_str(errno, NULL));
	begin_file(w);
}

void writer_packet(
	struct writer *w, const struct pcap_pkthdr *h, const uint8_t *data)
{
	FILE *f = w->file[w->at];

	if (w->max && w->size >= w->max) {
		next_file(w);
		f = w->file[w->at];
	}
	pcap_dump((unsigned char *)f, h, data);
	w->size += PKT_HEADER + h->caplen;
	if ((w->flush && fflush(f) != 0) || ferror(f))
		die(EXIT_SYSTEM, "-w: %s", errno_str(errno, NULL));
}

void writer_close(struct writer *w)
{
	for (unsigned i = 0; i < w->n; i++)
		if (fflush(w->file[i]) != 0)
			die(EXIT_SYSTEM, "-w: %s", errno_str(errno, NULL));
}
