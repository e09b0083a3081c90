#include "server/web/tls.h"

#include "common/id.h"
#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VALID_DAYS 3650
#define GROUPS     "X25519:P-256"
/* Of TLS 1.2: what RFC 9113 appendix A does not prohibit. */
#define H2_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

static int
add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    int result;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (extension == NULL)
        return -EINVAL;
    result = X509_add_ext(cert, extension, -1) == 1 ? 0 : -ENOMEM;
    X509_EXTENSION_free(extension);
    return result;
}

/* A host name that would break the syntax of the extension is left out. */
static int
add_names(X509 *cert)
{
    char host[64] = "", names[200];
    size_t len;

    if (gethostname(host, sizeof(host) - 1) < 0)
        host[0] = '\0';
    len = strlen(host);
    snprintf(names, sizeof(names), "DNS:localhost,IP:127.0.0.1,IP:::1%s%s", len > 0 ? ",DNS:" : "",
             host);
    if (len == 0 || strcmp(host, "localhost") == 0 ||
        strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") != len)
        snprintf(names, sizeof(names), "DNS:localhost,IP:127.0.0.1,IP:::1");
    return add_extension(cert, NID_subject_alt_name, names);
}

static int
set_serial(X509 *cert)
{
    unsigned char bytes[16];
    BIGNUM *number;
    int result = -ENOMEM;

    random_bytes(bytes, sizeof(bytes));
    bytes[0] &= 0x7f;
    number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    if (number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL)
        result = 0;
    BN_free(number);
    return result;
}

static X509 *
make_cert(EVP_PKEY *key)
{
    static const unsigned char common_name[] = "rtchat server";
    X509 *cert = X509_new();
    X509_NAME *name;

    if (cert == NULL)
        return NULL;
    name = X509_get_subject_name(cert);
    if (X509_set_version(cert, 2) == 1 && set_serial(cert) == 0 &&
        X509_gmtime_adj(X509_getm_notBefore(cert), -3600) != NULL &&
        X509_time_adj_ex(X509_getm_notAfter(cert), VALID_DAYS, 0, NULL) != NULL &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, common_name, -1, -1, 0) == 1 &&
        X509_set_issuer_name(cert, name) == 1 && X509_set_pubkey(cert, key) == 1 &&
        add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") == 0 &&
        add_extension(cert, NID_ext_key_usage, "serverAuth") == 0 && add_names(cert) == 0 &&
        X509_sign(cert, key, EVP_sha256()) > 0)
        return cert;
    X509_free(cert);
    return NULL;
}

static FILE *
create_file(const char *path, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    FILE *file;

    if (fd < 0)
        return NULL;
    file = fchmod(fd, mode) == 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL)
        close(fd);
    return file;
}

static int
finish_file(FILE *file, bool good)
{
    int error = good ? 0 : -EIO;

    if (fflush(file) != 0 || fsync(fileno(file)) != 0)
        error = -errno;
    if (fclose(file) != 0 && error == 0)
        error = -errno;
    return error;
}

static int
write_key(const char *path, EVP_PKEY *key)
{
    FILE *file = create_file(path, 0600);

    if (file == NULL)
        return -errno;
    return finish_file(file, PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
}

static int
write_cert(const char *path, X509 *cert)
{
    FILE *file = create_file(path, 0644);

    if (file == NULL)
        return -errno;
    return finish_file(file, PEM_write_X509(file, cert) == 1);
}

int
tls_make_pair(const char *cert_path, const char *key_path, char *why, size_t why_size)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = key == NULL ? NULL : make_cert(key);
    const char *path = key_path;
    int result = -EIO;

    if (cert == NULL) {
        snprintf(why, why_size, "OpenSSL cannot make a certificate: %s",
                 ERR_reason_error_string(ERR_peek_last_error()));
        goto out;
    }
    result = write_key(key_path, key);
    if (result == 0) {
        path = cert_path;
        result = write_cert(cert_path, cert);
    }
    if (result < 0)
        snprintf(why, why_size, "cannot write %s: %s", path, strerror(-result));

out:
    X509_free(cert);
    EVP_PKEY_free(key);
    return result;
}

static X509 *
read_cert(const char *path, char *why, size_t why_size)
{
    FILE *file = fopen(path, "re");
    X509 *cert;

    if (file == NULL) {
        snprintf(why, why_size, "certificate %s: %s", path, strerror(errno));
        return NULL;
    }
    cert = PEM_read_X509(file, NULL, NULL, NULL);
    if (cert == NULL)
        snprintf(why, why_size, "%s holds no certificate; wanted: PEM", path);
    fclose(file);
    return cert;
}

/* A program that asks for a passphrase at start would hang under an init system. */
static int
refuse_passphrase(char *buf, int size, int rwflag, void *userdata)
{
    return -1;
}

static EVP_PKEY *
read_key(const char *path, char *why, size_t why_size)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *key;

    if (file == NULL) {
        snprintf(why, why_size, "key %s: %s", path, strerror(errno));
        return NULL;
    }
    key = PEM_read_PrivateKey(file, NULL, refuse_passphrase, NULL);
    if (key == NULL)
        snprintf(why, why_size, "%s holds no private key; wanted: PEM without a passphrase", path);
    fclose(file);
    return key;
}

static int
print_fingerprint(const X509 *cert, char dst[FINGERPRINT_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    size_t at = 0;

    if (X509_digest(cert, EVP_sha256(), digest, &len) != 1)
        return -EINVAL;
    for (unsigned i = 0; i < len; i++)
        at += (size_t)snprintf(dst + at, FINGERPRINT_SIZE - at, "%s%02X", i == 0 ? "" : ":",
                               digest[i]);
    return 0;
}

static const char *
pair_fault(X509 *cert, EVP_PKEY *key)
{
    if (X509_check_private_key(cert, key) != 1)
        return "the key is not this certificate's";
    if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
        return "the certificate has expired";
    if (X509_cmp_current_time(X509_get0_notBefore(cert)) > 0)
        return "the certificate is not valid yet; is the clock right?";
    return NULL;
}

int
tls_check_pair(const char *cert_path, const char *key_path, char ret_fingerprint[FINGERPRINT_SIZE],
               char *why, size_t why_size)
{
    X509 *cert = read_cert(cert_path, why, why_size);
    EVP_PKEY *key = cert == NULL ? NULL : read_key(key_path, why, why_size);
    int result = -EINVAL;

    if (key != NULL) {
        const char *fault = pair_fault(cert, key);

        if (fault != NULL)
            snprintf(why, why_size, "%s and %s: %s", cert_path, key_path, fault);
        else
            result = print_fingerprint(cert, ret_fingerprint);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return result;
}

int
tls_tune(void *ssl_context)
{
    SSL_CTX *context = ssl_context;
    char groups[] = GROUPS; /* the macro below wants it writable */

    if (context == NULL)
        return 0;
    /* The library allows P-256 alone; X25519 takes a fifth less of memory and time. */
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set1_groups_list(context, groups) != 1)
        return -1;
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    return 0;
}

static int
select_h2(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_len,
          const unsigned char *offered, unsigned offered_len, void *context)
{
    for (unsigned at = 0; at < offered_len; at += 1U + offered[at]) {
        if (offered[at] != 2 || memcmp(offered + at + 1, "h2", 2) != 0)
            continue;
        *ret_name = offered + at + 1;
        *ret_len = 2;
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

SSL_CTX *
tls_h2_context(const char *cert_path, const char *key_path)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (context == NULL || SSL_CTX_use_certificate_chain_file(context, cert_path) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_set_cipher_list(context, H2_CIPHERS) != 1 || tls_tune(context) < 0) {
        SSL_CTX_free(context);
        return NULL;
    }
    SSL_CTX_set_alpn_select_cb(context, select_h2, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* Resumption is by tickets, so the server need not remember. */
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return context;
}
