/* The layouts of ipvsadm's listings, line by line, each with its newline. */
#ifndef IPVS_LIST_H
#define IPVS_LIST_H

#include "ipvs.h"
#include "txt.h"

#define IPVS_LINE_LEN 1024

enum ipvs_layout {
	IPVS_L_PLAIN,
	IPVS_L_STATS,
	IPVS_L_RATE,
	IPVS_L_THRESHOLDS,
	IPVS_L_PERSISTENT,
	IPVS_L_TUNNEL
};

struct ipvs_list {
	enum ipvs_layout layout;
	bool exact; /* numbers in full */
	/* ADDR:PORT in words; NULL: numeric. */
	void (*name)(void *arg, struct txt *t, const struct addr *a,
		uint16_t port, uint8_t proto);
	void *arg;
};

void ipvs_list_title(struct txt *t, const struct ipvs_list *l);
void ipvs_list_svc(
	struct txt *t, const struct ipvs_list *l, const struct ipvs_svc *s);
void ipvs_list_dest(struct txt *t, const struct ipvs_list *l,
	const struct ipvs_svc *s, const struct ipvs_dest *d);
void ipvs_list_daemon(struct txt *t, const struct ipvs_daemon *d);
void ipvs_list_timeouts(struct txt *t, const struct ipvs_timeouts *o);
/* "Masq", "Local", "Tunnel", "Route", "Bypass" */
const char *ipvs_fwd_name(uint8_t fwd);
/* "TCP" */
const char *ipvs_proto_name(uint8_t proto);

/* One line of /proc/net/ip_vs_conn as a line of -L -c; false: it is none. */
bool ipvs_list_conn(struct txt *t, const struct ipvs_list *l, char *line);
void ipvs_list_conn_title(struct txt *t, const struct ipvs_list *l);

#endif
