/* server/chat/people: who is there, and what of it is news. */
#include "server/chat/people.h"

#include "common/clock.h"
#include "common/util.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define GRACE_MS 45000

static struct people *people;

static void
set_up(void)
{
    clock_set(0, 1000);
    people = people_create(GRACE_MS);
}

static void
tear_down(void)
{
    people_destroy(people);
    clock_release();
}

static void
enter(const char *user)
{
    struct identity who;

    identity_make(&who, user, false, 0);
    people_enter(people, &who);
}

/* "ann online, bob away lunch": what a round tells. */
static const char *
news(void)
{
    static char text[1000];
    struct people_change changes[10];
    size_t count = people_changes(people, changes, ARRAY_LEN(changes));
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %s%s%s", i > 0 ? ", " : "",
                                changes[i].who.name, presence_name(changes[i].is),
                                changes[i].text[0] != '\0' ? " " : "", changes[i].text);
    return text;
}

START_TEST(coming_is_told_once)
{
    enter("ann");
    enter("bob");
    enter("ann");
    ck_assert_str_eq(news(), "ann online, bob online");
    ck_assert_str_eq(news(), "");
}
END_TEST

START_TEST(a_drop_shorter_than_the_grace_makes_no_noise)
{
    enter("ann");
    news();
    for (int i = 0; i < 5; i++) {
        people_leave(people, "ann");
        clock_advance(GRACE_MS - 1);
        ck_assert_str_eq(news(), "");
        ck_assert_int_eq(people_find(people, "ann", NULL), PRESENCE_ONLINE);
        enter("ann");
        ck_assert_str_eq(news(), "");
    }
}
END_TEST

START_TEST(a_drop_longer_than_the_grace_is_told_once)
{
    enter("ann");
    news();
    people_leave(people, "ann");
    clock_advance(GRACE_MS);
    ck_assert_int_eq(people_find(people, "ann", NULL), PRESENCE_OFFLINE);
    ck_assert_str_eq(news(), "ann offline");
    clock_advance(GRACE_MS);
    ck_assert_str_eq(news(), "");
    enter("ann");
    ck_assert_str_eq(news(), "ann online");
}
END_TEST

START_TEST(one_of_several_readers_that_goes_is_no_news)
{
    enter("ann");
    enter("ann");
    news();
    people_leave(people, "ann");
    clock_advance(10 * GRACE_MS);
    ck_assert_str_eq(news(), "");
    people_leave(people, "ann");
    clock_advance(GRACE_MS);
    ck_assert_str_eq(news(), "ann offline");
}
END_TEST

START_TEST(polls_hold_the_lease_between_them)
{
    for (int i = 0; i < 100; i++) {
        enter("ann");
        people_leave(people, "ann");
        ck_assert_str_eq(news(), i == 0 ? "ann online" : "");
        clock_advance(3000);
    }
}
END_TEST

START_TEST(who_comes_and_ends_between_rounds_is_no_news)
{
    enter("ann");
    people_leave(people, "ann");
    people_end(people, "ann");
    ck_assert_str_eq(news(), "");
    ck_assert_int_eq(people_find(people, "ann", NULL), PRESENCE_OFFLINE);
}
END_TEST

START_TEST(who_was_seen_between_rounds_is_told_to_have_gone)
{
    enter("ann");
    ck_assert_int_eq(people_find(people, "ann", NULL), PRESENCE_ONLINE);
    people_end(people, "ann");
    people_leave(people, "ann");
    ck_assert_str_eq(news(), "ann offline");
    ck_assert_str_eq(news(), "");
}
END_TEST

START_TEST(the_end_of_the_last_session_has_no_grace)
{
    enter("ann");
    enter("bob");
    news();
    people_leave(people, "bob");
    people_end(people, "ann"); /* before its reader goes */
    ck_assert_str_eq(news(), "");
    people_leave(people, "ann");
    ck_assert_str_eq(news(), "ann offline");
    people_end(people, "bob"); /* after */
    ck_assert_str_eq(news(), "bob offline");
    people_end(people, "nobody");
    ck_assert_str_eq(news(), "");
}
END_TEST

START_TEST(away_is_told_with_its_words_and_ends_with_back_or_offline)
{
    char text[AWAY_MAX + 1];

    enter("ann");
    news();
    people_set_away(people, "ann", "lunch");
    ck_assert_str_eq(news(), "ann away lunch");
    ck_assert_int_eq(people_find(people, "ann", text), PRESENCE_AWAY);
    ck_assert_str_eq(text, "lunch");
    people_set_away(people, "ann", "long lunch");
    ck_assert_str_eq(news(), "ann away long lunch");
    people_set_away(people, "ann", NULL);
    ck_assert_str_eq(news(), "ann online");
    people_set_away(people, "ann", NULL);
    ck_assert_str_eq(news(), "");

    people_set_away(people, "ann", "gone");
    people_leave(people, "ann");
    clock_advance(GRACE_MS);
    ck_assert_str_eq(news(), "ann offline");
    enter("ann");
    ck_assert_str_eq(news(), "ann online");
    people_set_away(people, "nobody", "x");
    ck_assert_str_eq(news(), "");
}
END_TEST

START_TEST(flapping_between_rounds_is_no_news)
{
    enter("ann");
    news();
    for (int i = 0; i < 50; i++) {
        people_set_away(people, "ann", "x");
        people_set_away(people, "ann", NULL);
        people_leave(people, "ann");
        enter("ann");
    }
    ck_assert_str_eq(news(), "");
}
END_TEST

START_TEST(a_round_that_is_full_goes_on_in_the_next)
{
    struct people_change changes[2];

    enter("ann");
    enter("bob");
    enter("cat");
    ck_assert_uint_eq(people_changes(people, changes, 2), 2);
    ck_assert_uint_eq(people_changes(people, changes, 2), 1);
    ck_assert_str_eq(changes[0].who.name, "cat");
}
END_TEST

START_TEST(no_grace_is_offline_at_once)
{
    people_destroy(people);
    people = people_create(0);
    enter("ann");
    news();
    people_leave(people, "ann");
    ck_assert_str_eq(news(), "ann offline");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("people");
    TCase *facts = tcase_create("facts");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(facts, set_up, tear_down);
    tcase_add_test(facts, coming_is_told_once);
    tcase_add_test(facts, a_drop_shorter_than_the_grace_makes_no_noise);
    tcase_add_test(facts, a_drop_longer_than_the_grace_is_told_once);
    tcase_add_test(facts, one_of_several_readers_that_goes_is_no_news);
    tcase_add_test(facts, polls_hold_the_lease_between_them);
    tcase_add_test(facts, who_comes_and_ends_between_rounds_is_no_news);
    tcase_add_test(facts, who_was_seen_between_rounds_is_told_to_have_gone);
    tcase_add_test(facts, the_end_of_the_last_session_has_no_grace);
    tcase_add_test(facts, away_is_told_with_its_words_and_ends_with_back_or_offline);
    tcase_add_test(facts, flapping_between_rounds_is_no_news);
    tcase_add_test(facts, a_round_that_is_full_goes_on_in_the_next);
    tcase_add_test(facts, no_grace_is_offline_at_once);
    suite_add_tcase(suite, facts);
    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
