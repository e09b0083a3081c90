/* What a ClientHello offers. Real ones are OpenSSL's. */
#include "server/web/client_hello.h"

#include "common/util.h"

#include <check.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

struct hello {
    uint8_t bytes[4096];
    size_t len;
};

/* alpn: as it travels, a length before each name; "" for none. */
static void
make_hello(struct hello *hello, const char *alpn)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    BIO *out = BIO_new(BIO_s_mem());
    int len;

    if (alpn[0] != '\0')
        ck_assert_int_eq(
            SSL_set_alpn_protos(ssl, (const unsigned char *)alpn, (unsigned)strlen(alpn)), 0);
    SSL_set_tlsext_host_name(ssl, "localhost");
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
    SSL_set_connect_state(ssl);
    SSL_do_handshake(ssl);
    len = BIO_read(out, hello->bytes, sizeof(hello->bytes));
    ck_assert_int_gt(len, 100);
    hello->len = (size_t)len;
    SSL_free(ssl);
    SSL_CTX_free(context);
}

START_TEST(h2_is_found_wherever_it_stands)
{
    static const struct {
        const char *alpn;
        enum client_hello expected;
    } rows[] = {
        {"\x02h2", CLIENT_HELLO_H2},
        {"\x02h2\x08http/1.1", CLIENT_HELLO_H2},
        {"\x08http/1.1\x02h2", CLIENT_HELLO_H2},
        {"\x08http/1.1", CLIENT_HELLO_OTHER},
        {"\x02h3\x03h2c", CLIENT_HELLO_OTHER},
        {"\x01h\x01"
         "2",
         CLIENT_HELLO_OTHER},
        {"", CLIENT_HELLO_OTHER},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct hello hello;

        make_hello(&hello, rows[i].alpn);
        ck_assert_msg(client_hello_look(hello.bytes, hello.len) == rows[i].expected, "row %zu", i);
    }
}
END_TEST

START_TEST(a_beginning_wants_more_until_it_can_be_told)
{
    struct hello hello;
    size_t told = 0;

    make_hello(&hello, "\x08http/1.1\x02h2");
    for (size_t len = 0; len <= hello.len; len++) {
        enum client_hello verdict = client_hello_look(hello.bytes, len);

        ck_assert_msg(verdict != CLIENT_HELLO_OTHER, "%zu bytes", len);
        if (verdict == CLIENT_HELLO_H2 && told == 0)
            told = len;
        ck_assert_msg(told == 0 || verdict == CLIENT_HELLO_H2, "%zu bytes", len);
    }
    ck_assert_uint_gt(told, 100);
}
END_TEST

/* Each record carries size bytes of the handshake. */
static void
split(struct hello *dst, const struct hello *hello, size_t size)
{
    dst->len = 0;
    for (size_t at = 5; at < hello->len; at += size) {
        size_t part = MIN(size, hello->len - at);
        const uint8_t head[] = {22, 3, 1, (uint8_t)(part >> 8), (uint8_t)part};

        ck_assert_uint_lt(dst->len + sizeof(head) + part, sizeof(dst->bytes));
        memcpy(dst->bytes + dst->len, head, sizeof(head));
        memcpy(dst->bytes + dst->len + sizeof(head), hello->bytes + at, part);
        dst->len += sizeof(head) + part;
    }
}

START_TEST(a_hello_may_come_in_several_records)
{
    for (size_t size = 1; size < 300; size++) {
        struct hello hello, parts;

        make_hello(&hello, "\x08http/1.1\x02h2");
        split(&parts, &hello, size);
        ck_assert_msg(client_hello_look(parts.bytes, parts.len) == CLIENT_HELLO_H2, "size %zu",
                      size);
        ck_assert_msg(client_hello_look(parts.bytes, 60) == CLIENT_HELLO_MORE, "size %zu", size);
    }
}
END_TEST

START_TEST(what_is_no_hello_is_told_by_its_first_bytes)
{
    static const struct {
        const char *bytes;
        size_t len;
    } rows[] = {
        {"G", 1},
        {"GET / HTTP/1.1\r\n", 16},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24},
        {"\x16\x02", 2},
        {"\x15\x03\x01\x00\x02\x02\x28", 7},
        {"\x16\x03\x01\x00\x00", 5},
        {"\x16\x03\x01\xff\xff", 5},
        {"\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9},
        {"\x16\x03\x01\x00\x04\x01\x00\x00\x05", 9},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(client_hello_look((const uint8_t *)rows[i].bytes, rows[i].len) ==
                          CLIENT_HELLO_OTHER,
                      "row %zu", i);
    ck_assert_int_eq(client_hello_look(NULL, 0), CLIENT_HELLO_MORE);
}
END_TEST

/* Lengths inside that reach beyond what holds them. */
START_TEST(one_bad_byte_never_reads_beyond_the_end)
{
    struct hello hello;

    make_hello(&hello, "\x08http/1.1\x02h2");
    for (size_t at = 0; at < hello.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            uint8_t *copy = xmalloc(hello.len);

            memcpy(copy, hello.bytes, hello.len);
            copy[at] ^= (uint8_t)(1U << bit);
            client_hello_look(copy, hello.len);
            free(copy);
        }
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("client_hello");
    TCase *tcase = tcase_create("client_hello");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, h2_is_found_wherever_it_stands);
    tcase_add_test(tcase, a_beginning_wants_more_until_it_can_be_told);
    tcase_add_test(tcase, a_hello_may_come_in_several_records);
    tcase_add_test(tcase, what_is_no_hello_is_told_by_its_first_bytes);
    tcase_add_test(tcase, one_bad_byte_never_reads_beyond_the_end);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
