/* client/link/proxy: which proxy stands between, and what its URL says. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/link/proxy.h"
#include "common/util.h"

START_TEST(urls_are_taken_apart)
{
    static const struct {
        const char *text, *host;
        int port;
        const char *user, *password;
    } rows[] = {
        {"http://proxy.example:3128", "proxy.example", 3128, "", ""},
        {"proxy:8080/", "proxy", 8080, "", ""},
        {"HTTP://Proxy", "proxy", 80, "", ""},
        {"http://[::1]:3128", "::1", 3128, "", ""},
        {"http://[::1]", "::1", 80, "", ""},
        {"http://ann@p:1", "p", 1, "ann", ""},
        {"http://ann:secret@p:1", "p", 1, "ann", "secret"},
        {"ann:a:b@p:1", "p", 1, "ann", "a:b"},
        {"http://a%40b:%25%3a%2F%c3%bc@p:1", "p", 1, "a@b", "%:/\xc3\xbc"},
        {"http://a:p@ss@p:1", "p", 1, "a", "p@ss"},
        {"none", "", 0, "", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct proxy proxy;
        char why[200] = "";
        ck_assert_msg(proxy_parse(rows[i].text, &proxy, why, sizeof(why)) == 0, "%s: %s",
                      rows[i].text, why);
        ck_assert_msg(strcmp(proxy.host, rows[i].host) == 0 && proxy.port == rows[i].port &&
                          strcmp(proxy.user, rows[i].user) == 0 &&
                          strcmp(proxy.password, rows[i].password) == 0,
                      "%s: %s %d %s %s", rows[i].text, proxy.host, proxy.port, proxy.user,
                      proxy.password);
        ck_assert_int_eq(proxy_is_used(&proxy), rows[i].host[0] != '\0');
    }
}
END_TEST

START_TEST(bad_urls_are_told_without_their_password)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"https://p:1", "begins with \"https://\""},
        {"socks5://ann:secret@p:1", "begins with \"socks5://\""},
        {"http://ann:secret@", "wanted http://"},
        {"http://ann:secret@p:99999", "wanted http://"},
        {"http://ann:secret@p/path", "wanted http://"},
        {"http://ann:secret%@p:1", "malformed"},
        {"http://ann:secret%4@p:1", "malformed"},
        {"http://ann:secret%zz@p:1", "malformed"},
        {"http://ann:secret%0a@p:1", "malformed"},
        {"http://ann:secret%00@p:1", "malformed"},
        {"http://a%3ab:secret@p:1", "malformed"},
        {"http://:secret@p:1", "malformed"},
        {"http://"
         "ann:"
         "secret01234567890123456789012345678901234567890123456789012345678901234567890123456789"
         "01234567890123456789@p:1",
         "at most 94 bytes"},
        {"", "wanted http://"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct proxy proxy = {.host = "before"};
        char why[200] = "";
        ck_assert_msg(proxy_parse(rows[i].text, &proxy, why, sizeof(why)) == -EINVAL, "%s",
                      rows[i].text);
        ck_assert_msg(strstr(why, rows[i].why) != NULL, "%s: %s", rows[i].text, why);
        ck_assert_msg(strstr(why, "secret") == NULL, "%s", why);
        ck_assert_str_eq(proxy.host, "before");
    }
}
END_TEST

START_TEST(option_wins_over_the_environment)
{
    static const struct {
        const char *given, *https_proxy, *all_proxy, *no_proxy, *chosen;
    } rows[] = {
        {NULL, NULL, NULL, NULL, ""},
        {NULL, "h:1", "a:1", NULL, "h"},
        {NULL, "", "a:1", NULL, "a"},
        {NULL, NULL, "a:1", "other", "a"},
        {NULL, "h:1", NULL, "chat.example.org", ""},
        {"g:1", "h:1", "a:1", "*", "g"},
        {"none", "h:1", "a:1", NULL, ""},
        {NULL, "", "", "", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct proxy_environment environment = {rows[i].https_proxy, rows[i].all_proxy,
                                                      rows[i].no_proxy};
        struct proxy proxy;
        char why[200] = "";
        ck_assert_int_eq(
            proxy_choose(rows[i].given, &environment, "chat.example.org", &proxy, why, sizeof(why)),
            0);
        ck_assert_msg(strcmp(proxy.host, rows[i].chosen) == 0, "row %zu: %s", i, proxy.host);
    }
}
END_TEST

START_TEST(bad_variables_are_named)
{
    const struct proxy_environment environment = {.all_proxy = "socks5://p:1"};
    struct proxy proxy;
    char why[200] = "";

    ck_assert_int_eq(proxy_choose(NULL, &environment, "h", &proxy, why, sizeof(why)), -EINVAL);
    ck_assert_ptr_eq(strstr(why, "all_proxy: proxy begins with"), why);
}
END_TEST

START_TEST(no_proxy_knows_names_suffixes_addresses_and_networks)
{
    static const struct {
        const char *no_proxy, *host;
        bool is_listed;
    } rows[] = {
        {"chat.example.org", "chat.example.org", true},
        {"Chat.Example.ORG", "chat.example.org", true},
        {"example.org", "chat.example.org", true},
        {".example.org", "chat.example.org", true},
        {".example.org", "example.org", true},
        {"ample.org", "example.org", false},
        {"hat.example.org", "chat.example.org", false},
        {"chat.example.org", "example.org", false},
        {"*", "anything", true},
        {"*", "::1", true},
        {"*.org", "example.org", false},
        {"a, b,,c", "c", true},
        {"a b\tc", "b", true},
        {",", "a", false},
        {".", "a", false},
        {"localhost", "localhost", true},
        {"127.0.0.1", "127.0.0.1", true},
        {"127.0.0.1", "127.0.0.2", false},
        {"0.1", "127.0.0.1", false}, /* an address has no suffix */
        {"10.0.0.0/8", "10.200.3.4", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"192.168.4.0/22", "192.168.7.255", true},
        {"192.168.4.0/22", "192.168.8.0", false},
        {"0.0.0.0/0", "1.2.3.4", true},
        {"1.2.3.4/33", "1.2.3.4", false},
        {"1.2.3.4/", "1.2.3.4", false},
        {"10.0.0.0/8", "10.example.org", false},
        {"::1", "::1", true},
        {"[::1]", "::1", true},
        {"0:0::1", "::1", true},
        {"fd00::/8", "fd12:3::4", true},
        {"fd00::/8", "fe12:3::4", false},
        {"::/0", "127.0.0.1", false},
        {"[", "::1", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct proxy_environment environment = {.https_proxy = "p:1",
                                                      .no_proxy = rows[i].no_proxy};
        struct proxy proxy;
        char why[200] = "";
        ck_assert_int_eq(proxy_choose(NULL, &environment, rows[i].host, &proxy, why, sizeof(why)),
                         0);
        ck_assert_msg(proxy_is_used(&proxy) != rows[i].is_listed, "\"%s\" for %s", rows[i].no_proxy,
                      rows[i].host);
    }
}
END_TEST

START_TEST(environment_is_read_in_small_letters_first)
{
    struct proxy_environment environment;

    unsetenv("https_proxy");
    setenv("HTTPS_PROXY", "big:1", 1);
    setenv("all_proxy", "small:1", 1);
    setenv("ALL_PROXY", "big:1", 1);
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
    proxy_environment_read(&environment);
    ck_assert_str_eq(environment.https_proxy, "big:1");
    ck_assert_str_eq(environment.all_proxy, "small:1");
    ck_assert_ptr_null(environment.no_proxy);
}
END_TEST

START_TEST(refusals_say_that_it_was_the_proxy)
{
    static const struct {
        int status;
        const char *user, *why;
    } rows[] = {
        {407, "", "the proxy p:3128 wants a user name and a password (407)"},
        {407, "ann", "the proxy p:3128 refuses the user name and password (407)"},
        {403, "", "the proxy p:3128 does not allow this server (403)"},
        {502, "", "the proxy p:3128 does not reach the server (502)"},
        {405, "", "the proxy p:3128 opens no tunnel (405)"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct proxy proxy = {.host = "p", .port = 3128, .password = "secret"};
        char why[200];
        str_copy(proxy.user, sizeof(proxy.user), rows[i].user);
        proxy_say_status(&proxy, rows[i].status, why, sizeof(why));
        ck_assert_str_eq(why, rows[i].why);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("proxy");
    TCase *all = tcase_create("all");

    tcase_add_test(all, urls_are_taken_apart);
    tcase_add_test(all, bad_urls_are_told_without_their_password);
    tcase_add_test(all, option_wins_over_the_environment);
    tcase_add_test(all, bad_variables_are_named);
    tcase_add_test(all, no_proxy_knows_names_suffixes_addresses_and_networks);
    tcase_add_test(all, environment_is_read_in_small_letters_first);
    tcase_add_test(all, refusals_say_that_it_was_the_proxy);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
