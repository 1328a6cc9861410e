#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "macvlan.h"
#include "num.h"

#define PATH_LEN 96

static struct nl_msg *link_msg(int type, unsigned flags, unsigned change)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC,
		.ifi_flags = flags,
		.ifi_change = change };
	struct nl_msg *m = nlmsg_alloc_simple(type, 0);

	if (m && nlmsg_append(m, &ifi, sizeof ifi, NLMSG_ALIGNTO) == 0)
		return m;
	nlmsg_free(m);
	return NULL;
}

static int put_kind(struct nl_msg *m)
{
	struct nlattr *info = nla_nest_start(m, IFLA_LINKINFO), *data;

	if (!info || nla_put_string(m, IFLA_INFO_KIND, "macvlan") != 0)
		return -ENOMEM;
	data = nla_nest_start(m, IFLA_INFO_DATA);
	if (!data ||
		nla_put_u32(m, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE) != 0)
		return -ENOMEM;
	nla_nest_end(m, data);
	nla_nest_end(m, info);
	return 0;
}

struct nl_msg *macvlan_add_msg(
	const char *name, int parent, const uint8_t mac[MAC_LEN])
{
	struct nl_msg *m = link_msg(RTM_NEWLINK, 0, 0);

	if (!m)
		return NULL;
	if (nla_put_string(m, IFLA_IFNAME, name) == 0 &&
		nla_put_u32(m, IFLA_LINK, (uint32_t)parent) == 0 &&
		nla_put(m, IFLA_ADDRESS, MAC_LEN, mac) == 0 && put_kind(m) == 0)
		return m;
	nlmsg_free(m);
	return NULL;
}

struct nl_msg *macvlan_alias_msg(void)
{
	struct nl_msg *m = link_msg(RTM_NEWLINK, 0, 0);

	if (m && nla_put_string(m, IFLA_IFALIAS, NLMON_ALIAS) == 0)
		return m;
	nlmsg_free(m);
	return NULL;
}

struct nl_msg *macvlan_up_msg(bool up)
{
	return link_msg(RTM_NEWLINK, up ? IFF_UP : 0, IFF_UP);
}

struct nl_msg *macvlan_del_msg(void)
{
	return link_msg(RTM_DELLINK, 0, 0);
}

/* ---- Settings. */

struct setting {
	const char *family, *key;
	int value;
};

/* rp_filter: of a link and of all the greater one counts, so that 2 (loose)
 * holds though all of them are 1. */
static const struct setting settings4[] = {
	{ "ipv4", "arp_ignore", 1 },
	{ "ipv4", "arp_filter", 0 },
	{ "ipv4", "rp_filter", 2 },
	{ "ipv4", "promote_secondaries", 1 },
	{ "ipv6", "disable_ipv6", 1 },
	{ NULL, NULL, 0 },
};

/* addr_gen_mode 1: none.  Reports to routers are not spread over a second, in
 * which somebody else may have become Master. */
static const struct setting settings6[] = {
	{ "ipv6", "addr_gen_mode", 1 },
	{ "ipv6", "accept_ra", 0 },
	{ "ipv6", "autoconf", 0 },
	{ "ipv6", "mldv1_unsolicited_report_interval", 10 },
	{ "ipv6", "mldv2_unsolicited_report_interval", 10 },
	{ NULL, NULL, 0 },
};

static int open_setting(
	const char *family, const char *link, const char *key, int flags)
{
	char path[PATH_LEN];

	snprintf(path, sizeof path, "/proc/sys/net/%s/conf/%s/%s", family, link,
		key);
	return open(path, flags | O_CLOEXEC);
}

/* The number there; -1 when it cannot be had. */
static int get(const char *family, const char *link, const char *key)
{
	int fd = open_setting(family, link, key, O_RDONLY), v;
	char text[16] = "";

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	close(fd);
	text[strcspn(text, "\n")] = '\0';
	return num_int(text, 0, INT32_MAX, &v) ? v : -1;
}

static int set(const struct setting *s, const char *link)
{
	int fd = open_setting(s->family, link, s->key, O_WRONLY), err;
	char text[16];
	int n = snprintf(text, sizeof text, "%d", s->value);

	if (fd < 0)
		return -errno;
	err = write(fd, text, (size_t)n) == n ? 0 : -errno;
	close(fd);
	return err;
}

/* What has the value already is left alone: /proc may be read-only.  A kernel
 * without IPv6 has none to switch off. */
int macvlan_setup(const char *name, int family, const char **what)
{
	const struct setting *s = family == AF_INET ? settings4 : settings6;
	bool other;
	int err = 0;

	for (; s->key && !err; s++) {
		if (get(s->family, name, s->key) == s->value)
			continue;
		*what = s->key;
		err = set(s, name);
		other = family == AF_INET && strcmp(s->family, "ipv6") == 0;
		if (err == -ENOENT && other)
			err = 0;
	}
	return err;
}

/* ---- What would not work. */

static bool is_wireless(const char *name)
{
	char path[PATH_LEN];
	int fd;

	snprintf(path, sizeof path, "/sys/class/net/%s/phy80211", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Those modes of bonding(4) that put MACs of their own into ARP. */
static bool is_balancing(const char *name)
{
	char path[PATH_LEN], mode[32] = "";
	int fd;

	snprintf(path, sizeof path, "/sys/class/net/%s/bonding/mode", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, mode, sizeof mode - 1) < 0)
		mode[0] = '\0';
	close(fd);
	return strncmp(mode, "balance-tlb", 11) == 0 ||
	       strncmp(mode, "balance-alb", 11) == 0;
}

const char *macvlan_unfit(const struct nl_link *parent)
{
	if (parent->type != ARPHRD_ETHER || parent->lladdr_len != MAC_LEN)
		return "not Ethernet: has no room for a virtual MAC";
	if (is_wireless(parent->name))
		return "wireless: an access point takes no other MAC";
	if (is_balancing(parent->name))
		return "a bond that writes MACs of its own (balance-tlb, "
		       "balance-alb)";
	return NULL;
}

/* Of a link and of all the greater one counts. */
static bool is_below(const char *link, const char *key, int least)
{
	int own = get("ipv4", link, key), all = get("ipv4", "all", key);

	return own >= 0 && own < least && all < least;
}

const char *macvlan_doubt(const char *parent, int family)
{
	static char text[256];
	bool answers = is_below(parent, "arp_ignore", 1);
	bool asks = is_below(parent, "arp_announce", 2);

	if (family != AF_INET)
		return NULL;
	if (get("ipv4", "all", "arp_filter") == 1)
		return "net.ipv4.conf.all.arp_filter is 1: nobody will answer "
		       "for the addresses";
	if (!answers && !asks)
		return NULL;
	snprintf(text, sizeof text,
		"speaks for the addresses with its own MAC as well, unless "
		"net.ipv4.conf.%s.%s%s%s",
		parent, answers ? "arp_ignore=1" : "",
		answers && asks ? " and " : "", asks ? "arp_announce=2" : "");
	return text;
}

const char *macvlan_error(int err)
{
	if (err == -EOPNOTSUPP)
		return "this kernel has no macvlan (modprobe macvlan)";
	if (err == -EBUSY)
		return "its parent is a port of a bridge or bond";
	return errno_str(err, "CAP_NET_ADMIN");
}
