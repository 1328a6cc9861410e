#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "openssl.h"
#include "tls.h"

#define DEBIAN_CA "/etc/ssl/certs/ca-certificates.crt"

/* Names in wire format: each with its length in front. */
static bool set_alpn(SSL_CTX *ctx, const char *list)
{
	unsigned char wire[256];
	size_t n = 0;

	while (*list) {
		size_t len = strcspn(list, ",");

		if (!len || n + len + 1 > sizeof wire)
			return false;
		wire[n++] = (unsigned char)len;
		memcpy(wire + n, list, len);
		n += len;
		list += len + (list[len] == ',');
	}
	return SSL_CTX_set_alpn_protos(ctx, wire, (unsigned)n) == 0;
}

static bool load_file(SSL_CTX *ctx, const char *file)
{
	return SSL_CTX_load_verify_locations(ctx, file, NULL) == 1;
}

/* A file, read now.  OpenSSL would search a folder anew at each connection, by
 * system calls that the sandbox kills for. */
static const char *load_ca(SSL_CTX *ctx, const char *file)
{
	if (file)
		return load_file(ctx, file)
			       ? NULL
			       : "ca: cannot be read as certificates";
	return load_file(ctx, DEBIAN_CA) ||
			       load_file(ctx, X509_get_default_cert_file())
		       ? NULL
		       : "verify: no file of authorities (package "
			 "ca-certificates); give --ca FILE";
}

static const char *configure(SSL_CTX *ctx, const struct settings *s)
{
	const char *key = s->cert_key ? s->cert_key : s->cert;
	const char *why = s->verify ? load_ca(ctx, s->ca) : NULL;

	if (why)
		return why;
	SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (s->tls_min && !SSL_CTX_set_min_proto_version(ctx, s->tls_min))
		return "tls-min: not with this OpenSSL";
	if (s->alpn && !set_alpn(ctx, s->alpn))
		return "alpn: not a list of names";
	if (s->cert && SSL_CTX_use_certificate_chain_file(ctx, s->cert) != 1)
		return "cert: cannot be read as a certificate";
	if (s->cert &&
		SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return "key: cannot be read as that of the certificate";
	return NULL;
}

const char *tls_context(struct settings *s)
{
	SSL_CTX *ctx;
	const char *why;

	if (s->tls)
		return NULL;
	why = openssl_need();
	if (why)
		return why;
	ctx = SSL_CTX_new(TLS_client_method());
	if (!ctx)
		return "OpenSSL: no memory";
	/* Old protocols are asked for by name, and then at the old level. */
	if (s->tls_min && s->tls_min < TLS1_2_VERSION)
		SSL_CTX_set_security_level(ctx, 0);
	why = configure(ctx, s);
	ERR_clear_error();
	if (why)
		SSL_CTX_free(ctx);
	else
		s->tls = ctx;
	return why;
}

void tls_context_free(struct settings *s)
{
	if (s->tls)
		SSL_CTX_free(s->tls);
	s->tls = NULL;
}

/* The verdict of the chain is judged after the handshake, by name. */
static int keep_going(int ok, X509_STORE_CTX *store)
{
	(void)ok, (void)store;
	return 1;
}

static bool set_name(SSL *ssl, const char *name, bool verify)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	struct addr a;
	bool literal = addr_parse(&a, name);
	char sni[256]; /* the macro of <openssl/tls1.h> drops a const */

	snprintf(sni, sizeof sni, "%s", name);
	if (!literal && SSL_set_tlsext_host_name(ssl, sni) != 1)
		return false;
	if (!verify)
		return true;
	return (literal ? X509_VERIFY_PARAM_set1_ip_asc(param, name)
			: X509_VERIFY_PARAM_set1_host(param, name, 0)) == 1;
}

void *tls_new(const struct settings *s, int fd, const char *name)
{
	SSL *ssl = SSL_new(s->tls);

	if (!ssl)
		return NULL;
	SSL_set_verify(
		ssl, s->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, keep_going);
	if (!set_name(ssl, name, s->verify) || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_connect_state(ssl);
	return ssl;
}

void tls_free(void *ssl)
{
	if (ssl)
		SSL_free(ssl);
}

static const char *reason; /* OpenSSL's words for the last trouble */

/* What went wrong, as an errno; EAGAIN when nothing did; 0 at the end. */
static int trouble(SSL *ssl, int ret)
{
	int saved = errno, err = SSL_get_error(ssl, ret);
	unsigned long code = ERR_peek_last_error();

	reason = code ? ERR_reason_error_string(code) : NULL;
	ERR_clear_error();
	switch (err) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		return saved && !code ? saved : 0;
	default:
		return EPROTO;
	}
}

int tls_handshake(void *ssl, struct result *r, const char **why)
{
	int ret, err;

	errno = 0;
	ret = SSL_do_handshake(ssl);
	if (ret == 1)
		return 1;
	err = trouble(ssl, ret);
	if (err == EAGAIN)
		return 0;
	*why = err == 0		   ? "tls-closed"
	       : err == EPROTO	   ? "tls-handshake"
	       : err == ECONNRESET ? "tls-reset"
				   : "tls-error";
	snprintf(r->say, sizeof r->say, "%s", reason ? reason : "");
	return -1;
}

static const char *verify_why(long code)
{
	switch (code) {
	case X509_V_OK:
		return NULL;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "tls-expired";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "tls-not-yet-valid";
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "tls-name";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return "tls-self-signed";
	case X509_V_ERR_CERT_REVOKED:
		return "tls-revoked";
	default:
		return "tls-verify";
	}
}

/* Whole days that are left; negative when it has expired. */
static int days_left(const X509 *cert)
{
	int days = 0, secs = 0;

	if (!ASN1_TIME_diff(&days, &secs, NULL, X509_get0_notAfter(cert)))
		return NO_CERT;
	return secs < 0 ? days - 1 : days;
}

static bool has_alpn(const SSL *ssl)
{
	const unsigned char *name;
	unsigned n;

	SSL_get0_alpn_selected(ssl, &name, &n);
	return n > 0;
}

const char *tls_judge(void *ssl, const struct settings *s, struct result *r)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);
	long code = SSL_get_verify_result(ssl);
	const char *why = s->verify ? verify_why(code) : NULL;

	if (!cert)
		return "tls-no-certificate";
	r->cert_days = days_left(cert);
	if (why) {
		snprintf(r->say, sizeof r->say, "%s",
			X509_verify_cert_error_string(code));
		return why;
	}
	if (s->alpn && !has_alpn(ssl))
		return "tls-alpn";
	if (s->cert_days >= 0 && r->cert_days < s->cert_days)
		return r->cert_days < 0 ? "tls-expired" : "cert-days";
	return NULL;
}

ssize_t tls_read(void *ssl, void *buf, size_t size)
{
	int n;

	errno = 0;
	n = SSL_read(ssl, buf, (int)size);
	return n > 0 ? n : -trouble(ssl, n);
}

ssize_t tls_write(void *ssl, const void *buf, size_t n)
{
	int ret;

	errno = 0;
	ret = SSL_write(ssl, buf, (int)n);
	if (ret > 0)
		return ret;
	ret = trouble(ssl, ret);
	return ret ? -ret : -EPIPE;
}
