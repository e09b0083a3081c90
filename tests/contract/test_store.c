/* server/log/store: what is appended, the same cases over every row. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"
#include "server/log/entry.h"
#include "server/log/store.h"
#include "server/log/store_failing.h"
#include "tests/support/store_case.h"

static const struct store_ops *const rows[] = {&store_sqlite, &store_memory, &store_failing};
#define ROW_COUNT ((int)ARRAY_LEN(rows))

static struct store_case here;

static void
begin(int row)
{
    store_case_begin(&here);
    store_case_open(&here, rows[row]);
}

/* Appends one that must be accepted; returns its seq. */
static uint64_t
say(const char *user, const char *id, const char *room, const char *text)
{
    struct append_item item;
    fake_say(&item, user, id, room, text);
    ck_assert_int_eq(store_case_append(&here, &item, 1), 0);
    ck_assert_int_eq(item.outcome, APPEND_ACCEPTED);
    uint64_t seq = item.seq;
    fake_item_fini(&item);
    return seq;
}

START_TEST(fresh_store_is_empty_and_has_an_epoch)
{
    struct store_page page;
    begin(_i);

    ck_assert(epoch_is_valid(here.store->epoch));
    ck_assert_uint_eq(here.store->head, 0);
    ck_assert_int_eq(here.store->ops->read(here.store, 0, 10, &page), 0);
    store_case_page(&page, 0, 1, 0, false, "read");
    ck_assert_uint_eq(page.trimmed_to, 0);
    store_page_fini(&page);
    ck_assert_int_eq(here.store->ops->history(here.store, "#ops", UINT64_MAX, 0, 10, &page), 0);
    store_case_page(&page, 0, 1, 0, false, "history");
    store_page_fini(&page);
    store_case_scan(&here, "", "");
    store_case_end(&here);
}
END_TEST

START_TEST(accepted_items_get_their_place_in_order)
{
    struct append_item items[5] = {0};
    begin(_i);

    fake_say(&items[0], "ann", "1", "#ops", "a");
    fake_say(&items[1], "bob", "1", "#lobby", "b");
    fake_say(&items[2], "ann", "2", "@ann,bob", "c");
    fake_join(&items[3], "ann", "3", "#ops");
    fake_topic(&items[4], "ann", "4", "#ops", "d");
    ck_assert_int_eq(store_case_append(&here, items, 5), 0);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(items[i].outcome, APPEND_ACCEPTED);
        ck_assert_uint_eq(items[i].seq, i + 1);
        fake_item_fini(&items[i]);
    }
    ck_assert_uint_eq(say("ann", "5", "#ops", "e"), 6);
    ck_assert_uint_eq(here.chat.begun, 2);
    ck_assert_uint_eq(here.chat.committed, 2);
    ck_assert_uint_eq(here.chat.checked, 6);
    store_case_end(&here);
}
END_TEST

/* Each is what the judge made of it, in the sink and in the store. */
START_TEST(events_come_out_as_they_were_judged)
{
    static const struct {
        const char *id, *room, *text;
        uint64_t rseq;
    } said[] = {
        {"a", "#ops", "hi", 1},        {"b", "@ann,bob", "a \"quoted\" \n", 1},
        {"c", "#ops", "h\xc3\xa9", 2}, {"d", "@ann,bob", "you", 2},
        {"e", "#ops", "", 3},
    };
    struct store_page page;
    begin(_i);

    for (size_t i = 0; i < ARRAY_LEN(said); i++)
        say("ann", said[i].id, said[i].room, said[i].text);
    ck_assert_int_eq(here.store->ops->read(here.store, 0, 10, &page), 0);
    store_case_page(&page, 1, 1, ARRAY_LEN(said), false, "read");
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        const struct event *event = entry_event(page.entries[i]);
        ck_assert_int_eq(event->type, EVENT_MESSAGE);
        ck_assert_uint_eq(event->rseq, said[i].rseq);
        ck_assert_str_eq(event->room, said[i].room);
        ck_assert_str_eq(event->id, said[i].id);
        ck_assert_str_eq(event->from, "ann");

        const struct entry_reader readers[] = {{.name = "ann"}, {.name = "bob"}};
        for (size_t k = 0; k < ARRAY_LEN(readers); k++) {
            size_t stored_len, published_len;
            const char *stored = entry_bytes(page.entries[i], DRESS_JSON, &readers[k], &stored_len);
            const char *published =
                entry_bytes(here.chat.entries[i], DRESS_JSON, &readers[k], &published_len);
            ck_assert_uint_eq(stored_len, published_len);
            ck_assert_mem_eq(stored, published, stored_len);
        }
    }
    store_page_fini(&page);
    store_case_end(&here);
}
END_TEST

START_TEST(sink_hears_of_records_and_entries_after_the_commit)
{
    static const char *const keys[] = {"user/ann", "member/#ops/ann", "room/#ops", "topic/#ops",
                                       "user/bob"};
    struct append_item items[5] = {0};
    begin(_i);

    fake_record(&items[0], "user/ann", "1");
    fake_join(&items[1], "ann", "1", "#ops");
    fake_topic(&items[2], "ann", "2", "#ops", "t");
    fake_record(&items[3], "user/bob", NULL);
    fake_part(&items[4], "ann", "3", "#ops");
    ck_assert_int_eq(store_case_append(&here, items, 5), 0);
    ck_assert_uint_eq(here.chat.published, 1);
    ck_assert_uint_eq(here.chat.committed_first, 1);
    ck_assert_uint_eq(here.chat.record_count, ARRAY_LEN(keys));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        ck_assert_str_eq(here.chat.record_keys[i], keys[i]);
    ck_assert_uint_eq(here.chat.entry_count, 2);
    ck_assert_int_eq(items[4].outcome, APPEND_UNCHANGED);
    for (size_t i = 0; i < 5; i++)
        fake_item_fini(&items[i]);
    store_case_end(&here);
}
END_TEST

START_TEST(repeat_has_the_first_seq_and_no_effect)
{
    struct append_item items[3] = {0};
    begin(_i);

    uint64_t first = say("ann", "x", "#ops", "hi");
    say("ann", "y", "#ops", "between");
    fake_say(&items[0], "ann", "x", "#ops", "hi");
    fake_say(&items[1], "bob", "x", "#ops", "hi");
    fake_say(&items[2], "bob", "x", "#ops", "hi");
    ck_assert_int_eq(store_case_append(&here, items, 3), 0);
    ck_assert_int_eq(items[0].outcome, APPEND_REPEATED);
    ck_assert_uint_eq(items[0].seq, first);
    ck_assert_int_eq(items[1].outcome, APPEND_ACCEPTED);
    ck_assert_uint_eq(items[1].seq, 3);
    ck_assert_int_eq(items[2].outcome, APPEND_REPEATED);
    ck_assert_uint_eq(items[2].seq, 3);
    ck_assert_uint_eq(here.chat.entry_count, 3);
    ck_assert_uint_eq(here.chat.checked, 3);
    for (size_t i = 0; i < 3; i++)
        fake_item_fini(&items[i]);
    store_case_end(&here);
}
END_TEST

START_TEST(id_with_other_content_is_a_conflict)
{
    struct append_item items[2] = {0};
    begin(_i);

    say("ann", "x", "#ops", "hi");
    fake_say(&items[0], "ann", "x", "#ops", "ho");
    fake_say(&items[1], "ann", "x", "#lobby", "hi");
    ck_assert_int_eq(store_case_append(&here, items, 2), 0);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(items[i].outcome, APPEND_REFUSED);
        ck_assert_int_eq(items[i].refusal.code, REFUSAL_CONFLICT);
        ck_assert_str_eq(items[i].refusal.message, "id x was used before with other content");
        fake_item_fini(&items[i]);
    }
    ck_assert_uint_eq(here.chat.entry_count, 1);
    store_case_end(&here);
}
END_TEST

START_TEST(refused_item_changes_nothing_and_its_id_stays_free)
{
    struct append_item item;
    begin(_i);

    fake_say(&item, "ann", "x", "#ops", "refuse");
    ck_assert_int_eq(store_case_append(&here, &item, 1), 0);
    ck_assert_int_eq(item.outcome, APPEND_REFUSED);
    ck_assert_int_eq(item.refusal.code, REFUSAL_FORBIDDEN);
    ck_assert_uint_eq(item.seq, 0);
    fake_item_fini(&item);
    ck_assert_uint_eq(here.chat.published, 0);
    ck_assert_uint_eq(say("ann", "x", "#ops", "hi"), 1);
    store_case_end(&here);
}
END_TEST

START_TEST(what_needs_the_one_before_is_refused_with_it)
{
    static const enum append_outcome wanted[] = {APPEND_REFUSED,  APPEND_REFUSED,  APPEND_REFUSED,
                                                 APPEND_ACCEPTED, APPEND_ACCEPTED, APPEND_UNCHANGED,
                                                 APPEND_ACCEPTED};
    struct append_item items[ARRAY_LEN(wanted)] = {0};
    begin(_i);

    fake_say(&items[0], "ann", "1", "#ops", "refuse");
    fake_say(&items[1], "ann", "2", "#ops", "a");
    fake_record(&items[2], "session/1", "{}");
    fake_say(&items[3], "ann", "3", "#ops", "b");
    fake_record(&items[4], "session/2", "{}");
    fake_part(&items[5], "ann", "4", "#ops");
    fake_say(&items[6], "ann", "5", "#ops", "c");
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        items[i].needs_previous = i != 0 && i != 3;
    ck_assert_int_eq(store_case_append(&here, items, ARRAY_LEN(wanted)), 0);
    ck_assert_int_eq(items[2].refusal.code, REFUSAL_FORBIDDEN);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        ck_assert_msg(items[i].outcome == wanted[i], "item %zu: %d", i, (int)items[i].outcome);
        fake_item_fini(&items[i]);
    }
    store_case_scan(&here, "", "session/2={};");
    store_case_end(&here);
}
END_TEST

START_TEST(record_that_must_be_new_meets_the_one_there)
{
    struct append_item items[4] = {0};
    begin(_i);

    store_case_put(&here, "user/old", "1");
    fake_record(&items[0], "user/old", "2");
    fake_record(&items[1], "user/new", "3");
    fake_record(&items[2], "user/new", "4"); /* as new as the one before it in the batch */
    fake_record(&items[3], "user/old", NULL);
    for (size_t i = 0; i < 3; i++)
        items[i].must_be_new = true;
    ck_assert_int_eq(store_case_append(&here, items, 4), 0);
    ck_assert_int_eq(items[0].outcome, APPEND_REFUSED);
    ck_assert_int_eq(items[0].refusal.code, REFUSAL_CONFLICT);
    ck_assert_int_eq(items[1].outcome, APPEND_ACCEPTED);
    ck_assert_int_eq(items[2].refusal.code, REFUSAL_CONFLICT);
    for (size_t i = 0; i < 4; i++)
        fake_item_fini(&items[i]);
    store_case_scan(&here, "", "user/new=3;");

    fake_record(&items[0], "user/old", "5");
    items[0].must_be_new = true;
    ck_assert_int_eq(store_case_append(&here, items, 1), 0);
    ck_assert_int_eq(items[0].outcome, APPEND_ACCEPTED);
    fake_item_fini(&items[0]);
    store_case_end(&here);
}
END_TEST

START_TEST(record_that_must_be_there_is_used_up_once)
{
    static const enum append_outcome wanted[] = {APPEND_ACCEPTED, APPEND_REFUSED, APPEND_REFUSED,
                                                 APPEND_ACCEPTED, APPEND_ACCEPTED};
    struct append_item items[5] = {0};
    begin(_i);

    store_case_put(&here, "invite/a", "1");
    fake_record(&items[0], "invite/a", NULL);
    fake_record(&items[1], "invite/a", NULL); /* gone by the one before it in the batch */
    fake_record(&items[2], "invite/b", "2");
    fake_record(&items[3], "invite/a", "3");
    fake_record(&items[4], "invite/a", "4");
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        items[i].must_be_there = i != 3;
    ck_assert_int_eq(store_case_append(&here, items, ARRAY_LEN(wanted)), 0);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        ck_assert_msg(items[i].outcome == wanted[i], "item %zu: %d", i, (int)items[i].outcome);
        if (wanted[i] == APPEND_REFUSED)
            ck_assert_int_eq(items[i].refusal.code, REFUSAL_NOT_FOUND);
        fake_item_fini(&items[i]);
    }
    store_case_scan(&here, "", "invite/a=4;");
    store_case_end(&here);
}
END_TEST

/* Each check, with a record that needs it. */
START_TEST(check_changes_nothing_and_holds_back_what_needs_it)
{
    static const struct {
        const char *key;
        bool must_be_new;
        enum append_outcome outcome;
    } checks[] = {
        {"user/old", true, APPEND_REFUSED},
        {"user/old", false, APPEND_UNCHANGED},
        {"user/new", true, APPEND_UNCHANGED},
        {"user/new", false, APPEND_REFUSED},
    };
    struct append_item items[2 * ARRAY_LEN(checks)] = {0};
    begin(_i);

    store_case_put(&here, "user/old", "1");
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        char key[24];

        fake_record(&items[2 * i], checks[i].key, NULL);
        items[2 * i].kind = APPEND_CHECK;
        items[2 * i].must_be_new = checks[i].must_be_new;
        items[2 * i].must_be_there = !checks[i].must_be_new;
        snprintf(key, sizeof(key), "kept/%zu", i);
        fake_record(&items[2 * i + 1], key, "{}");
        items[2 * i + 1].needs_previous = true;
    }
    ck_assert_int_eq(store_case_append(&here, items, ARRAY_LEN(items)), 0);
    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        if (i % 2 == 0)
            ck_assert_msg(items[i].outcome == checks[i / 2].outcome, "row %zu: %d", i / 2,
                          (int)items[i].outcome);
        fake_item_fini(&items[i]);
    }
    store_case_scan(&here, "", "kept/1={};kept/2={};user/old=1;");
    ck_assert_uint_eq(here.chat.record_count, 3);
    store_case_end(&here);
}
END_TEST

START_TEST(events_change_records_with_them)
{
    struct append_item items[2] = {0};
    begin(_i);

    fake_join(&items[0], "ann", "1", "#ops");
    fake_topic(&items[1], "ann", "2", "#ops", "t");
    ck_assert_int_eq(store_case_append(&here, items, 2), 0);
    store_case_scan(&here, "",
                    "member/#ops/ann={};room/#ops={\"topic\":true};topic/#ops={\"topic\":true};");
    fake_item_fini(&items[0]);
    fake_item_fini(&items[1]);
    fake_topic(&items[0], "ann", "3", "#ops", "");
    ck_assert_int_eq(store_case_append(&here, items, 1), 0);
    store_case_scan(&here, "", "member/#ops/ann={};");
    fake_item_fini(&items[0]);
    store_case_end(&here);
}
END_TEST

static const int failing_row = 2;

START_TEST(failed_commit_leaves_everything_as_it_was)
{
    struct append_item items[6] = {0};
    begin(failing_row);

    uint64_t first = say("ann", "0", "#ops", "before");
    store_case_put(&here, "user/ann", "1");
    store_failing_set(here.store, ENOSPC, 1, false);
    fake_say(&items[0], "ann", "0", "#ops", "before"); /* committed: still true */
    fake_say(&items[1], "ann", "1", "#ops", "a");
    fake_say(&items[2], "ann", "1", "#ops", "a"); /* a repeat of what was taken back */
    fake_record(&items[3], "user/ann", "2");
    fake_part(&items[4], "ann", "2", "#ops");
    fake_say(&items[5], "ann", "3", "#ops", "refuse");
    ck_assert_int_eq(store_case_append(&here, items, 6), -ENOSPC);
    ck_assert_int_eq(items[0].outcome, APPEND_REPEATED);
    ck_assert_uint_eq(items[0].seq, first);
    for (size_t i = 1; i < 6; i++) {
        ck_assert_int_eq(items[i].outcome, APPEND_REFUSED);
        ck_assert_int_eq(items[i].refusal.code, REFUSAL_UNAVAILABLE);
        ck_assert_int_gt(items[i].refusal.retry_after_ms, 0);
        ck_assert_uint_eq(items[i].seq, 0);
    }
    for (size_t i = 0; i < 6; i++)
        fake_item_fini(&items[i]);
    ck_assert_uint_eq(here.chat.rolled_back, 1);
    ck_assert_uint_eq(here.chat.published, 2);
    store_case_scan(&here, "", "user/ann=1;");

    ck_assert_uint_eq(say("ann", "1", "#ops", "other"), first + 1);
    ck_assert_uint_eq(entry_event(here.chat.entries[1])->rseq, 2);
    store_case_end(&here);
}
END_TEST

static const struct {
    const char *spec;
    const char *why;
} specs[] = {
    {"", "unknown store \"\": wanted one of sqlite:, memory:"},
    {"sqlite", "unknown store \"sqlite\": wanted one of sqlite:, memory:"},
    {"oracle:x", "unknown store \"oracle:x\": wanted one of sqlite:, memory:"},
    {"failing:", "unknown store \"failing:\": wanted one of sqlite:, memory:"},
    {"sqlite:", "sqlite: has no path, wanted sqlite:PATH"},
    {"memory:x", "memory:x: the memory store has no place, wanted memory:"},
    {"sqlite:/no/db", "cannot open /no/db: No such file or directory"},
};

START_TEST(spec_that_cannot_be_opened_says_why)
{
    for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
        char why[256] = "";
        ck_assert_ptr_null(store_open(specs[i].spec, why, sizeof(why)));
        ck_assert_str_eq(why, specs[i].why);
    }
}
END_TEST

START_TEST(spec_names_its_row)
{
    char spec[TEMP_PATH_SIZE + 8], why[256];
    store_case_begin(&here);

    struct store *memory = store_open("memory:", why, sizeof(why));
    ck_assert_ptr_eq(memory->ops, &store_memory);
    snprintf(spec, sizeof(spec), "sqlite:%s/a:b.db", here.dir);
    struct store *sqlite = store_open(spec, why, sizeof(why));
    ck_assert_ptr_eq(sqlite->ops, &store_sqlite);
    store_close(memory);
    store_close(sqlite);
    store_close(NULL);
    store_case_end(&here);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("store");
    TCase *every_row = tcase_create("every row");
    TCase *others = tcase_create("others");

    tcase_add_loop_test(every_row, fresh_store_is_empty_and_has_an_epoch, 0, ROW_COUNT);
    tcase_add_loop_test(every_row, accepted_items_get_their_place_in_order, 0, ROW_COUNT);
    tcase_add_loop_test(every_row, events_come_out_as_they_were_judged, 0, ROW_COUNT);
    tcase_add_loop_test(every_row, sink_hears_of_records_and_entries_after_the_commit, 0,
                        ROW_COUNT);
    tcase_add_loop_test(every_row, repeat_has_the_first_seq_and_no_effect, 0, ROW_COUNT);
    tcase_add_loop_test(every_row, id_with_other_content_is_a_conflict, 0, ROW_COUNT);
    tcase_add_loop_test(every_row, refused_item_changes_nothing_and_its_id_stays_free, 0,
                        ROW_COUNT);
    tcase_add_loop_test(every_row, what_needs_the_one_before_is_refused_with_it, 0, ROW_COUNT);
    tcase_add_loop_test(every_row, record_that_must_be_new_meets_the_one_there, 0, ROW_COUNT);
    tcase_add_loop_test(every_row, record_that_must_be_there_is_used_up_once, 0, ROW_COUNT);
    tcase_add_loop_test(every_row, check_changes_nothing_and_holds_back_what_needs_it, 0,
                        ROW_COUNT);
    tcase_add_loop_test(every_row, events_change_records_with_them, 0, ROW_COUNT);
    tcase_add_test(others, failed_commit_leaves_everything_as_it_was);
    tcase_add_test(others, spec_that_cannot_be_opened_says_why);
    tcase_add_test(others, spec_names_its_row);
    suite_add_tcase(suite, every_row);
    suite_add_tcase(suite, others);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
