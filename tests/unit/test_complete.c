/* client/chat/complete: what Tab offers, best first. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/chat/input.h"
#include "common/util.h"
#include "tests/support/face_world.h"

static struct face_world world;

/* In #lobby are ann (who is asking), alice, alfred, bob and zoe; bob spoke first, alfred last. */
static void
setup(void)
{
    static const char *const names[] = {"alfred", "alice", "ann", "bob", "zoe"};
    static const bool owners[5] = {false};
    static const struct {
        const char *from;
        int seq;
    } spoken[] = {{"bob", 11}, {"alice", 12}, {"alfred", 13}, {"ann", 14}};

    face_world_make(&world, true);
    face_world_greet(&world, "[{\"room\":\"#lobby\"},{\"room\":\"#ops\"},{\"room\":\"@bob\"}]");
    model_members(chat_model(world.chat), model_find(chat_model(world.chat), "#lobby"), names,
                  owners, ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(spoken); i++) {
        char *json = xasprintf("{\"type\":\"message\",\"seq\":%d,\"rseq\":%zu,\"room\":\"#lobby\","
                               "\"from\":\"%s\",\"id\":\"i%zu\",\"text\":\"hi\",\"action\":false,"
                               "\"at\":\"2026-01-31T12:00:%02zuZ\"}",
                               spoken[i].seq, i + 1, spoken[i].from, i, i);
        fake_event(world.link, json);
        free(json);
    }
}

static void
teardown(void)
{
    face_world_end(&world);
}

/* "START:one|two" at the place of the bar in line. */
static const char *
offered(const char *line)
{
    static char text[2048];
    struct completion completion;
    char typed[256] = "";
    size_t cursor = strcspn(line, "|");

    snprintf(typed, sizeof(typed), "%.*s%s", (int)cursor, line, line + cursor + 1);
    input_complete(world.chat, typed, cursor, &completion);
    size_t len = (size_t)snprintf(text, sizeof(text), "%zu:", completion.start);
    for (size_t i = 0; i < completion.count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i > 0 ? "|" : "",
                                completion.items[i]);
    completion_fini(&completion);
    return text;
}

START_TEST(tab_offers_what_fits_best_first)
{
    static const struct {
        const char *line, *offered;
    } rows[] = {
        {"al|", "0:alfred: |alice: "},
        {"AL|", "0:alfred: |alice: "},
        {"ali|", "0:alice: "},
        {"|", "0:alfred: |alice: |bob: |zoe: "},
        {"hi al|", "3:alfred |alice "},
        {"hi al| there", "3:alfred |alice "},
        {"hi\nal|", "3:alfred |alice "},
        {"ann|", "0:"},
        {"x|", "0:"},
        {"@b|", "0:@bob "},
        {"ask @b|", "4:@bob "},
        {"#o|", "0:#ops "},
        {"see #|", "4:#lobby |#ops "},
        {"/jo|", "0:/join "},
        {"/re|", "0:/reconnect |/retry "},
        {"//jo|", "0:"},
        {"/join #|", "6:#lobby |#ops "},
        {"/j #o|", "3:#ops "},
        {"/msg al|", "5:alfred |alice "},
        {"/msg bob hi al|", "12:alfred |alice "},
        {"/me likes al|", "10:alfred |alice "},
        {"/me al|", "4:alfred |alice "},
        {"/help qu|", "6:query |quit "},
        {"/transport a|", "11:auto "},
        {"/tr ws|", "4:ws "},
        {"/transport ws a|", "14:alfred |alice "},
        {"/window @|", "8:@bob "},
        {"/window h|", "8:home "},
        {"/say #o|", "5:#ops "},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(strcmp(offered(rows[i].line), rows[i].offered) == 0, "%s: %s", rows[i].line,
                      offered(rows[i].line));
}
END_TEST

static Suite *
complete_suite(void)
{
    Suite *suite = suite_create("complete");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, setup, teardown);
    tcase_add_test(facts, tab_offers_what_fits_best_first);
    suite_add_tcase(suite, facts);

    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(complete_suite());

    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
