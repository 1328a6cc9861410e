/* OpenSSL, loaded when the first target needs it: most do not, and loading it
 * takes longer than a probe.  Its functions are called by their names, which
 * are macros here; one that is missing below is a link error. */
#ifndef OPENSSL_H
#define OPENSSL_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

/* Loads it, with the modules that openssl.cnf names, unless it is there.  NULL;
 * or, once sealed, why it is not, in a static buffer.  Before that it dies
 * 111. */
const char *openssl_need(void);
/* The sandbox comes, in which no code can be loaded.  With `may_come`, for
 * targets that are not known yet, it is loaded now if it can be. */
void openssl_seal(bool may_come);

#define OPENSSL_FUNCTIONS(X)                                                   \
	X(OPENSSL_init_crypto)                                                 \
	X(TLS_client_method)                                                   \
	X(SSL_CTX_new)                                                         \
	X(SSL_CTX_free)                                                        \
	X(SSL_CTX_ctrl)                                                        \
	X(SSL_CTX_set_options)                                                 \
	X(SSL_CTX_set_security_level)                                          \
	X(SSL_CTX_set_alpn_protos)                                             \
	X(SSL_CTX_load_verify_locations)                                       \
	X(X509_get_default_cert_file)                                          \
	X(SSL_CTX_use_certificate_chain_file)                                  \
	X(SSL_CTX_use_PrivateKey_file)                                         \
	X(SSL_new)                                                             \
	X(SSL_free)                                                            \
	X(SSL_ctrl)                                                            \
	X(SSL_set_fd)                                                          \
	X(SSL_set_verify)                                                      \
	X(SSL_set_connect_state)                                               \
	X(SSL_do_handshake)                                                    \
	X(SSL_read)                                                            \
	X(SSL_write)                                                           \
	X(SSL_get_error)                                                       \
	X(SSL_get0_param)                                                      \
	X(SSL_get0_peer_certificate)                                           \
	X(SSL_get0_alpn_selected)                                              \
	X(SSL_get_verify_result)                                               \
	X(X509_VERIFY_PARAM_set1_host)                                         \
	X(X509_VERIFY_PARAM_set1_ip_asc)                                       \
	X(X509_get0_notAfter)                                                  \
	X(X509_verify_cert_error_string)                                       \
	X(ASN1_TIME_diff)                                                      \
	X(ERR_clear_error)                                                     \
	X(ERR_peek_last_error)                                                 \
	X(ERR_reason_error_string)                                             \
	X(EVP_MD_CTX_new)                                                      \
	X(EVP_MD_CTX_free)                                                     \
	X(EVP_EncodeBlock)                                                     \
	X(EVP_get_digestbyname)                                                \
	X(EVP_DigestInit_ex)                                                   \
	X(EVP_DigestUpdate)                                                    \
	X(EVP_DigestFinal_ex)

struct openssl {
#define OPENSSL_POINTER(f) __typeof__(f) *f;
	OPENSSL_FUNCTIONS(OPENSSL_POINTER)
#undef OPENSSL_POINTER
};

/* Valid after openssl_need() gave NULL. */
extern struct openssl openssl;

#define OPENSSL_init_crypto	      openssl.OPENSSL_init_crypto
#define TLS_client_method	      openssl.TLS_client_method
#define SSL_CTX_new		      openssl.SSL_CTX_new
#define SSL_CTX_free		      openssl.SSL_CTX_free
#define SSL_CTX_ctrl		      openssl.SSL_CTX_ctrl
#define SSL_CTX_set_options	      openssl.SSL_CTX_set_options
#define SSL_CTX_set_security_level    openssl.SSL_CTX_set_security_level
#define SSL_CTX_set_alpn_protos	      openssl.SSL_CTX_set_alpn_protos
#define SSL_CTX_load_verify_locations openssl.SSL_CTX_load_verify_locations
#define X509_get_default_cert_file    openssl.X509_get_default_cert_file
#define SSL_CTX_use_certificate_chain_file                                     \
	openssl.SSL_CTX_use_certificate_chain_file
#define SSL_CTX_use_PrivateKey_file   openssl.SSL_CTX_use_PrivateKey_file
#define SSL_new			      openssl.SSL_new
#define SSL_free		      openssl.SSL_free
#define SSL_ctrl		      openssl.SSL_ctrl
#define SSL_set_fd		      openssl.SSL_set_fd
#define SSL_set_verify		      openssl.SSL_set_verify
#define SSL_set_connect_state	      openssl.SSL_set_connect_state
#define SSL_do_handshake	      openssl.SSL_do_handshake
#define SSL_read		      openssl.SSL_read
#define SSL_write		      openssl.SSL_write
#define SSL_get_error		      openssl.SSL_get_error
#define SSL_get0_param		      openssl.SSL_get0_param
#define SSL_get0_peer_certificate     openssl.SSL_get0_peer_certificate
#define SSL_get0_alpn_selected	      openssl.SSL_get0_alpn_selected
#define SSL_get_verify_result	      openssl.SSL_get_verify_result
#define X509_VERIFY_PARAM_set1_host   openssl.X509_VERIFY_PARAM_set1_host
#define X509_VERIFY_PARAM_set1_ip_asc openssl.X509_VERIFY_PARAM_set1_ip_asc
#define X509_get0_notAfter	      openssl.X509_get0_notAfter
#define X509_verify_cert_error_string openssl.X509_verify_cert_error_string
#define ASN1_TIME_diff		      openssl.ASN1_TIME_diff
#define ERR_clear_error		      openssl.ERR_clear_error
#define ERR_peek_last_error	      openssl.ERR_peek_last_error
#define ERR_reason_error_string	      openssl.ERR_reason_error_string
#define EVP_MD_CTX_new		      openssl.EVP_MD_CTX_new
#define EVP_MD_CTX_free		      openssl.EVP_MD_CTX_free
#define EVP_EncodeBlock		      openssl.EVP_EncodeBlock
#define EVP_get_digestbyname	      openssl.EVP_get_digestbyname
#define EVP_DigestInit_ex	      openssl.EVP_DigestInit_ex
#define EVP_DigestUpdate	      openssl.EVP_DigestUpdate
#define EVP_DigestFinal_ex	      openssl.EVP_DigestFinal_ex

#endif
