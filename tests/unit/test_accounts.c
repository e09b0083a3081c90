/* server/chat/accounts: who has a name, and how a password is kept. */
#include "server/chat/accounts.h"

#include "server/chat/password.h"
#include "tests/unit/chat_world.h"

#include <check.h>
#include <errno.h>

static const struct scrypt_cost cheap = {.n = 16, .r = 1, .p = 1};

static void
apply(struct accounts *accounts, const char *key, const char *value)
{
    struct record record = {.value = value == NULL ? NULL : xstrdup(value)};

    snprintf(record.key, sizeof(record.key), "%s", key);
    accounts_apply(accounts, &record);
    record_fini(&record);
}

START_TEST(account_comes_back_as_it_was_recorded)
{
    struct accounts *accounts = accounts_create();
    struct account account = {.created_ms = 1234}, found;
    struct record record;

    identity_make(&account.identity, "gus", true, 4120);
    ck_assert_int_eq(password_hash_at(account.password_hash, "correct horse", &cheap), 0);
    account_record(&account, &record);
    ck_assert_str_eq(record.key, "user/gus");
    accounts_apply(accounts, &record);
    record_fini(&record);

    ck_assert_int_eq(accounts_find(accounts, "gus", &found), 0);
    ck_assert_str_eq(found.identity.name, "gus");
    ck_assert_str_eq(found.identity.owner, "gus~4120");
    ck_assert(found.identity.guest);
    ck_assert_uint_eq(found.identity.since, 4120);
    ck_assert_int_eq(found.created_ms, 1234);
    ck_assert_str_eq(found.password_hash, account.password_hash);
    accounts_destroy(accounts);
}
END_TEST

START_TEST(guest_is_claimed_by_the_secret_it_gave_and_by_no_other)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    struct accounts *accounts = accounts_create();
    struct account account = {.created_ms = 1}, found;
    struct record record;

    identity_make(&account.identity, "gus", true, 7);
    ck_assert_msg(!account_is_claimed_by(&account, NULL), "by nothing, where nothing was given");
    ck_assert(!account_is_claimed_by(&account, secret));
    account_set_claim(&account, NULL);
    ck_assert(!account_is_claimed_by(&account, NULL) && !account_is_claimed_by(&account, ""));

    account_set_claim(&account, secret);
    account_record(&account, &record);
    ck_assert_msg(strstr(record.value, secret) == NULL, "%s", record.value);
    accounts_apply(accounts, &record);
    record_fini(&record);
    ck_assert_int_eq(accounts_find(accounts, "gus", &found), 0);
    ck_assert(account_is_claimed_by(&found, secret));
    ck_assert(!account_is_claimed_by(&found, "0123456789abcdef0123456789abcdeF"));
    ck_assert(!account_is_claimed_by(&found, found.claim_hash));
    ck_assert(!account_is_claimed_by(&found, "") && !account_is_claimed_by(&found, NULL));
    accounts_destroy(accounts);
}
END_TEST

START_TEST(account_is_there_until_its_record_goes)
{
    struct accounts *accounts = accounts_create();
    struct account found;
    struct record gone;

    apply(accounts, "user/ann", "{\"guest\":false,\"since\":0,\"password\":\"\",\"created\":1}");
    ck_assert(accounts_have(accounts, "ann"));
    apply(accounts, "user/ann", "{\"guest\":false,\"since\":0,\"password\":\"x\",\"created\":1}");
    ck_assert_int_eq(accounts_find(accounts, "ann", &found), 0);
    ck_assert_str_eq(found.password_hash, "x");
    ck_assert_msg(!account_is_claimed_by(&found, NULL), "a record of before there were claims");
    ck_assert_str_eq(found.identity.owner, "ann");

    account_record_gone("ann", &gone);
    accounts_apply(accounts, &gone);
    ck_assert(!accounts_have(accounts, "ann"));
    ck_assert_int_eq(accounts_find(accounts, "ann", &found), -ENOENT);
    accounts_apply(accounts, &gone);
    accounts_destroy(accounts);
}
END_TEST

START_TEST(other_and_unreadable_records_are_passed_over)
{
    static const char *const rows[][2] = {
        {"session/ann", "{\"guest\":false,\"since\":0,\"password\":\"\",\"created\":1}"},
        {"user/Ann", "{\"guest\":false,\"since\":0,\"password\":\"\",\"created\":1}"},
        {"user/ann", "{\"guest\":false,\"since\":0,\"password\":\"\"}"},
        {"user/ann", "{\"guest\":false,\"since\":-1,\"password\":\"\",\"created\":1}"},
        {"user/ann", "{\"guest\":false,\"since\":0,\"created\":1}"},
        {"user/ann", "[]"},
        {"user/ann", "{"},
    };
    struct accounts *accounts = accounts_create();

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        apply(accounts, rows[i][0], rows[i][1]);
        ck_assert_msg(!accounts_have(accounts, "ann") && !accounts_have(accounts, "Ann"), "row %zu",
                      i);
    }
    accounts_destroy(accounts);
}
END_TEST

START_TEST(load_reads_every_account_and_tells_of_a_bad_one)
{
    struct world world;

    world_init(&world);
    world_add_user(&world, "ann", false);
    world_add_user(&world, "bob", true);

    struct accounts *loaded = accounts_create();
    ck_assert_int_eq(accounts_load(loaded, world.store), 0);
    ck_assert(accounts_have(loaded, "ann") && accounts_have(loaded, "bob"));

    struct append_item item = {.kind = APPEND_RECORD, .record = {.key = "user/cyd"}};
    item.record.value = xstrdup("{}");
    world_append(&world, &item, 1);
    record_fini(&item.record);
    ck_assert_int_eq(accounts_load(loaded, world.store), -EBADMSG);
    accounts_destroy(loaded);
    world_fini(&world);
}
END_TEST

START_TEST(password_matches_its_own_hash_only)
{
    char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];

    ck_assert_int_eq(password_hash_at(hash, "correct horse", &cheap), 0);
    ck_assert_int_eq(password_hash_at(again, "correct horse", &cheap), 0);
    ck_assert_msg(strncmp(hash, "scrypt$16$1$1$", 14) == 0, "%s", hash);
    ck_assert_str_ne(hash, again);
    ck_assert(password_matches(hash, "correct horse"));
    ck_assert(password_matches(again, "correct horse"));
    ck_assert(!password_matches(hash, "correct horsf"));
    ck_assert(!password_matches(hash, ""));
}
END_TEST

/* The vectors of RFC 7914 section 12 have salts of other lengths; this one was made
 * with hashlib.scrypt(b"correct horse", salt=bytes(range(16)), n=16, r=1, p=1, dklen=32). */
START_TEST(hash_of_another_scrypt_matches)
{
    ck_assert(password_matches("scrypt$16$1$1$000102030405060708090a0b0c0d0e0f$"
                               "1889a062a641a7ee82c9305a9f94791360f4395f4af2fb01e35c5d29bf3edf14",
                               "correct horse"));
}
END_TEST

START_TEST(what_is_no_hash_matches_nothing)
{
    static const char *const rows[] = {
        "",
        "scrypt",
        "scrypt$16$1$1$00$00",
        "bcrypt$16$1$1$000102030405060708090a0b0c0d0e0f$00",
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(!password_matches(rows[i], "correct horse"), "%s", rows[i]);
}
END_TEST

START_TEST(cost_that_would_eat_the_machine_is_refused)
{
    static const struct scrypt_cost rows[] = {
        {.n = 0, .r = 8, .p = 1},        {.n = 17, .r = 8, .p = 1},
        {.n = 1 << 15, .r = 0, .p = 1},  {.n = 1 << 15, .r = 8, .p = 0},
        {.n = 1 << 21, .r = 1, .p = 1},  {.n = 1 << 20, .r = 32, .p = 1},
        {.n = 1 << 15, .r = 8, .p = 99}, {.n = 1ull << 63, .r = 8, .p = 1},
    };
    char hash[PASSWORD_HASH_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(password_hash_at(hash, "correct horse", &rows[i]) == -EINVAL, "row %zu", i);
}
END_TEST

START_TEST(default_cost_is_what_is_promised)
{
    char hash[PASSWORD_HASH_SIZE];

    ck_assert_int_eq(password_hash(hash, "correct horse"), 0);
    ck_assert_msg(strncmp(hash, "scrypt$32768$8$1$", 17) == 0, "%s", hash);
    ck_assert(password_matches(hash, "correct horse"));
}
END_TEST

START_TEST(password_keeps_its_rule)
{
    char longest[PASSWORD_MAX + 2];

    ck_assert(strstr(password_fault("1234567"), "at least 8") != NULL);
    ck_assert(password_fault("12345678") == NULL);
    memset(longest, 'x', sizeof(longest));
    longest[PASSWORD_MAX] = '\0';
    ck_assert(password_fault(longest) == NULL);
    longest[PASSWORD_MAX] = 'x';
    longest[PASSWORD_MAX + 1] = '\0';
    ck_assert(strstr(password_fault(longest), "at most 256") != NULL);
}
END_TEST

static Suite *
accounts_suite(void)
{
    Suite *suite = suite_create("accounts");
    TCase *facts = tcase_create("facts");

    tcase_add_test(facts, account_comes_back_as_it_was_recorded);
    tcase_add_test(facts, guest_is_claimed_by_the_secret_it_gave_and_by_no_other);
    tcase_add_test(facts, account_is_there_until_its_record_goes);
    tcase_add_test(facts, other_and_unreadable_records_are_passed_over);
    tcase_add_test(facts, load_reads_every_account_and_tells_of_a_bad_one);
    tcase_add_test(facts, password_matches_its_own_hash_only);
    tcase_add_test(facts, hash_of_another_scrypt_matches);
    tcase_add_test(facts, what_is_no_hash_matches_nothing);
    tcase_add_test(facts, cost_that_would_eat_the_machine_is_refused);
    tcase_add_test(facts, default_cost_is_what_is_promised);
    tcase_add_test(facts, password_keeps_its_rule);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(accounts_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
