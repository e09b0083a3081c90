/* client/link/url: where a server is. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/link/url.h"
#include "common/util.h"

START_TEST(host_and_port_come_out)
{
    static const struct {
        const char *text, *host;
        int port;
        const char *authority;
    } rows[] = {
        {"https://localhost:8443", "localhost", 8443, "localhost:8443"},
        {"https://Chat.Example.ORG", "chat.example.org", 443, "chat.example.org:443"},
        {"https://chat.example.org/", "chat.example.org", 443, "chat.example.org:443"},
        {"HTTPS://a:1/", "a", 1, "a:1"},
        {"chat.example.org:65535", "chat.example.org", 65535, "chat.example.org:65535"},
        {"https://127.0.0.1:8443", "127.0.0.1", 8443, "127.0.0.1:8443"},
        {"https://[::1]:8443", "::1", 8443, "[::1]:8443"},
        {"https://[2001:DB8::1]", "2001:db8::1", 443, "[2001:db8::1]:443"},
        {"https://my_host-1.lan:08443", "my_host-1.lan", 8443, "my_host-1.lan:8443"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct url url;
        char why[200] = "", authority[URL_AUTHORITY_SIZE];

        ck_assert_msg(url_parse(rows[i].text, &url, why, sizeof(why)) == 0, "%s: %s", rows[i].text,
                      why);
        ck_assert_str_eq(url.host, rows[i].host);
        ck_assert_int_eq(url.port, rows[i].port);
        url_authority(authority, &url);
        ck_assert_str_eq(authority, rows[i].authority);
    }
}
END_TEST

START_TEST(what_is_no_such_url_is_refused_with_a_sentence)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "without a host"},
        {"https://", "without a host"},
        {"https://:8443", "without a host"},
        {"http://localhost", "\"http://\""},
        {"wss://localhost", "\"wss://\""},
        {"https://ann@localhost", "user name"},
        {"https://localhost/chat", "path"},
        {"https://localhost?x=1", "path"},
        {"https://localhost:0", "1-65535"},
        {"https://localhost:65536", "1-65535"},
        {"https://localhost:", "1-65535"},
        {"https://localhost:84 43", "1-65535"},
        {"https://localhost:-1", "1-65535"},
        {"https://localhost:00008443", "1-65535"},
        {"https://lo cal", "malformed"},
        {"https://-x", "malformed"},
        {"https://a..b", "malformed"},
        {"https://caf\xc3\xa9.fr", "malformed"},
        {"https://[::1", "]"},
        {"https://[::1]8443", "1-65535"},
        {"https://[localhost]", "IPv6"},
        {"https://::1", "without a host"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct url url = {.port = 7};
        char why[200] = "";

        ck_assert_msg(url_parse(rows[i].text, &url, why, sizeof(why)) < 0, "%s", rows[i].text);
        ck_assert_msg(strstr(why, rows[i].why) != NULL, "%s: %s", rows[i].text, why);
        ck_assert_int_eq(url.port, 7);
    }
}
END_TEST

START_TEST(host_may_have_253_bytes_and_no_more)
{
    char text[300], why[200];
    struct url url;

    memset(text, 'a', sizeof(text));
    text[254] = '\0';
    ck_assert_int_lt(url_parse(text, &url, why, sizeof(why)), 0);
    text[253] = '\0';
    ck_assert_int_eq(url_parse(text, &url, why, sizeof(why)), 0);
}
END_TEST

START_TEST(addresses_are_told_from_names)
{
    ck_assert(url_host_is_address("127.0.0.1"));
    ck_assert(url_host_is_address("::1"));
    ck_assert(!url_host_is_address("localhost"));
    ck_assert(!url_host_is_address("127.0.0.1.example.org"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("url");
    TCase *all = tcase_create("all");

    tcase_add_test(all, host_and_port_come_out);
    tcase_add_test(all, what_is_no_such_url_is_refused_with_a_sentence);
    tcase_add_test(all, host_may_have_253_bytes_and_no_more);
    tcase_add_test(all, addresses_are_told_from_names);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
