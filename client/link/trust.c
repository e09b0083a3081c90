#include "client/link/trust.h"

#include "client/link/cert.h"
#include "client/link/pins.h"
#include "client/link/url.h"
#include "common/id.h"
#include "common/util.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "trust"
#include "common/log.h"

struct trust {
    char host[URL_HOST_MAX + 1];
    char where[URL_AUTHORITY_SIZE]; /* the key of its pin */
    char *pins_path;
    char given[FINGERPRINT_SIZE]; /* by --fingerprint; "": none */
    bool has_ca_file;
    X509_STORE *store; /* shared by all contexts */
    struct trust_report report;
};

static int
take_fingerprint(const char *text, char dst[FINGERPRINT_SIZE], char *why, size_t why_size)
{
    unsigned char digest[(FINGERPRINT_SIZE - 1) / 2];

    if (hex_decode(digest, sizeof(digest), text) < 0) {
        snprintf(why, why_size,
                 "fingerprint \"%.20s...\" malformed: wanted 64 hex digits, colons allowed", text);
        return -EINVAL;
    }

    hex_encode(dst, digest, sizeof(digest));
    return 0;
}

/* The system's CAs, or those of --ca-file alone. */
static int
load_cas(X509_STORE *store, const char *ca_file, char *why, size_t why_size)
{
    if (ca_file == NULL) {
        /* A machine without CAs is no fault: nothing verifies there, pins still do. */
        X509_STORE_set_default_paths(store);
        ERR_clear_error();
        return 0;
    }

    if (X509_STORE_load_file(store, ca_file) == 1)
        return 0;

    snprintf(why, why_size, "--ca-file %s: %s: wanted certificates in PEM", ca_file,
             ERR_reason_error_string(ERR_peek_last_error()));
    ERR_clear_error();
    return -EINVAL;
}

static int
load(struct trust *trust, const char *ca_file, const char *fingerprint, char *why, size_t why_size)
{
    char pin[FINGERPRINT_SIZE];

    if (fingerprint != NULL && take_fingerprint(fingerprint, trust->given, why, why_size) < 0)
        return -EINVAL;
    if (pins_find(trust->pins_path, trust->where, pin, why, why_size) < 0)
        return -EINVAL;

    trust->has_ca_file = ca_file != NULL;
    return load_cas(trust->store, ca_file, why, why_size);
}

struct trust *
trust_create(const char *host, int port, const char *pins_path, const char *ca_file,
             const char *fingerprint, char *why, size_t why_size)
{
    struct url url = {.port = port};

    if (str_copy(url.host, sizeof(url.host), host) < 0) {
        snprintf(why, why_size, "host too long: %zu bytes, at most %d", strlen(host), URL_HOST_MAX);
        return NULL;
    }

    struct trust *trust = xcalloc(1, sizeof(*trust));
    str_copy(trust->host, sizeof(trust->host), host);
    url_authority(trust->where, &url);
    trust->pins_path = xstrdup(pins_path);
    trust->store = X509_STORE_new();
    if (load(trust, ca_file, fingerprint, why, why_size) < 0) {
        trust_destroy(trust);
        return NULL;
    }

    return trust;
}

void
trust_destroy(struct trust *trust)
{
    if (trust == NULL)
        return;

    X509_STORE_free(trust->store);
    free(trust->pins_path);
    free(trust);
}

static void
say_why(struct trust *trust, X509_STORE_CTX *chain, X509 *cert, bool chain_is_good)
{
    struct trust_report *report = &trust->report;

    if (!chain_is_good)
        snprintf(report->why, sizeof(report->why), "%s",
                 X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain)));
    else if (!cert_is_for(cert, trust->host))
        snprintf(report->why, sizeof(report->why), "is for %.80s, not %.60s", report->names,
                 trust->host);
}

/* Given by --fingerprint: that one and no other, and it is the pin from now on. */
static enum trust_fault
judge_by_fingerprint(struct trust *trust, const char *pin)
{
    struct trust_report *report = &trust->report;

    str_copy(report->wanted, sizeof(report->wanted), trust->given);
    if (!str_equal(report->got, trust->given)) {
        snprintf(report->why, sizeof(report->why), "differs from --fingerprint");
        return TRUST_CHANGED;
    }

    int error = str_equal(pin, report->got) ? 0 : trust_pin(trust);
    if (error < 0)
        log_warn("%s not pinned: %s", trust->where, strerror(-error));
    return TRUST_NONE;
}

static enum trust_fault
judge_by_pin(struct trust *trust, const char *pin)
{
    struct trust_report *report = &trust->report;

    str_copy(report->wanted, sizeof(report->wanted), pin);
    if (pin[0] == '\0')
        return TRUST_UNKNOWN;
    if (str_equal(pin, report->got))
        return TRUST_NONE;

    snprintf(report->why, sizeof(report->why), "differs from the certificate that was pinned");
    return TRUST_CHANGED;
}

static enum trust_fault
judge(struct trust *trust, X509_STORE_CTX *chain)
{
    struct trust_report *report = &trust->report;
    X509 *cert = X509_STORE_CTX_get0_cert(chain);
    char pin[FINGERPRINT_SIZE];

    *report = (struct trust_report){0};
    cert_fingerprint(cert, report->got);
    cert_names(cert, report->names, sizeof(report->names));
    if (pins_find(trust->pins_path, trust->where, pin, report->why, sizeof(report->why)) < 0)
        return TRUST_REFUSED;

    bool chain_is_good = X509_verify_cert(chain) == 1;
    say_why(trust, chain, cert, chain_is_good);
    bool is_verified = chain_is_good && cert_is_for(cert, trust->host);

    if (trust->given[0] != '\0')
        return judge_by_fingerprint(trust, pin);
    if (is_verified)
        return TRUST_NONE;
    if (trust->has_ca_file)
        return TRUST_REFUSED;

    return judge_by_pin(trust, pin);
}

/* The library's own callback would let it decide on its own terms, or shout. */
static int
leave_as_it_is(int is_good, X509_STORE_CTX *chain)
{
    return is_good;
}

static void
log_refusal(const struct trust *trust)
{
    char got[FINGERPRINT_SHOWN_SIZE], wanted[FINGERPRINT_SHOWN_SIZE];

    fingerprint_show(got, trust->report.got);
    fingerprint_show(wanted, trust->report.wanted);
    log_warn("%s refused: %s got=%s wanted=%s", trust->where, trust->report.why, got, wanted);
}

/* Takes the place of OpenSSL's whole chain verification (SSL_CTX_set_cert_verify_callback). */
static int
verify(X509_STORE_CTX *chain, void *context)
{
    struct trust *trust = context;

    X509_STORE_CTX_set_verify_cb(chain, leave_as_it_is);
    trust->report.fault = judge(trust, chain);
    if (trust->report.fault == TRUST_NONE) {
        trust->report = (struct trust_report){0};
        X509_STORE_CTX_set_error(chain, X509_V_OK);
        return 1;
    }

    /* The alert that the peer gets goes by the error; a good chain may still be the wrong one. */
    if (X509_STORE_CTX_get_error(chain) == X509_V_OK)
        X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
    log_refusal(trust);
    return 0;
}

void
trust_apply(struct trust *trust, SSL_CTX *context)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set1_cert_store(context, trust->store);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(context, verify, trust);
}

void
trust_forget(struct trust *trust)
{
    trust->report = (struct trust_report){0};
}

const struct trust_report *
trust_report(const struct trust *trust)
{
    return &trust->report;
}

int
trust_pin(struct trust *trust)
{
    if (trust->report.got[0] == '\0')
        return -ENOENT;
    if (trust->report.fault == TRUST_CHANGED || trust->report.fault == TRUST_REFUSED)
        return -EPERM;

    return pins_set(trust->pins_path, trust->where, trust->report.got);
}
