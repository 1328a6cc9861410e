#include <errno.h>

#include "t.h"
#include "ipvs_cmd.h"
#include "ipvs_diff.h"
#include "ipvs_list.h"

static struct ipvs_table have, want, only;

static const char *parse_line(struct ipvs_cmd *c, const char *text)
{
	static char line[1024];
	static char *words[IPVS_WORDS_MAX];
	size_t n;

	snprintf(line, sizeof line, "%s", text);
	n = ipvs_split(line, words);
	assert_true(n <= IPVS_WORDS_MAX);
	return ipvs_parse(c, words, n, NULL);
}

static const char *text_of(const struct ipvs_cmd *c)
{
	static char text[1024];
	struct txt t = txt_init(text, sizeof text);

	ipvs_cmd_text(&t, c);
	assert_false(t.full);
	return text;
}

/* ---- Commands. */

static const struct {
	const char *line, *text; /* NULL: the same */
} good[] = {
	{ "-A -t 192.0.2.10:80 -s wrr -p 300 -M 255.255.255.0 --pe sip -b "
	  "flag-1,flag-3",
		NULL },
	{ "-A -t 192.0.2.10:80", "-A -t 192.0.2.10:80 -s wlc" },
	{ "ipvsadm -A -u 1.2.3.4:53 -s rr -o # words", "-A -u 1.2.3.4:53 -s rr "
						       "-o" },
	{ "--add-service --tcp-service=1.2.3.4:5 --scheduler=rr",
		"-A -t 1.2.3.4:5 -s rr" },
	{ "-At1.2.3.4:5 -p60 -srr", "-A -t 1.2.3.4:5 -s rr -p 60" },
	{ "-A -t 1.2.3.4:5 -p -s rr", "-A -t 1.2.3.4:5 -s rr -p 360" },
	{ "-A -t 1.2.3.4 -p", "-A -t 1.2.3.4:0 -s wlc -p 360" },
	{ "-s rr -t 1.2.3.4:5 -A", "-A -t 1.2.3.4:5 -s rr" },
	{ "-A -t [2001:db8::1]:443 -s sh -p 10 -M 64 -b sh-fallback,sh-port",
		NULL },
	{ "-A -t [::1]:443 -p", "-A -t [::1]:443 -s wlc -p 360" },
	{ "-A --sctp-service 1.2.3.4:5 -s mh -b mh-port", NULL },
	{ "-A -f 4294967295 -s rr", NULL },
	{ "-A -6 -f 7 -s rr", "-A -f 7 -6 -s rr" },
	{ "-a -t 1.2.3.4:80 -r 10.0.0.1:80 -g -w 1", NULL },
	{ "-a -t 1.2.3.4:80 -r 10.0.0.1", "-a -t 1.2.3.4:80 -r 10.0.0.1:80 -g "
					  "-w 1" },
	/* without rewriting the port stays */
	{ "-a -t 1.2.3.4:80 -r 10.0.0.1:8080 -g",
		"-a -t 1.2.3.4:80 -r 10.0.0.1:80 -g -w 1" },
	{ "-a -t 1.2.3.4:80 -r 10.0.0.1:8080 -m -w 0 -x 9 -y 3",
		"-a -t 1.2.3.4:80 -r 10.0.0.1:8080 -m -w 0 -x 9 -y 3" },
	{ "-a -f 5 -r 10.0.0.1:81 -g", "-a -f 5 -r 10.0.0.1:81 -g -w 1" },
	{ "-a -t 1.2.3.4:80 -r 10.0.0.1 -i --tun-type gue --tun-port 6080 "
	  "--tun-remcsum",
		"-a -t 1.2.3.4:80 -r 10.0.0.1:80 -i -w 1 --tun-type gue "
		"--tun-port 6080 --tun-remcsum" },
	{ "-a -t 1.2.3.4:80 -r 10.0.0.1 -i --tun-type gre --tun-csum",
		"-a -t 1.2.3.4:80 -r 10.0.0.1:80 -i -w 1 --tun-type gre "
		"--tun-csum" },
	{ "-a -t 1.2.3.4:80 -r [fd00::1] -i",
		"-a -t 1.2.3.4:80 -r [fd00::1]:80 -i -w 1 --tun-type ipip" },
	{ "-e -t 1.2.3.4:80 -r 10.0.0.1 -i --tun-type gue --tun-csum",
		"-e -t 1.2.3.4:80 -r 10.0.0.1:80 -i -w 1 --tun-type gue "
		"--tun-csum" },
	{ "-a -t 1.2.3.4:80 -r 127.0.0.1:80 --localnode -w 2147483647",
		"-a -t 1.2.3.4:80 -r 127.0.0.1:80 --localnode -w 2147483647" },
	{ "-d -u 1.2.3.4:53 -r 10.0.0.1:53", NULL },
	{ "-D -t 1.2.3.4:5", NULL },
	{ "-Z", NULL },
	{ "-Z -t 1.2.3.4:5", NULL },
	{ "-C", NULL },
	{ "--set 1 0 2678400", NULL },
	{ "--start-daemon master", "--start-daemon master --mcast-interface "
				   "eth0 --syncid 0" },
	{ "--start-daemon backup --mcast-interface eth1 --syncid 255 "
	  "--sync-maxlen 1400 --mcast-group ff02::1 --mcast-port 1 "
	  "--mcast-ttl 255",
		NULL },
	{ "--stop-daemon backup --syncid 3", NULL },
	{ "--stop-daemon=master", "--stop-daemon master --syncid 0" },
};

static void good_lines_come_out_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(good); i++) {
		const char *line = good[i].line;
		const char *text = good[i].text ? good[i].text : line;
		struct ipvs_cmd c;
		const char *why = parse_line(&c, line);

		CHECK_STR(line, why ? why : "", "");
		CHECK_STR(line, text_of(&c), text);
		why = parse_line(&c, text);
		CHECK_STR(text, why ? why : "", "");
		CHECK_STR(text, text_of(&c), text);
	}
}

static const struct {
	const char *line, *why; /* a part of it */
} bad[] = {
	{ "foo", "unexpected" },
	{ "-A", "which service" },
	{ "-A -t 80", "illegal virtual" },
	{ "-A -t 1.2.3.4:", "illegal virtual" },
	{ "-A -t 1.2.3.4:65536", "illegal virtual" },
	{ "-A -t 1.2.3:4", "illegal virtual" },
	{ "-A -t [1.2.3.4]:4", "illegal virtual" },
	{ "-A -t [::1]x4", "illegal virtual" },
	{ "-A -t [::1", "illegal virtual" },
	{ "-A -t www:80", "illegal virtual" },
	{ "-A -t 1.2.3.4", "zero port" },
	{ "-A -t 1.2.3.4:80 -o", "only for UDP" },
	{ "-A -t 1.2.3.4:80 -b sh-port", "another scheduler" },
	{ "-A -t 1.2.3.4:80 -s sh -b sh-port,mh-port", "not of" },
	{ "-A -t 1.2.3.4:80 -s sh -b sh-port,", "not of" },
	{ "-A -t 1.2.3.4:80 -s abcdefghijklmnop", "name of a scheduler" },
	{ "-A -t 1.2.3.4:80 -p 0", "seconds" },
	{ "-A -t 1.2.3.4:80 -p 2678401", "seconds" },
	{ "-A -t 1.2.3.4:80 -M x", "not a netmask" },
	{ "-A -t [::1]:80 -M 129", "netmask" },
	{ "-A -t 1.2.3.4:80 -t 1.2.3.4:80", "multiple options" },
	{ "-A -t 1.2.3.4:80 -u 1.2.3.4:80", "multiple options" },
	{ "-A -D -t 1.2.3.4:80", "multiple commands" },
	{ "-A -t 1.2.3.4:80 -w 3", "not with this" },
	{ "-A -t 1.2.3.4:80 -r 1.2.3.4:80", "not with this" },
	{ "-A -t 1.2.3.4:80 extra", "unexpected" },
	{ "-A -t 1.2.3.4:80 --nosuch", "no such" },
	{ "-A -t 1.2.3.4:80 -k", "no such" },
	{ "-A -t 1.2.3.4:80 -s", "missing" },
	{ "-A -t 1.2.3.4:80 --ops=1", "no value" },
	{ "-A -t 1.2.3.4:80 -6", "-6 is for" },
	{ "-A -f 0", "mark" },
	{ "-A -f -1", "mark" },
	{ "-A -f 4294967296", "mark" },
	{ "-a -t 1.2.3.4:80", "which server" },
	{ "-a -t 1.2.3.4:80 -r 1.1.1.1 -w -1", "number" },
	{ "-a -t 1.2.3.4:80 -r 1.1.1.1 -w 2147483648", "number" },
	{ "-a -t 1.2.3.4:80 -r 1.1.1.1 -g -m", "multiple options" },
	{ "-a -t 1.2.3.4:80 -r [::1]:80 -m", "family" },
	{ "-a -t 1.2.3.4:80 -r 1.1.1.1 -m --tun-type gue", "conflict" },
	{ "-a -t 1.2.3.4:80 -r 1.1.1.1 -i --tun-type gue", "--tun-port" },
	{ "-a -t 1.2.3.4:80 -r 1.1.1.1 -i --tun-port 1", "ipip" },
	{ "-a -t 1.2.3.4:80 -r 1.1.1.1 -i --tun-nocsum", "ipip" },
	{ "-a -t 1.2.3.4:80 -r 1.1.1.1 -i --tun-type gre --tun-remcsum",
		"gre" },
	{ "-a -t 1.2.3.4:80 -r 1.1.1.1 -i --tun-type x", "ipip" },
	{ "--set 1 2", "3 timeout" },
	{ "--set", "3 timeout" },
	{ "--set 1 2 x", "seconds" },
	{ "--set 1 2 3 4", "unexpected" },
	{ "--set 1 2 2678401", "seconds" },
	{ "--start-daemon slave", "master or backup" },
	{ "--start-daemon master --syncid 256", "255" },
	{ "--start-daemon master --mcast-group 10.0.0.1", "multicast" },
	{ "--stop-daemon master --mcast-ttl 1", "not with this" },
	{ "-L -t 1.2.3.4:80 -c", "exclude" },
	{ "-L --timeout --stats", "conflict" },
	{ "-L --daemon --persistent-conn", "conflict" },
	{ "-L --daemon --json", "json" },
	{ "-S --stats", "not with this" },
	{ "-C -t 1.2.3.4:80", "not with this" },
	{ "-R -n", "not with this" },
};

static void bad_lines_say_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad); i++) {
		struct ipvs_cmd c;
		const char *why = parse_line(&c, bad[i].line);

		if (!why || !strstr(why, bad[i].why))
			fail_msg("%s: %s", bad[i].line, why ? why : "good");
	}
}

static void a_line_has_so_many_words(void **state)
{
	char line[512], *words[IPVS_WORDS_MAX];

	(void)state;
	memset(line, 0, sizeof line);
	for (size_t i = 0; i < IPVS_WORDS_MAX; i++)
		memcpy(line + 2 * i, "x ", 2);
	assert_int_equal(ipvs_split(line, words), IPVS_WORDS_MAX);
	for (size_t i = 0; i <= IPVS_WORDS_MAX; i++)
		memcpy(line + 2 * i, "x ", 2);
	assert_int_equal(ipvs_split(line, words), IPVS_WORDS_MAX + 1);
}

/* ---- Edits are patches. */

static const struct {
	const char *before, *edit, *after;
} patches[] = {
	{ "-A -t 1.2.3.4:80 -s wrr -p 60 -M 255.0.0.0",
		"-E -t 1.2.3.4:80 -s rr",
		"-A -t 1.2.3.4:80 -s rr -p 60 -M 255.0.0.0" },
	{ "-A -t 1.2.3.4:80 -s wrr -p 60", "-E -t 1.2.3.4:80 -p 0",
		"-A -t 1.2.3.4:80 -s wrr" },
	{ "-A -t 1.2.3.4:80 -s wrr", "-E -t 1.2.3.4:80 -p 9",
		"-A -t 1.2.3.4:80 -s wrr -p 9" },
	{ "-A -u 1.2.3.4:80 -s sh -o -b sh-port", "-E -u 1.2.3.4:80 --no-ops",
		"-A -u 1.2.3.4:80 -s sh -b sh-port" },
	{ "-A -u 1.2.3.4:80 -s sh -o -b sh-port",
		"-E -u 1.2.3.4:80 -b sh-fallback",
		"-A -u 1.2.3.4:80 -s sh -o -b sh-fallback" },
	{ "-A -u 1.2.3.4:80 -s sh -o -b sh-port", "-E -u 1.2.3.4:80 -b none",
		"-A -u 1.2.3.4:80 -s sh -o" },
	{ "-A -u 1.2.3.4:80 -s rr -p 9 --pe sip", "-E -u 1.2.3.4:80 --pe none",
		"-A -u 1.2.3.4:80 -s rr -p 9" },
	{ "-A -t 1.2.3.4:0 -s rr -p 9", "-E -t 1.2.3.4:0 -p 0", NULL },
	{ "-A -t 1.2.3.4:1 -s rr", "-E -t 1.2.3.4:1 -b sh-port", NULL },
};

static void edits_change_what_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(patches); i++) {
		const char *row = patches[i].edit, *why;
		struct ipvs_cmd before, edit;

		assert_null(parse_line(&before, patches[i].before));
		assert_null(parse_line(&edit, row));
		why = ipvs_merge_svc(&edit, &before.svc);
		CHECK_NUM(row, why != NULL, patches[i].after == NULL);
		edit.verb = IPVS_ADD;
		edit.seen = 0;
		if (patches[i].after)
			CHECK_STR(row, text_of(&edit), patches[i].after);
	}
}

#define KEY "-t 1.2.3.4:80 -r 10.0.0.1:80"
static const struct {
	const char *before, *edit, *after;
} dest_patches[] = {
	{ "-a " KEY " -m -w 5 -x 9 -y 2", "-e " KEY " -w 0",
		"-a " KEY " -m -w 0 -x 9 -y 2" },
	{ "-a " KEY " -m -w 5 -x 9", "-e " KEY " -x 0", "-a " KEY " -m -w 5" },
	{ "-a " KEY " -m -w 5", "-e " KEY " -g", "-a " KEY " -g -w 5" },
	{ "-a " KEY " -i -w 5 --tun-type gue --tun-port 9 --tun-csum",
		"-e " KEY " -w 6",
		"-a " KEY " -i -w 6 --tun-type gue --tun-port 9 --tun-csum" },
	{ "-a " KEY " -i -w 5 --tun-type gue --tun-port 9 --tun-csum",
		"-e " KEY " --tun-type ipip",
		"-a " KEY " -i -w 5 --tun-type ipip" },
	{ "-a " KEY " -m -w 5", "-e " KEY " --tun-port 8", NULL },
	{ "-a " KEY " -i -w 5", "-e " KEY " --tun-type gue", NULL },
};

static void edits_of_servers_too(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(dest_patches); i++) {
		const char *row = dest_patches[i].edit, *why;
		struct ipvs_cmd before, edit;

		assert_null(parse_line(&before, dest_patches[i].before));
		assert_null(parse_line(&edit, row));
		why = ipvs_merge_dest(&edit, &before.dest);
		CHECK_NUM(row, why != NULL, dest_patches[i].after == NULL);
		edit.verb = IPVS_ADD_DEST;
		edit.seen = 0;
		if (dest_patches[i].after)
			CHECK_STR(row, text_of(&edit), dest_patches[i].after);
	}
}

/* ---- Tables. */

static int model(struct ipvs_table *t, const char *line)
{
	const char *why;
	struct ipvs_cmd c;

	why = parse_line(&c, line);
	CHECK_STR(line, why ? why : "", "");
	return ipvs_cmd_model(t, &c, &why);
}

static void a_table_answers_like_the_kernel(void **state)
{
	static const struct {
		const char *line;
		int err;
	} rows[] = {
		{ "-A -t 1.2.3.4:80", 0 },
		{ "-A -t 1.2.3.4:80", -EEXIST },
		{ "-A -u 1.2.3.4:80", 0 },
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1:80", 0 },
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1:80 -w 4", -EEXIST },
		{ "-a -u 1.2.3.4:80 -r 10.0.0.1:80 -w 4", 0 },
		{ "-a -t 9.9.9.9:80 -r 10.0.0.1:80", -ESRCH },
		{ "-e -t 9.9.9.9:80 -r 10.0.0.1:80", -ESRCH },
		{ "-d -t 9.9.9.9:80 -r 10.0.0.1:80", -ESRCH },
		{ "-e -t 1.2.3.4:80 -r 10.0.0.2:80", -ENOENT },
		{ "-d -t 1.2.3.4:80 -r 10.0.0.2:80", -ENOENT },
		{ "-d -t 1.2.3.4:80 -r 10.0.0.1:80", 0 },
		{ "-d -t 1.2.3.4:80 -r 10.0.0.1:80", -ENOENT },
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1:80", 0 },
		{ "-D -t 1.2.3.4:80", 0 },
		{ "-D -t 1.2.3.4:80", -ESRCH },
		{ "-E -t 1.2.3.4:80", -ESRCH },
		{ "-Z -t 1.2.3.4:80", -ESRCH },
		{ "-A -t 1.2.3.4:80", 0 },
		{ "-d -t 1.2.3.4:80 -r 10.0.0.1:80", -ENOENT },
		{ "--stop-daemon master", -ESRCH },
		{ "--start-daemon master", 0 },
		{ "--start-daemon master", -EEXIST },
		{ "--start-daemon backup", 0 },
		{ "--stop-daemon master", 0 },
		{ "-C", 0 },
		{ "-D -u 1.2.3.4:80", -ESRCH },
	};

	(void)state;
	ipvs_reset(&have);
	for (size_t i = 0; i < N_OF(rows); i++)
		CHECK_NUM(
			rows[i].line, model(&have, rows[i].line), rows[i].err);
}

static void a_full_table_says_so(void **state)
{
	struct ipvs_svc s = { .addr = { .family = AF_INET }, .proto = 6 };

	(void)state;
	ipvs_reset(&have);
	for (uint32_t i = 0; i < IPVS_SVCS; i++) {
		memcpy(s.addr.b, &i, sizeof i);
		assert_int_equal(ipvs_put_svc(&have, &s), i);
	}
	s.port = 1;
	assert_int_equal(ipvs_put_svc(&have, &s), IPVS_NONE);
	s.port = 0; /* what is there can still be changed */
	assert_int_equal(ipvs_put_svc(&have, &s), IPVS_SVCS - 1);
	ipvs_reset(&have);
	assert_int_equal(ipvs_find_svc(&have, &s), IPVS_NONE);
}

static void sorted_as_unsigned_numbers(void **state)
{
	static const char *const lines[] = { "-A -t 192.0.2.1:80",
		"-A -t 10.0.0.1:443", "-A -t 10.0.0.1:80", "-A -f 9", "-A -f 1",
		"-A -t [::1]:80", "-A -u 10.0.0.1:80" };
	static const uint32_t sorted[] = { 2, 1, 0, 6, 5, 4, 3 };
	uint32_t order[16], spare[16];

	(void)state;
	ipvs_reset(&have);
	for (size_t i = 0; i < N_OF(lines); i++)
		assert_int_equal(model(&have, lines[i]), 0);
	assert_int_equal(ipvs_sort_svcs(&have, order, spare), N_OF(lines));
	for (size_t i = 0; i < N_OF(sorted); i++)
		CHECK_NUM(lines[i], order[i], sorted[i]);
	ipvs_sort_svcs(&have, order, NULL);
	for (uint32_t i = 0; i < N_OF(lines); i++)
		CHECK_NUM("unsorted", order[i], i);
}

/* ---- Differences. */

static size_t ndiff(const struct ipvs_table *filter, char *text, size_t size)
{
	struct txt t = txt_init(text, size);
	struct ipvs_diff d;
	struct ipvs_cmd c;
	size_t n = 0;

	ipvs_diff_start(&d, &have, &want, filter);
	for (; ipvs_diff_next(&d, &c); n++) {
		ipvs_cmd_text(&t, &c);
		txt_str(&t, "\n");
	}
	assert_false(t.full);
	return n;
}

static void the_order_keeps_services_served(void **state)
{
	static const char *const before[] = { "-A -t 1.0.0.1:80 -s rr",
		"-a -t 1.0.0.1:80 -r 10.0.0.1 -w 1",
		"-a -t 1.0.0.1:80 -r 10.0.0.2 -w 0",
		"-a -t 1.0.0.1:80 -r 10.0.0.3 -w 7 -x 5",
		"-A -t 1.0.0.2:80 -s rr -p 60", "-a -t 1.0.0.2:80 -r 10.0.0.1",
		"-A -t 1.0.0.3:80", "-a -t 1.0.0.3:80 -r 10.0.0.9" };
	static const char *const after[] = { "-A -t 1.0.0.9:80 -s rr",
		"-a -t 1.0.0.9:80 -r 10.0.0.1", "-A -t 1.0.0.1:80 -s rr",
		"-a -t 1.0.0.1:80 -r 10.0.0.1 -w 0",
		"-a -t 1.0.0.1:80 -r 10.0.0.2 -w 1",
		"-a -t 1.0.0.1:80 -r 10.0.0.4", "-A -t 1.0.0.2:80 -s rr",
		"-a -t 1.0.0.2:80 -r 10.0.0.1", "--set 0 9 0" };
	char text[4096];

	(void)state;
	ipvs_reset(&have);
	ipvs_reset(&want);
	have.timeouts = (struct ipvs_timeouts){ true, 900, 120, 300 };
	for (size_t i = 0; i < N_OF(before); i++)
		assert_int_equal(model(&have, before[i]), 0);
	for (size_t i = 0; i < N_OF(after); i++)
		assert_int_equal(model(&want, after[i]), 0);
	assert_int_equal(ndiff(NULL, text, sizeof text), 9);
	CHECK_STR("all", text,
		"-A -t 1.0.0.9:80 -s rr\n"
		"-E -t 1.0.0.2:80 -s rr -p 0\n"
		"-a -t 1.0.0.9:80 -r 10.0.0.1:80 -g -w 1\n"
		"-a -t 1.0.0.1:80 -r 10.0.0.4:80 -g -w 1\n"
		"-e -t 1.0.0.1:80 -r 10.0.0.2:80 -g -w 1\n"
		"-e -t 1.0.0.1:80 -r 10.0.0.1:80 -g -w 0\n"
		"-d -t 1.0.0.1:80 -r 10.0.0.3:80\n"
		"-D -t 1.0.0.3:80\n"
		"--set 0 9 0\n");
}

static void only_the_named_services(void **state)
{
	char text[4096];

	(void)state;
	ipvs_reset(&have);
	ipvs_reset(&want);
	ipvs_reset(&only);
	assert_int_equal(model(&have, "-A -t 1.0.0.1:80 -s rr"), 0);
	assert_int_equal(model(&have, "-A -t 1.0.0.2:80 -s rr"), 0);
	assert_int_equal(model(&want, "-A -t 1.0.0.3:80 -s rr"), 0);
	assert_int_equal(model(&want, "-A -t 1.0.0.4:80 -s rr"), 0);
	assert_int_equal(model(&want, "--set 1 1 1"), 0);
	assert_int_equal(model(&only, "-A -t 1.0.0.2:80 -s rr"), 0);
	assert_int_equal(model(&only, "-A -t 1.0.0.3:80 -s rr"), 0);
	ndiff(&only, text, sizeof text);
	CHECK_STR("only", text, "-A -t 1.0.0.3:80 -s rr\n-D -t 1.0.0.2:80\n");
}

static void daemons_only_where_told(void **state)
{
	char text[4096];

	(void)state;
	ipvs_reset(&have);
	ipvs_reset(&want);
	assert_int_equal(model(&have, "--start-daemon master"), 0);
	assert_int_equal(ndiff(NULL, text, sizeof text), 0);
	assert_int_equal(model(&want, "--start-daemon master"), 0);
	assert_int_equal(ndiff(NULL, text, sizeof text), 0);
	want.daemons[0].syncid = 9;
	want.daemons[1] = want.daemons[0];
	want.daemons[1].role = IPVS_BACKUP;
	ndiff(NULL, text, sizeof text);
	CHECK_STR("daemons", text,
		"--stop-daemon master --syncid 0\n"
		"--start-daemon master --mcast-interface eth0 --syncid 9\n"
		"--start-daemon backup --mcast-interface eth0 --syncid 9\n");
}

static const char *const forwards[] = { "-g", "-m", "-i", "-i --tun-type gre",
	"-i --tun-type gre --tun-csum", "-i --tun-type gue --tun-port 1",
	"-i --tun-type gue --tun-port 2 --tun-remcsum" };

static void random_table(struct ipvs_table *t, uint64_t *seed)
{
	char line[256];

	ipvs_reset(t);
	t->timeouts = (struct ipvs_timeouts){ true, 900, 120, 300 };
	for (uint64_t s = 0; s < 4; s++) {
		if (!t_below(seed, 4))
			continue;
		snprintf(line, sizeof line, "-A -u 1.0.0.%u:53 -s %s%s%s%s",
			(unsigned)s, t_below(seed, 2) ? "rr" : "sh",
			t_below(seed, 2) ? " -p 60" : "",
			t_below(seed, 2) ? " -o" : "",
			t_below(seed, 2) ? " --pe sip" : "");
		assert_int_equal(model(t, line), 0);
		for (uint64_t d = 0; d < 4; d++) {
			if (!t_below(seed, 3))
				continue;
			snprintf(line, sizeof line,
				"-a -u 1.0.0.%u:53 -r 10.0.0.%u:53 %s -w %u"
				"%s",
				(unsigned)s, (unsigned)d,
				forwards[t_below(seed, N_OF(forwards))],
				(unsigned)t_below(seed, 3),
				t_below(seed, 2) ? " -x 7" : "");
			assert_int_equal(model(t, line), 0);
		}
	}
}

static bool is_served(const struct ipvs_table *t, const struct ipvs_svc *s)
{
	uint32_t svc = ipvs_find_svc(t, s);

	if (svc == IPVS_NONE)
		return false;
	for (uint32_t d = ipvs_first_dest(t, svc); d != IPVS_NONE;
		d = ipvs_next_dest(t, d))
		if (t->dests[d].weight)
			return true;
	return false;
}

/* Served before and after: then all the time. */
static void stays_served(const struct ipvs_table *now, const bool *both)
{
	for (uint32_t s = ipvs_next_svc(&want, 0); s != IPVS_NONE;
		s = ipvs_next_svc(&want, s + 1))
		if (both[s])
			assert_true(is_served(now, &want.svcs[s]));
}

static void assert_equal_tables(
	const struct ipvs_table *a, const struct ipvs_table *b)
{
	struct ipvs_diff d;
	struct ipvs_cmd c;

	ipvs_diff_start(&d, a, b, NULL);
	if (ipvs_diff_next(&d, &c))
		fail_msg("still differs: %s", text_of(&c));
}

/* The edits, as such on one more table and as lines on another. */
static void edits_make_it_equal(void **state)
{
	static struct ipvs_table direct, now;
	uint64_t seed = t_seed();

	(void)state;
	for (int round = 0; round < 2000; round++) {
		uint64_t again = seed;
		bool both[8] = { false };
		struct ipvs_diff d;
		struct ipvs_cmd c;
		char text[8192];
		const char *why;

		random_table(&have, &seed);
		random_table(&now, &again);
		direct = now;
		random_table(&want, &seed);
		for (uint32_t s = 0; s < want.nsvcs; s++)
			both[s] = is_served(&have, &want.svcs[s]) &&
				  is_served(&want, &want.svcs[s]);
		ipvs_diff_start(&d, &have, &want, NULL);
		while (ipvs_diff_next(&d, &c)) {
			snprintf(text, sizeof text, "%s", text_of(&c));
			CHECK_NUM(text, model(&now, text), 0);
			CHECK_NUM(text, ipvs_cmd_model(&direct, &c, &why), 0);
			stays_served(&now, both);
		}
		assert_equal_tables(&direct, &want);
		assert_equal_tables(&now, &want);
		assert_equal_tables(&want, &now);
	}
}

/* ---- Listings: the layouts are held against ipvsadm's in the real kernel;
 * here is what it wrote, so that they can be tested without one. */

static const char *const listed[] = {
	"-A -t 192.0.2.10:80 -s wrr -p 300 -M 255.255.255.0",
	"-a -t 192.0.2.10:80 -r 10.0.0.1:8080 -m -w 100 -x 9 -y 2",
	"-a -t 192.0.2.10:80 -r 10.0.0.2:80 -g -w 1",
	"-A -u [2001:db8::10]:443 -s sh -p 60 -M 64 --pe sip -o "
	"-b sh-fallback,sh-port",
	"-a -u [2001:db8::10]:443 -r [fd00::1]:443 -i -w 1 --tun-type gue "
	"--tun-port 6080 --tun-remcsum",
	"-A --sctp-service 192.0.2.10:9 -s mh -b mh-port",
	"-a --sctp-service 192.0.2.10:9 -r 10.0.0.3:9 -i -w 1 --tun-type gre "
	"--tun-csum",
	"-a --sctp-service 192.0.2.10:9 -r 10.0.0.4:9 -i -w 1 --tun-type ipip",
	"-a --sctp-service 192.0.2.10:9 -r 10.0.0.5:9 --localnode -w 1",
	"-A -f 5 -6 -s rr -b flag-1,flag-3",
};

static const struct {
	enum ipvs_layout layout;
	const char *text;
} layouts[] = {
	{ IPVS_L_PLAIN,
		"Prot LocalAddress:Port Scheduler Flags\n"
		"  -> RemoteAddress:Port           Forward Weight ActiveConn "
		"InActConn\n"
		"TCP  192.0.2.10:80 wrr persistent 300 mask 255.255.255.0\n"
		"  -> 10.0.0.1:8080                Masq    100    0          0 "
		"        \n"
		"  -> 10.0.0.2:80                  Route   1      0          0 "
		"        \n"
		"UDP  [2001:db8::10]:443 sh (sh-fallback,sh-port) persistent "
		"60 mask 64 pe sip ops\n"
		"  -> [fd00::1]:443                Tunnel  1      0          0 "
		"        \n"
		"SCTP 192.0.2.10:9 mh (mh-port)\n"
		"  -> 10.0.0.3:9                   Tunnel  1      0          0 "
		"        \n"
		"  -> 10.0.0.4:9                   Tunnel  1      0          0 "
		"        \n"
		"  -> 10.0.0.5:9                   Local   1      0          0 "
		"        \n"
		"FWM  5 IPv6 rr (flag-1,flag-3)\n" },
	{ IPVS_L_TUNNEL,
		"Prot LocalAddress:Port Scheduler Flags\n"
		"  -> RemoteAddress:Port           Forward TunnelInfo    Weight "
		"ActiveConn InActConn\n"
		"TCP  192.0.2.10:80 wrr persistent 300 mask 255.255.255.0\n"
		"  -> 10.0.0.1:8080                Masq    n/a           100    "
		"0          0         \n"
		"  -> 10.0.0.2:80                  Route   n/a           1      "
		"0          0         \n"
		"UDP  [2001:db8::10]:443 sh (sh-fallback,sh-port) persistent "
		"60 mask 64 pe sip ops\n"
		"  -> [fd00::1]:443                Tunnel  gue:6080:r+c  1      "
		"0          0         \n"
		"SCTP 192.0.2.10:9 mh (mh-port)\n"
		"  -> 10.0.0.3:9                   Tunnel  gre:+c        1      "
		"0          0         \n"
		"  -> 10.0.0.4:9                   Tunnel  ipip          1      "
		"0          0         \n"
		"  -> 10.0.0.5:9                   Local   n/a           1      "
		"0          0         \n"
		"FWM  5 IPv6 rr (flag-1,flag-3)\n" },
	{ IPVS_L_THRESHOLDS,
		"Prot LocalAddress:Port            Uthreshold Lthreshold "
		"ActiveConn InActConn \n"
		"  -> RemoteAddress:Port\n"
		"TCP  192.0.2.10:80 wrr persistent 300 mask 255.255.255.0\n"
		"  -> 10.0.0.1:8080                9          2          0     "
		"     0         \n" },
	{ IPVS_L_PERSISTENT,
		"Prot LocalAddress:Port            Weight    PersistConn "
		"ActiveConn InActConn \n"
		"  -> RemoteAddress:Port\n"
		"TCP  192.0.2.10:80 wrr persistent 300 mask 255.255.255.0\n"
		"  -> 10.0.0.1:8080                100       0           0     "
		"     0         \n" },
	{ IPVS_L_STATS,
		"Prot LocalAddress:Port               Conns   InPkts  OutPkts "
		" InBytes OutBytes\n"
		"  -> RemoteAddress:Port\n"
		"TCP  192.0.2.10:80                       0        0        0 "
		"       0        0\n"
		"  -> 10.0.0.1:8080                       0        0        0 "
		"       0        0\n" },
	{ IPVS_L_RATE,
		"Prot LocalAddress:Port                 CPS    InPPS   OutPPS "
		"   InBPS   OutBPS\n"
		"  -> RemoteAddress:Port\n"
		"TCP  192.0.2.10:80                       0        0        0 "
		"       0        0\n"
		"  -> 10.0.0.1:8080                       0        0        0 "
		"       0        0\n" },
};

static void list_all(struct txt *t, enum ipvs_layout layout)
{
	const struct ipvs_list l = { .layout = layout };

	ipvs_list_title(t, &l);
	for (uint32_t s = ipvs_next_svc(&have, 0); s != IPVS_NONE;
		s = ipvs_next_svc(&have, s + 1)) {
		ipvs_list_svc(t, &l, &have.svcs[s]);
		for (uint32_t d = ipvs_first_dest(&have, s); d != IPVS_NONE;
			d = ipvs_next_dest(&have, d))
			ipvs_list_dest(t, &l, &have.svcs[s], &have.dests[d]);
	}
}

static void listings_are_ipvsadms(void **state)
{
	char text[4096];

	(void)state;
	ipvs_reset(&have);
	for (size_t i = 0; i < N_OF(listed); i++)
		assert_int_equal(model(&have, listed[i]), 0);
	for (size_t i = 0; i < N_OF(layouts); i++) {
		struct txt t = txt_init(text, sizeof text);

		list_all(&t, layouts[i].layout);
		assert_false(t.full);
		text[strlen(layouts[i].text)] = '\0';
		CHECK_STR("layout", text, layouts[i].text);
	}
}

static void unknown_numbers_have_names(void **state)
{
	(void)state;
	CHECK_STR("fwd", ipvs_fwd_name(4), "Bypass");
	CHECK_STR("fwd", ipvs_fwd_name(9), "?");
	CHECK_STR("proto", ipvs_proto_name(1), "?");
}

static void daemons_and_timeouts(void **state)
{
	char text[512];
	struct txt t = txt_init(text, sizeof text);

	(void)state;
	ipvs_reset(&have);
	assert_int_equal(model(&have, "--set 1 2 3"), 0);
	assert_int_equal(model(&have, "--start-daemon backup --syncid 7 "
				      "--mcast-group ff02::1 --mcast-port 9"),
		0);
	ipvs_list_timeouts(&t, &have.timeouts);
	ipvs_list_daemon(&t, &have.daemons[0]);
	ipvs_list_daemon(&t, &have.daemons[1]);
	CHECK_STR("rest", text,
		"Timeout (tcp tcpfin udp): 1 2 3\n"
		"backup sync daemon (mcast=eth0, syncid=7, group=ff02::1, "
		"port=9)\n");
}

static void what_does_not_fit_is_left_out(void **state)
{
	char text[8];
	struct txt t = txt_init(text, sizeof text);

	(void)state;
	txt_strn(&t, "abcdef", 3);
	assert_false(t.full);
	txt_str(&t, "ghijk");
	assert_true(t.full);
	CHECK_STR("cut", text, "abc");
}

static void subjects(void **state)
{
	static const char *const rows[][2] = { { "-D -t 1.2.3.4:5",
						       "tcp:1.2.3.4:5" },
		{ "-D -u [::1]:5", "udp:[::1]:5" },
		{ "-D --sctp-service 1.2.3.4:5", "sctp:1.2.3.4:5" },
		{ "-D -f 5", "fwm:5" }, { "-D -f 5 -6", "fwm6:5" } };

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char text[64];
		struct txt t = txt_init(text, sizeof text);
		struct ipvs_cmd c;

		assert_null(parse_line(&c, rows[i][0]));
		ipvs_svc_subject(&t, &c.svc);
		CHECK_STR(rows[i][0], text, rows[i][1]);
	}
}

static void large_numbers(void **state)
{
	static const struct {
		uint64_t v;
		const char *text, *exact;
	} rows[] = {
		{ 0, "        0", "        0" },
		{ 99999999, " 99999999", " 99999999" },
		{ 100000000, "  100000K", " 100000000" },
		{ 999999999, "  999999K", " 999999999" },
		{ 1000000000, "    1000M", " 1000000000" },
		{ 99999999999, "   99999M", " 99999999999" },
		{ 100000000000, "     100G", " 100000000000" },
		{ 99999999999999, "   99999G", " 99999999999999" },
		{ 100000000000000, "     100T", " 100000000000000" },
		{ UINT64_MAX, "18446744T", " 18446744073709551615" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ipvs_svc s = { .addr = { .family = AF_INET },
			.proto = 6,
			.stats = { rows[i].v } };
		struct ipvs_list l = { .layout = IPVS_L_STATS };
		char text[256];

		for (int exact = 0; exact < 2; exact++) {
			struct txt t = txt_init(text, sizeof text);
			const char *v = exact ? rows[i].exact : rows[i].text;

			l.exact = exact;
			ipvs_list_svc(&t, &l, &s);
			text[33 + strlen(v)] = '\0';
			CHECK_STR(v, text + 33, v);
		}
	}
}

static void connections(void **state)
{
	struct ipvs_list l = { .layout = IPVS_L_PLAIN };
	char text[512];
	char v4[] = "TCP C0000201 9C40 C000020A 0050 0A000001 1F90 ESTABLISHED "
		    "    899";
	char v6[] = "UDP [2001:db8::1] 1 x 2 y 3 UDP 1";
	char pe[] = "UDP C0000201 13C4 C000020A 13C4 0A000001 13C4 UDP 61 sip "
		    "id@x";
	struct txt t = txt_init(text, sizeof text);

	(void)state;
	assert_true(ipvs_list_conn(&t, &l, v4));
	CHECK_STR("v4", text,
		"TCP 14:59  ESTABLISHED 192.0.2.1:40000    192.0.2.10:80      "
		"10.0.0.1:8080\n");
	assert_false(ipvs_list_conn(&t, &l, v6));
	l.layout = IPVS_L_PERSISTENT;
	t = txt_init(text, sizeof text);
	assert_true(ipvs_list_conn(&t, &l, pe));
	CHECK_STR("pe", text,
		"UDP 01:01  UDP         192.0.2.1:5060     192.0.2.10:5060    "
		"10.0.0.1:5060    sip                id@x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lines_come_out_again),
		cmocka_unit_test(bad_lines_say_why),
		cmocka_unit_test(a_line_has_so_many_words),
		cmocka_unit_test(edits_change_what_is_named),
		cmocka_unit_test(edits_of_servers_too),
		cmocka_unit_test(a_table_answers_like_the_kernel),
		cmocka_unit_test(a_full_table_says_so),
		cmocka_unit_test(sorted_as_unsigned_numbers),
		cmocka_unit_test(the_order_keeps_services_served),
		cmocka_unit_test(only_the_named_services),
		cmocka_unit_test(daemons_only_where_told),
		cmocka_unit_test(edits_make_it_equal),
		cmocka_unit_test(listings_are_ipvsadms),
		cmocka_unit_test(unknown_numbers_have_names),
		cmocka_unit_test(daemons_and_timeouts),
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(subjects),
		cmocka_unit_test(large_numbers),
		cmocka_unit_test(connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
