#include "tests/support/certificate.h"

#include "client/link/cert.h"

#include <check.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdint.h>

#define DAY_S 86400

static void
add_extension(X509 *x509, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    ck_assert_ptr_nonnull(extension);
    ck_assert_int_eq(X509_add_ext(x509, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void
set_serial(X509 *x509)
{
    uint32_t serial;

    ck_assert_int_eq(RAND_bytes((unsigned char *)&serial, sizeof(serial)), 1);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial);
}

void
certificate_make(struct certificate *certificate, const char *common_name, const char *names,
                 const struct certificate *issuer, int days)
{
    X509 *x509 = X509_new();
    X509_NAME *subject = X509_get_subject_name(x509);

    certificate->x509 = x509;
    certificate->key = EVP_EC_gen("P-256");
    ck_assert_ptr_nonnull(certificate->key);
    X509_set_version(x509, X509_VERSION_3);
    set_serial(x509);
    X509_gmtime_adj(X509_getm_notBefore(x509), -2 * DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(x509), (long)days * DAY_S);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1,
                               -1, 0);
    X509_set_issuer_name(x509, issuer == NULL ? subject : X509_get_subject_name(issuer->x509));
    X509_set_pubkey(x509, certificate->key);
    add_extension(x509, NID_basic_constraints, issuer == NULL ? "critical,CA:TRUE" : "CA:FALSE");
    if (names != NULL)
        add_extension(x509, NID_subject_alt_name, names);

    ck_assert_int_gt(X509_sign(x509, issuer == NULL ? certificate->key : issuer->key, EVP_sha256()),
                     0);
    cert_fingerprint(x509, certificate->fingerprint);
}

void
certificate_fini(struct certificate *certificate)
{
    X509_free(certificate->x509);
    EVP_PKEY_free(certificate->key);
}

void
certificate_write(const struct certificate *certificate, const char *path)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(PEM_write_X509(file, certificate->x509), 1);
    ck_assert_int_eq(fclose(file), 0);
}
