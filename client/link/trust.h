/* Whom the client believes: one object decides for every connection, whichever library makes it.
 *
 * A certificate that verifies (system CAs, or --ca-file) for the host name is good. Another is good
 * when its SHA-256 is the one given by --fingerprint or pinned for this host and port before. An
 * unknown one is pinned after the user said yes. A pinned one that changed is refused, always. */
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#define FINGERPRINT_SIZE       65 /* 64 lower-case hex digits and a NUL */
#define FINGERPRINT_SHOWN_SIZE 96

enum trust_fault {
    TRUST_NONE,
    TRUST_UNKNOWN, /* does not verify, no pin: ask the user, then trust_pin and try again */
    TRUST_CHANGED, /* differs from its pin or from --fingerprint */
    TRUST_REFUSED, /* with --ca-file: does not verify, or another name */
};

/* What the last refused handshake showed, for the screen. */
struct trust_report {
    enum trust_fault fault;
    char got[FINGERPRINT_SIZE];
    char wanted[FINGERPRINT_SIZE]; /* "" where there was no pin */
    char names[256];               /* whom the certificate names, comma-separated, made visible */
    char why[160]; /* "self-signed certificate", "is for chat.example.org, not localhost" */
};

struct trust;

/* pins_path: the file of pins in the state directory, lines "host:port fingerprint"; made when
 * needed. ca_file, fingerprint: may be NULL. NULL with why filled when a file is not good. */
struct trust *trust_create(const char *host, int port, const char *pins_path, const char *ca_file,
                           const char *fingerprint, char *why, size_t why_size);
void trust_destroy(struct trust *trust);

/* Sets CAs, TLS 1.2 as the least and the verify callback, so that this object decides: for the
 * context that lws is given, and for libcurl's from CURLOPT_SSL_CTX_FUNCTION. It must outlive the
 * context's handshakes. */
void trust_apply(struct trust *trust, SSL_CTX *context);

/* As it is shown to people, "AA:BB:…": as the server and openssl(1) write it. */
void fingerprint_show(char dst[FINGERPRINT_SHOWN_SIZE], const char *fingerprint);

/* What it said to the handshake before counts no more: called before each connection. */
void trust_forget(struct trust *trust);

const struct trust_report *trust_report(const struct trust *trust);
/* Keeps report->got as the pin of this host and port, on disk (fsync). 0 or -errno; -EPERM after
 * TRUST_CHANGED and TRUST_REFUSED: that is not a question of a yes. */
int trust_pin(struct trust *trust);
