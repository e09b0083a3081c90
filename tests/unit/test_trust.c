/* client/link/trust: whom the client believes, in real handshakes in memory. */
#include <check.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/link/trust.h"
#include "common/log.h"
#include "common/util.h"
#include "tests/support/certificate.h"
#include "tests/support/temp_dir.h"

static char dir[TEMP_DIR_SIZE], pins[TEMP_PATH_SIZE], ca_file[TEMP_PATH_SIZE];
static struct certificate ca, good, other_ca, stranger, expired, self_made;

static void
make_all(void)
{
    certificate_make(&ca, "Test CA", NULL, NULL, 10);
    certificate_make(&other_ca, "Test CA", NULL, NULL, 10);
    certificate_make(&good, "chat", "DNS:localhost,DNS:*.example.org,IP:127.0.0.1,IP:::1", &ca, 10);
    certificate_make(&stranger, "chat", "DNS:localhost", &other_ca, 10);
    certificate_make(&expired, "chat", "DNS:localhost", &ca, -1);
    certificate_make(&self_made, "localhost", "DNS:localhost,IP:127.0.0.1", NULL, 10);
}

static void
set_up(void)
{
    log_open("/dev/null");
    temp_dir_make(dir);
    temp_path(pins, dir, "pins");
    temp_path(ca_file, dir, "ca.pem");
    make_all();
    certificate_write(&ca, ca_file);
}

static void
tear_down(void)
{
    struct certificate *all[] = {&ca, &good, &other_ca, &stranger, &expired, &self_made};

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        certificate_fini(all[i]);
    temp_dir_remove(dir);
}

static struct trust *
create(const char *host, const char *use_ca_file, const char *fingerprint)
{
    char why[300] = "";
    struct trust *trust =
        trust_create(host, 8443, pins, use_ca_file, fingerprint, why, sizeof(why));

    ck_assert_msg(trust != NULL, "%s", why);
    return trust;
}

static SSL *
new_side(SSL_CTX *context)
{
    SSL *ssl = SSL_new(context);

    SSL_CTX_free(context);
    return ssl;
}

static SSL *
new_server(const struct certificate *certificate, int tls_max)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    SSL_CTX_use_certificate(context, certificate->x509);
    SSL_CTX_use_PrivateKey(context, certificate->key);
    if (tls_max != 0) {
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_min_proto_version(context, 0);
        SSL_CTX_set_max_proto_version(context, tls_max);
    }
    SSL *ssl = new_side(context);
    SSL_set_accept_state(ssl);
    return ssl;
}

static SSL *
new_client(struct trust *trust)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    trust_apply(trust, context);
    SSL *ssl = new_side(context);
    SSL_set_connect_state(ssl);
    return ssl;
}

/* Whether the client comes to believe the server. */
static bool
shake_hands(struct trust *trust, const struct certificate *certificate, int tls_max)
{
    SSL *client = new_client(trust), *server = new_server(certificate, tls_max);
    BIO *client_bio, *server_bio;
    bool is_done = false;

    BIO_new_bio_pair(&client_bio, 0, &server_bio, 0);
    SSL_set_bio(client, client_bio, client_bio);
    SSL_set_bio(server, server_bio, server_bio);
    for (int i = 0; i < 10 && !is_done; i++) {
        is_done = SSL_do_handshake(client) == 1;
        SSL_do_handshake(server);
    }
    if (is_done)
        ck_assert_int_eq(SSL_get_verify_result(client), X509_V_OK);

    SSL_free(client);
    SSL_free(server);
    ERR_clear_error();
    return is_done;
}

static enum trust_fault
fault_of(struct trust *trust, const struct certificate *certificate)
{
    bool is_good = shake_hands(trust, certificate, 0);
    enum trust_fault fault = trust_report(trust)->fault;

    ck_assert_int_eq(is_good, fault == TRUST_NONE);
    return fault;
}

START_TEST(ca_file_decides_by_chain_and_name)
{
    static const struct {
        const char *host;
        const struct certificate *certificate;
        enum trust_fault fault;
        const char *why;
    } rows[] = {
        {"localhost", &good, TRUST_NONE, ""},
        {"chat.example.org", &good, TRUST_NONE, ""},
        {"127.0.0.1", &good, TRUST_NONE, ""},
        {"::1", &good, TRUST_NONE, ""},
        {"127.0.0.2", &good, TRUST_REFUSED, "not 127.0.0.2"},
        {"example.org", &good, TRUST_REFUSED, "not example"},
        {"a.b.example.org", &good, TRUST_REFUSED, "not a.b.examp"},
        {"chat", &good, TRUST_REFUSED, "is for localho"},
        {"localhost", &stranger, TRUST_REFUSED, "certificate"},
        {"localhost", &expired, TRUST_REFUSED, "expired"},
        {"localhost", &self_made, TRUST_REFUSED, "self-signed"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct trust *trust = create(rows[i].host, ca_file, NULL);
        const struct trust_report *report = trust_report(trust);

        ck_assert_msg(fault_of(trust, rows[i].certificate) == rows[i].fault, "row %zu: %d %s", i,
                      report->fault, report->why);
        ck_assert_msg(strstr(report->why, rows[i].why) != NULL, "row %zu: %s", i, report->why);
        if (rows[i].fault != TRUST_NONE) {
            ck_assert_str_eq(report->got, rows[i].certificate->fingerprint);
            ck_assert_int_lt(trust_pin(trust), 0);
        }
        trust_destroy(trust);
    }
}
END_TEST

START_TEST(unknown_is_asked_about_pinned_and_then_good)
{
    struct trust *trust = create("localhost", NULL, NULL);
    struct stat info;

    ck_assert_int_eq(fault_of(trust, &self_made), TRUST_UNKNOWN);
    ck_assert_str_eq(trust_report(trust)->got, self_made.fingerprint);
    ck_assert_str_eq(trust_report(trust)->wanted, "");
    ck_assert_str_eq(trust_report(trust)->names, "localhost, 127.0.0.1");
    ck_assert_ptr_nonnull(strstr(trust_report(trust)->why, "self-signed"));
    ck_assert_int_eq(trust_pin(trust), 0);
    ck_assert_int_eq(fault_of(trust, &self_made), TRUST_NONE);
    trust_destroy(trust);

    ck_assert_int_eq(stat(pins, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
    trust = create("localhost", NULL, NULL);
    ck_assert_int_eq(fault_of(trust, &self_made), TRUST_NONE);
    trust_destroy(trust);

    trust = create("other", NULL, NULL); /* a pin is for one host and port */
    ck_assert_int_eq(fault_of(trust, &self_made), TRUST_UNKNOWN);
    trust_destroy(trust);
}
END_TEST

START_TEST(changed_pin_is_refused_with_both_fingerprints)
{
    struct trust *trust = create("localhost", NULL, NULL);

    fault_of(trust, &self_made);
    ck_assert_int_eq(trust_pin(trust), 0);
    ck_assert_int_eq(fault_of(trust, &stranger), TRUST_CHANGED);
    ck_assert_str_eq(trust_report(trust)->got, stranger.fingerprint);
    ck_assert_str_eq(trust_report(trust)->wanted, self_made.fingerprint);
    ck_assert_int_eq(trust_pin(trust), -EPERM);
    ck_assert_int_eq(fault_of(trust, &self_made), TRUST_NONE);
    trust_destroy(trust);
}
END_TEST

START_TEST(fingerprint_decides_alone_and_becomes_the_pin)
{
    char colons[128] = "", *at = colons;

    for (int i = 0; i < 32; i++)
        at +=
            snprintf(at, 4, "%s%c%c", i > 0 ? ":" : "",
                     (char)(self_made.fingerprint[2 * i] >= 'a' ? self_made.fingerprint[2 * i] - 32
                                                                : self_made.fingerprint[2 * i]),
                     self_made.fingerprint[2 * i + 1]);

    struct trust *trust = create("elsewhere", ca_file, colons);
    ck_assert_int_eq(fault_of(trust, &self_made), TRUST_NONE);
    ck_assert_int_eq(fault_of(trust, &good), TRUST_CHANGED);
    ck_assert_str_eq(trust_report(trust)->wanted, self_made.fingerprint);
    ck_assert_int_eq(trust_pin(trust), -EPERM);
    trust_destroy(trust);

    trust = create("elsewhere", NULL, NULL);
    ck_assert_int_eq(fault_of(trust, &self_made), TRUST_NONE);
    ck_assert_int_eq(fault_of(trust, &stranger), TRUST_CHANGED);
    trust_destroy(trust);

    trust = create("elsewhere", NULL, stranger.fingerprint); /* the way out after a change */
    ck_assert_int_eq(fault_of(trust, &stranger), TRUST_NONE);
    trust_destroy(trust);
    trust = create("elsewhere", NULL, NULL);
    ck_assert_int_eq(fault_of(trust, &stranger), TRUST_NONE);
    trust_destroy(trust);
}
END_TEST

START_TEST(pinning_leaves_other_pins_alone)
{
    struct trust *trust = create("one", NULL, NULL);

    fault_of(trust, &self_made);
    trust_pin(trust);
    trust_destroy(trust);
    trust = create("two", NULL, NULL);
    fault_of(trust, &stranger);
    trust_pin(trust);
    trust_destroy(trust);

    trust = create("one", NULL, NULL);
    ck_assert_int_eq(fault_of(trust, &self_made), TRUST_NONE);
    trust_destroy(trust);
    trust = create("two", NULL, NULL);
    ck_assert_int_eq(fault_of(trust, &stranger), TRUST_NONE);
    trust_destroy(trust);
}
END_TEST

START_TEST(hostile_names_are_made_visible)
{
    struct certificate hostile;
    struct trust *trust = create("localhost", NULL, NULL);

    certificate_make(&hostile,
                     "a\x1b[31m\xe2\x80\xae"
                     "b",
                     NULL, NULL, 10);
    ck_assert_int_eq(fault_of(trust, &hostile), TRUST_UNKNOWN);
    ck_assert_ptr_null(strchr(trust_report(trust)->names, '\x1b'));
    ck_assert_ptr_null(strstr(trust_report(trust)->names, "\xe2\x80\xae"));
    certificate_fini(&hostile);
    trust_destroy(trust);
}
END_TEST

START_TEST(tls_older_than_1_2_is_refused)
{
    struct trust *trust = create("localhost", ca_file, NULL);

    ck_assert(!shake_hands(trust, &good, TLS1_1_VERSION));
    ck_assert(shake_hands(trust, &good, TLS1_2_VERSION));
    trust_destroy(trust);
}
END_TEST

static void
write_pins(const char *text)
{
    int fd = open(pins, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
    close(fd);
}

START_TEST(bad_files_are_told)
{
    static const char *const texts[] = {"garbage\n", "localhost:8443 12\n", " \n", "\n",
                                        "localhost:8443\n"};
    char why[300];

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        write_pins(texts[i]);
        why[0] = '\0';
        ck_assert_ptr_null(trust_create("localhost", 8443, pins, NULL, NULL, why, sizeof(why)));
        ck_assert_msg(strstr(why, "line 1") != NULL, "row %zu: %s", i, why);
    }

    write_pins("");
    ck_assert_ptr_null(trust_create("localhost", 8443, pins, "/none", NULL, why, sizeof(why)));
    ck_assert_ptr_nonnull(strstr(why, "/none"));
    ck_assert_ptr_null(trust_create("localhost", 8443, pins, pins, NULL, why, sizeof(why)));
    ck_assert_ptr_nonnull(strstr(why, "PEM"));
    ck_assert_ptr_null(trust_create("localhost", 8443, pins, NULL, "12:34", why, sizeof(why)));
    ck_assert_ptr_nonnull(strstr(why, "64 hex digits"));
}
END_TEST

START_TEST(damaged_pins_never_turn_changed_into_unknown)
{
    struct trust *trust = create("localhost", NULL, NULL);

    write_pins("localhost:8443 nonsense\n");
    ck_assert_int_eq(fault_of(trust, &self_made), TRUST_REFUSED);
    ck_assert_ptr_nonnull(strstr(trust_report(trust)->why, "malformed"));
    trust_destroy(trust);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("trust");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, ca_file_decides_by_chain_and_name);
    tcase_add_test(all, unknown_is_asked_about_pinned_and_then_good);
    tcase_add_test(all, changed_pin_is_refused_with_both_fingerprints);
    tcase_add_test(all, fingerprint_decides_alone_and_becomes_the_pin);
    tcase_add_test(all, pinning_leaves_other_pins_alone);
    tcase_add_test(all, hostile_names_are_made_visible);
    tcase_add_test(all, tls_older_than_1_2_is_refused);
    tcase_add_test(all, bad_files_are_told);
    tcase_add_test(all, damaged_pins_never_turn_changed_into_unknown);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
