#include "t.h"
#include "url.h"

/* scheme host port path name; or the words that refuse it. */
static const struct {
	const char *text, *want;
} rows[] = {
	{ "http://192.0.2.1/", "http 192.0.2.1 v4 80 / http.192.0.2.1:80" },
	{ "http://192.0.2.1", "http 192.0.2.1 v4 80  http.192.0.2.1:80" },
	{ "http://192.0.2.1:8080/a?b=c",
		"http 192.0.2.1 v4 8080 /a?b=c http.192.0.2.1:8080_a_b_c" },
	{ "https://www.test/x", "https www.test name 443 /x "
				"https.www.test:443_x" },
	{ "https://[2001:db8::1]:8443",
		"https 2001:db8::1 v6 8443  https.[2001:db8::1]:8443" },
	{ "tcp://[::1]:1/", "tcp ::1 v6 1  tcp.[::1]:1" },
	{ "tcp://[fe80::1%eth0]:25", "tcp fe80::1 v6 25  tcp.[fe80::1]:25" },
	{ "icmp://h", "icmp h name 0  icmp.h" },
	{ "dns://192.0.2.1/a.test?type=MX",
		"dns 192.0.2.1 v4 53 /a.test?type=MX "
		"dns.192.0.2.1:53_a.test_type_MX" },
	{ "smtp://a_b.test", "smtp a_b.test name 25  smtp.a_b.test:25" },
	{ "udp://h:53", "udp h name 53  udp.h:53" },
	{ "exec:/usr/bin/check_x -H 'a b'",
		"exec  name 0 /usr/bin/check_x -H 'a b' exec.check_x" },
	{ "file:/run/maint", "file  name 0 /run/maint file.maint" },
	{ "tls://h:443", "tls h name 443  tls.h:443" },
	{ "", "!not one of" },
	{ "http:/h", "!not one of" },
	{ "ftp://h", "!not one of" },
	{ "HTTP://h", "!not one of" },
	{ "http://", "!no host" },
	{ "http:///x", "!no host" },
	{ "http://[::1/", "!no host" },
	{ "http://[192.0.2.1]/", "!no host" },
	{ "http://[2001:db8::1%eth0]/", "!no host" },
	{ "http://[fe80::1%]/", "!no host" },
	{ "http://::1/", "!no host" },
	{ "http://1.2.3/", "!no host" },
	{ "http://1.2.3.400/", "!no host" },
	{ "http://-h/", "!no host" },
	{ "http://a..b/", "!no host" },
	{ "http://u@h/", "!no host" },
	{ "http://h:/", "!the port" },
	{ "http://h:0/", "!the port" },
	{ "http://h:65536/", "!the port" },
	{ "http://h:+1/", "!the port" },
	{ "http://h:99999999999/", "!the port" },
	{ "http://h?x", "!nothing may follow" },
	{ "tcp://h", "!which port" },
	{ "tcp://h:1/x", "!nothing may follow" },
	{ "icmp://h:1", "!icmp has no ports" },
	{ "http://h/a b", "!a space" },
	{ "http://h/\n", "!a space" },
	{ "http://h/\xc3\xa4", "!a space" },
	{ "exec:", "!no command" },
	{ "exec:a\tb", "!a space" },
	{ "file:", "!no path" },
};

static void parses(void **state)
{
	static const char *const kind[] = {
		[AF_INET] = "v4", [AF_INET6] = "v6"
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char *text = t_exact(rows[i].text, strlen(rows[i].text) + 1);
		char got[512], name[URL_NAME_MAX + 1];
		struct url u;
		const char *why = url_parse(&u, text);

		if (why)
			snprintf(got, sizeof got, "!%.*s",
				(int)strlen(rows[i].want) - 1, why);
		else
			snprintf(got, sizeof got, "%s %s %s %u %s %s",
				url_scheme_str(u.scheme), u.host,
				u.addr.family ? kind[u.addr.family] : "name",
				u.port, u.path, url_name(&u, name));
		CHECK_STR(rows[i].text, got, rows[i].want);
		free(text);
	}
}

static void zone(void **state)
{
	struct url u;

	(void)state;
	assert_null(url_parse(&u, "tcp://[fe80::1%eth0.7]:25"));
	assert_string_equal(u.zone, "eth0.7");
}

static void too_long(void **state)
{
	char text[URL_LEN_MAX + 2] = "http://h/";
	char host[300] = "http://";
	struct url u;

	(void)state;
	memset(text + 9, 'x', sizeof text - 10);
	assert_string_equal(url_parse(&u, text), "too long");
	text[URL_LEN_MAX] = '\0';
	assert_null(url_parse(&u, text));
	memset(host + 7, 'h', URL_HOST_MAX + 1);
	assert_non_null(url_parse(&u, host));
	host[7 + URL_HOST_MAX] = '\0';
	assert_null(url_parse(&u, host));
}

static void names(void **state)
{
	static const struct {
		const char *target;
		size_t len;
	} lens[] = { { "web=http://h/", 3 }, { "http://h/?a=b", 0 },
		{ "exec:a b=c", 0 }, { "exec:a", 0 }, { "=x", 0 } };
	static const char *const good[] = { "a", "web.1", "a:b@c[d]+-_" };
	static const char *const wrong[] = {
		"", ".", "..", "-a", "a/b", "a b", "a=b", "a\n",
		"12345678901234567890123456789012345678901234567890123456789012345"
	};

	(void)state;
	for (size_t i = 0; i < N_OF(lens); i++)
		CHECK_NUM(lens[i].target, url_name_len(lens[i].target),
			lens[i].len);
	for (size_t i = 0; i < N_OF(good); i++)
		CHECK_NUM(good[i], url_name_ok(good[i]), true);
	for (size_t i = 0; i < N_OF(wrong); i++)
		CHECK_NUM(wrong[i], url_name_ok(wrong[i]), false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(zone),
		cmocka_unit_test(too_long),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
