#include "client/link/cert.h"

#include "client/link/url.h"
#include "common/buf.h"
#include "common/id.h"
#include "common/text.h"
#include "common/util.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <string.h>

void
cert_fingerprint(X509 *cert, char dst[FINGERPRINT_SIZE])
{
    unsigned char digest[SHA256_DIGEST_LENGTH] = {0};

    X509_digest(cert, EVP_sha256(), digest, NULL);
    hex_encode(dst, digest, sizeof(digest));
}

void
fingerprint_show(char dst[FINGERPRINT_SHOWN_SIZE], const char *fingerprint)
{
    size_t len = 0;

    for (size_t i = 0; fingerprint[i] != '\0' && len + 2 <= FINGERPRINT_SHOWN_SIZE; i++) {
        if (i > 0 && i % 2 == 0)
            dst[len++] = ':';
        dst[len++] = (char)toupper((unsigned char)fingerprint[i]);
    }
    dst[len] = '\0';
}

static void
add_name(struct buf *names, const char *text, size_t len)
{
    if (names->len > 0)
        buf_add_str(names, ", ");
    text_visible(names, text, len, TEXT_ASCII);
}

static void
add_alternative(struct buf *names, const GENERAL_NAME *name)
{
    char address[INET6_ADDRSTRLEN];

    if (name->type == GEN_DNS) {
        add_name(names, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
                 (size_t)ASN1_STRING_length(name->d.dNSName));
    } else if (name->type == GEN_IPADD) {
        int len = ASN1_STRING_length(name->d.iPAddress);
        if ((len == 4 || len == 16) &&
            inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.iPAddress),
                      address, sizeof(address)) != NULL)
            add_name(names, address, strlen(address));
    }
}

static void
add_common_name(struct buf *names, X509 *cert)
{
    const X509_NAME *subject = X509_get_subject_name(cert);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

    if (at < 0)
        return;

    unsigned char *text;
    const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, at);
    int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    if (len < 0)
        return;

    add_name(names, (const char *)text, (size_t)len);
    OPENSSL_free(text);
}

void
cert_names(X509 *cert, char *dst, size_t size)
{
    struct buf names = BUF_INIT;
    GENERAL_NAMES *alternatives = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(alternatives) && names.len < size; i++)
        add_alternative(&names, sk_GENERAL_NAME_value(alternatives, i));
    if (names.len == 0)
        add_common_name(&names, cert);

    size_t len = MIN(names.len, size - 1);
    memcpy(dst, buf_text(&names), len);
    dst[len] = '\0';

    GENERAL_NAMES_free(alternatives);
    buf_fini(&names);
}

bool
cert_is_for(X509 *cert, const char *host)
{
    if (url_host_is_address(host))
        return X509_check_ip_asc(cert, host, 0) == 1;

    return X509_check_host(cert, host, strlen(host), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) ==
           1;
}
