/* Peers' addresses and trusted proxies. */
#include "server/web/address.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(network_has_what_shares_its_bits)
{
    static const struct {
        const char *network, *address;
        bool has;
    } rows[] = {
        {"10.0.0.0/8", "10.255.1.2", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"192.168.1.128/25", "192.168.1.200", true},
        {"192.168.1.128/25", "192.168.1.100", false},
        {"203.0.113.7", "203.0.113.7", true},
        {"203.0.113.7", "203.0.113.8", false},
        {"0.0.0.0/0", "8.8.8.8", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::1", "::1", true},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::/0", "2001:db8::1", true},
        {"10.0.0.0/8", "::ffff:10.1.2.3", true},
        {"10.0.0.0/8", "no address", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct network network;

        ck_assert_msg(network_parse(rows[i].network, &network) == 0, "%s", rows[i].network);
        ck_assert_msg(network_has(&network, rows[i].address) == rows[i].has, "%s in %s",
                      rows[i].address, rows[i].network);
    }
}
END_TEST

START_TEST(network_parse_refuses_what_is_none)
{
    static const char *const rows[] = {
        "",
        "/8",
        "10.0.0.0/33",
        "::/129",
        "10.0.0/8",
        "localhost",
        "10.0.0.0/",
        "10.0.0.0/ 8",
        "10.0.0.0/-1",
        "10.0.0.0/8x",
        "::1/",
        "1.2.3.4.5",
        "[::1]",
        "10.0.0.0 /8",
        "10.0.0.0/8/8",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    };
    struct network network;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_msg(network_parse(rows[i], &network) < 0, "\"%s\"", rows[i]);
}
END_TEST

START_TEST(address_format_shows_mapped_ipv4_as_ipv4)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    char text[ADDRESS_SIZE];

    inet_pton(AF_INET6, "::ffff:192.0.2.7", &v6.sin6_addr);
    address_format(text, (struct sockaddr *)&v6);
    ck_assert_str_eq(text, "192.0.2.7");
    inet_pton(AF_INET6, "2001:db8::7", &v6.sin6_addr);
    address_format(text, (struct sockaddr *)&v6);
    ck_assert_str_eq(text, "2001:db8::7");
}
END_TEST

START_TEST(address_is_loopback_knows_the_machines_own)
{
    static const struct {
        const char *text;
        bool is;
    } rows[] = {
        {"127.0.0.1", true}, {"127.9.9.9", true},  {"::1", true},
        {"localhost", true}, {"0.0.0.0", false},   {"::", false},
        {"*", false},        {"192.0.2.1", false}, {"example", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_msg(address_is_loopback(rows[i].text) == rows[i].is, "%s", rows[i].text);
}
END_TEST

START_TEST(address_behind_believes_trusted_proxies_alone)
{
    char proxies[] = "10.0.0.0/8", own[] = "::1";
    char *trusted[] = {proxies, own};
    static const struct {
        const char *peer, *forwarded, *expected;
    } rows[] = {
        {"10.0.0.1", "203.0.113.7", "203.0.113.7"},
        {"::1", "203.0.113.7", "203.0.113.7"},
        {"192.0.2.1", "203.0.113.7", "192.0.2.1"},
        {"10.0.0.1", "", "10.0.0.1"},
        {"10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7"},
        {"10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"},
        {"10.0.0.1", "10.0.0.3 , 10.0.0.2", "10.0.0.3"},
        {"10.0.0.1", "203.0.113.7, unknown", "10.0.0.1"},
        {"10.0.0.1", "203.0.113.7,", "10.0.0.1"},
        {"10.0.0.1", ",,,", "10.0.0.1"},
        {"10.0.0.1", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "10.0.0.1"},
    };
    char found[ADDRESS_SIZE];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        address_behind(found, rows[i].peer, rows[i].forwarded, trusted, 2);
        ck_assert_msg(strcmp(found, rows[i].expected) == 0, "%s behind %s: %s", rows[i].forwarded,
                      rows[i].peer, found);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("address");
    TCase *tcase = tcase_create("address");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, network_has_what_shares_its_bits);
    tcase_add_test(tcase, network_parse_refuses_what_is_none);
    tcase_add_test(tcase, address_format_shows_mapped_ipv4_as_ipv4);
    tcase_add_test(tcase, address_is_loopback_knows_the_machines_own);
    tcase_add_test(tcase, address_behind_believes_trusted_proxies_alone);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
