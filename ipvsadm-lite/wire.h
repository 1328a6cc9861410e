/* Attributes of the kernel's IPVS messages, to structs and back (libnl). */
#ifndef WIRE_H
#define WIRE_H

#include "ipvs_cmd.h"

struct nl_msg;
struct nlmsghdr;

/* The number of the IPVS command (IPVS_CMD_*) that carries the verb out. */
uint8_t wire_command(enum ipvs_verb verb);
/* Puts what the command is about into m; 0 or -errno. */
int wire_put(struct nl_msg *m, const struct ipvs_cmd *c);
int wire_put_key(struct nl_msg *m, const struct ipvs_svc *s);

/* What a message of the kernel tells; false: not that, or malformed. */
bool wire_get_svc(struct nlmsghdr *h, struct ipvs_svc *s);
/* `family` is that of the service. */
bool wire_get_dest(struct nlmsghdr *h, int family, struct ipvs_dest *d);
bool wire_get_daemon(struct nlmsghdr *h, struct ipvs_daemon *d);
bool wire_get_timeouts(struct nlmsghdr *h, struct ipvs_timeouts *t);
bool wire_get_info(struct nlmsghdr *h, uint32_t *version, uint32_t *size);

#endif
