/* server/log/appender and append: many submits, few commits, nothing left behind. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/util.h"
#include "server/log/appender.h"
#include "server/log/entry.h"
#include "server/log/store_failing.h"
#include "tests/support/fake_chat.h"

/* A gate that holds the appender in its first batch, and what is done. */
struct stage {
    struct fake_chat chat;
    struct store *store;
    struct appender *appender;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_held;  /* the gate is shut */
    bool is_there; /* the appender stands at it */
    size_t done, accepted, unavailable, refused;
    uint64_t last_seq;
    bool in_order;
    unsigned settled_at_done; /* the sink's settles when a job was done last */
    size_t done_unsettled;    /* jobs done since then */
};

static void
wait_at_gate(struct fake_chat *chat)
{
    struct stage *stage = chat->context;
    pthread_mutex_lock(&stage->lock);
    stage->is_there = true;
    pthread_cond_broadcast(&stage->changed);
    while (stage->is_held)
        pthread_cond_wait(&stage->changed, &stage->lock);
    pthread_mutex_unlock(&stage->lock);
}

static void
open_gate(struct stage *stage)
{
    pthread_mutex_lock(&stage->lock);
    stage->is_held = false;
    pthread_cond_broadcast(&stage->changed);
    pthread_mutex_unlock(&stage->lock);
}

static void
wait_for_appender_at_gate(struct stage *stage)
{
    pthread_mutex_lock(&stage->lock);
    while (!stage->is_there)
        pthread_cond_wait(&stage->changed, &stage->lock);
    pthread_mutex_unlock(&stage->lock);
}

static void
wait_until_done(struct stage *stage, size_t count)
{
    pthread_mutex_lock(&stage->lock);
    while (stage->done < count)
        pthread_cond_wait(&stage->changed, &stage->lock);
    pthread_mutex_unlock(&stage->lock);
}

static void
stage_init(struct stage *stage, bool is_held)
{
    char why[200];
    *stage = (struct stage){.is_held = is_held, .in_order = true};
    pthread_mutex_init(&stage->lock, NULL);
    pthread_cond_init(&stage->changed, NULL);
    fake_chat_init(&stage->chat);
    stage->chat.on_begin = wait_at_gate;
    stage->chat.context = stage;
    stage->store = store_open_row(&store_failing, "", why, sizeof(why));
    ck_assert_ptr_nonnull(stage->store);
    stage->store->sink = &stage->chat.sink;
    stage->appender = appender_create(stage->store, &stage->chat.judge);
}

static void
stage_fini(struct stage *stage)
{
    appender_destroy(stage->appender);
    store_close(stage->store);
    fake_chat_fini(&stage->chat);
    pthread_cond_destroy(&stage->changed);
    pthread_mutex_destroy(&stage->lock);
}

static void
note_item(struct stage *stage, const struct append_item *item)
{
    switch (item->outcome) {
    case APPEND_ACCEPTED:
        stage->accepted++;
        stage->in_order = stage->in_order && item->seq > stage->last_seq;
        stage->last_seq = item->seq;
        break;
    case APPEND_REFUSED:
        if (item->refusal.code == REFUSAL_UNAVAILABLE && item->refusal.retry_after_ms > 0)
            stage->unavailable++;
        else
            stage->refused++;
        break;
    case APPEND_PENDING:
    case APPEND_REPEATED:
    case APPEND_UNCHANGED: break;
    }
}

static void
note_settles(struct stage *stage)
{
    pthread_mutex_lock(&stage->chat.lock);
    if (stage->chat.settled != stage->settled_at_done)
        stage->done_unsettled = 0;
    stage->settled_at_done = stage->chat.settled;
    stage->done_unsettled++;
    pthread_mutex_unlock(&stage->chat.lock);
}

static void
job_done(struct append_job *job)
{
    struct stage *stage = job->owner;
    pthread_mutex_lock(&stage->lock);
    for (size_t i = 0; i < job->count; i++)
        note_item(stage, &job->items[i]);
    stage->done++;
    note_settles(stage);
    pthread_cond_broadcast(&stage->changed);
    pthread_mutex_unlock(&stage->lock);
    append_job_destroy(job);
}

static struct append_job *
job_of(struct stage *stage, size_t count, const char *name, const char *text)
{
    struct append_job *job = append_job_create(count);
    for (size_t i = 0; i < count; i++) {
        char id[ID_SIZE];
        snprintf(id, sizeof(id), "%s-%zu", name, i);
        fake_say(&job->items[i], "ann", id, "#ops", text);
    }
    job->done = job_done;
    job->owner = stage;
    return job;
}

static void
submit_singles(struct stage *stage, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        char id[32];
        snprintf(id, sizeof(id), "%s%zu", name, i);
        appender_submit(stage->appender, job_of(stage, 1, id, "hi"));
    }
}

START_TEST(what_waits_is_committed_together)
{
    struct stage stage;
    stage_init(&stage, true);

    submit_singles(&stage, 1, "first");
    wait_for_appender_at_gate(&stage);
    submit_singles(&stage, 100, "more");
    open_gate(&stage);
    wait_until_done(&stage, 101);

    struct appender_figures figures = appender_figures(stage.appender);
    ck_assert_uint_eq(figures.items, 101);
    ck_assert_uint_eq(figures.commits, 2);
    ck_assert_uint_eq(figures.failures, 0);
    ck_assert_uint_eq(stage.accepted, 101);
    ck_assert(stage.in_order);
    stage_fini(&stage);
}
END_TEST

/* After all answers, once: who is woken then finds all of them. */
START_TEST(a_batch_settles_once_when_all_is_answered)
{
    struct stage stage;
    stage_init(&stage, true);

    submit_singles(&stage, 1, "first");
    wait_for_appender_at_gate(&stage);
    submit_singles(&stage, 100, "more");
    open_gate(&stage);
    appender_destroy(stage.appender);
    stage.appender = NULL;
    ck_assert_uint_eq(stage.chat.published, 2);
    ck_assert_uint_eq(stage.chat.settled, 2);
    ck_assert_uint_eq(stage.done_unsettled, 100);
    stage_fini(&stage);
}
END_TEST

START_TEST(a_batch_is_bounded)
{
    struct stage stage;
    stage_init(&stage, true);

    submit_singles(&stage, 1, "first");
    wait_for_appender_at_gate(&stage);
    submit_singles(&stage, 3000, "more");
    open_gate(&stage);
    wait_until_done(&stage, 3001);
    ck_assert_uint_eq(appender_figures(stage.appender).commits, 1 + 3);
    ck_assert_uint_eq(stage.accepted, 3001);
    ck_assert(stage.in_order);
    stage_fini(&stage);
}
END_TEST

START_TEST(a_batch_is_bounded_by_bytes)
{
    struct stage stage;
    char *text = xmalloc(300 * 1024 + 1);
    memset(text, 'x', 300 * 1024);
    text[300 * 1024] = '\0';
    stage_init(&stage, true);

    submit_singles(&stage, 1, "first");
    wait_for_appender_at_gate(&stage);
    for (int i = 0; i < 8; i++) {
        char id[16];
        snprintf(id, sizeof(id), "big%d", i);
        appender_submit(stage.appender, job_of(&stage, 1, id, text));
    }
    open_gate(&stage);
    wait_until_done(&stage, 9);
    ck_assert_uint_eq(appender_figures(stage.appender).commits, 1 + 2);
    free(text);
    stage_fini(&stage);
}
END_TEST

START_TEST(destroy_commits_what_was_submitted)
{
    struct stage stage;
    stage_init(&stage, false);

    submit_singles(&stage, 200, "id");
    appender_destroy(stage.appender);
    stage.appender = NULL;
    ck_assert_uint_eq(stage.done, 200);
    ck_assert_uint_eq(stage.accepted, 200);
    ck_assert_uint_eq(stage.chat.entry_count, 200);
    stage_fini(&stage);
}
END_TEST

START_TEST(a_job_stays_together_and_needs_previous_reaches_one_item_back)
{
    struct stage stage;
    stage_init(&stage, false);

    struct append_job *job = job_of(&stage, 4, "id", "hi");
    fake_item_fini(&job->items[1]);
    fake_say(&job->items[1], "ann", "no", "#ops", "refuse");
    job->items[2].needs_previous = true;
    job->items[3].needs_previous = true;
    appender_submit(stage.appender, job);
    appender_submit(stage.appender, job_of(&stage, 2, "next", "hi"));
    wait_until_done(&stage, 2);
    ck_assert_uint_eq(stage.accepted, 3);
    ck_assert_uint_eq(stage.refused, 3);
    ck_assert_uint_eq(stage.last_seq, 3);
    stage_fini(&stage);
}
END_TEST

START_TEST(failed_commit_answers_every_item_and_the_next_works)
{
    struct stage stage;
    stage_init(&stage, false);

    store_failing_set(stage.store, ENOSPC, 1, false);
    appender_submit(stage.appender, job_of(&stage, 5, "a", "hi"));
    wait_until_done(&stage, 1);
    ck_assert_uint_eq(stage.unavailable, 5);
    ck_assert_uint_eq(appender_figures(stage.appender).failures, 1);

    appender_submit(stage.appender, job_of(&stage, 5, "a", "hi"));
    wait_until_done(&stage, 2);
    ck_assert_uint_eq(stage.accepted, 5);
    ck_assert_uint_eq(stage.last_seq, 5);
    ck_assert_uint_eq(appender_figures(stage.appender).commits, 1);
    stage_fini(&stage);
}
END_TEST

START_TEST(too_many_are_turned_away_at_once)
{
    struct stage stage;
    stage_init(&stage, true);

    submit_singles(&stage, 1, "first");
    wait_for_appender_at_gate(&stage);
    struct append_job *many = append_job_create(APPENDER_WAITING_MAX);
    for (size_t i = 0; i < many->count; i++)
        fake_part(&many->items[i], "ann", "id", "#ops");
    many->done = job_done;
    many->owner = &stage;
    appender_submit(stage.appender, many);
    ck_assert_uint_eq(stage.done, 0);
    appender_submit(stage.appender, job_of(&stage, 2, "beyond", "hi"));
    ck_assert_uint_eq(stage.done, 1);
    ck_assert_uint_eq(stage.unavailable, 2);
    ck_assert_uint_eq(stage.chat.settled, 1); /* who was turned away is told */
    open_gate(&stage);
    wait_until_done(&stage, 3);
    ck_assert_uint_eq(stage.accepted, 1);
    ck_assert_uint_eq(appender_figures(stage.appender).items, 1 + APPENDER_WAITING_MAX);
    stage_fini(&stage);
}
END_TEST

START_TEST(a_job_of_nothing_is_done)
{
    struct stage stage;
    stage_init(&stage, false);

    appender_submit(stage.appender, job_of(&stage, 0, "", ""));
    wait_until_done(&stage, 1);
    ck_assert_uint_eq(stage.chat.begun, 0);
    append_job_destroy(NULL);
    stage_fini(&stage);
    appender_destroy(NULL);
}
END_TEST

struct writer {
    struct stage *stage;
    char name[16];
};

static void *
write_some(void *context)
{
    struct writer *writer = context;
    submit_singles(writer->stage, 100, writer->name);
    return NULL;
}

START_TEST(many_threads_may_submit)
{
    struct stage stage;
    struct writer writers[8];
    pthread_t threads[ARRAY_LEN(writers)];
    stage_init(&stage, false);

    for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
        writers[i].stage = &stage;
        snprintf(writers[i].name, sizeof(writers[i].name), "w%zu-", i);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, write_some, &writers[i]), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(writers); i++)
        pthread_join(threads[i], NULL);
    wait_until_done(&stage, 800);
    ck_assert_uint_eq(stage.accepted, 800);
    ck_assert(stage.in_order);
    stage_fini(&stage);
}
END_TEST

/* Rows that differ in one thing each; the first is what the others are compared with. */
START_TEST(digest_is_of_everything_but_the_id)
{
    struct append_item items[8] = {0};

    fake_say(&items[0], "ann", "a", "#ops", "hi");
    fake_say(&items[1], "ann", "b", "#ops", "hi");
    fake_say(&items[2], "ann", "a", "#ops", "ho");
    fake_say(&items[3], "ann", "a", "#opsh", "i");
    fake_topic(&items[4], "ann", "a", "#ops", "hi");
    fake_topic(&items[5], "ann", "a", "#ops", "");
    fake_join(&items[6], "ann", "a", "#ops");
    fake_say(&items[7], "ann", "a", "#ops", "hi");
    items[7].command.action = true;

    ck_assert_uint_eq(append_digest(&items[0]), append_digest(&items[1]));
    for (size_t i = 2; i < ARRAY_LEN(items); i++)
        for (size_t k = i + 1; k < ARRAY_LEN(items); k++) {
            ck_assert_msg(append_digest(&items[i]) != append_digest(&items[0]), "row %zu", i);
            ck_assert_msg(append_digest(&items[i]) != append_digest(&items[k]), "rows %zu %zu", i,
                          k);
        }
    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        fake_item_fini(&items[i]);
}
END_TEST

/* It is stored: another value would make conflicts of honest repeats after an upgrade. */
START_TEST(digest_never_changes)
{
    struct append_item item = {0};
    fake_say(&item, "ann", "a", "#ops", "hi");
    ck_assert_uint_eq(append_digest(&item), UINT64_C(0xc183e1e1efd1837e));
    fake_item_fini(&item);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("appender");
    TCase *tcase = tcase_create("appender");

    tcase_add_test(tcase, what_waits_is_committed_together);
    tcase_add_test(tcase, a_batch_settles_once_when_all_is_answered);
    tcase_add_test(tcase, a_batch_is_bounded);
    tcase_add_test(tcase, a_batch_is_bounded_by_bytes);
    tcase_add_test(tcase, destroy_commits_what_was_submitted);
    tcase_add_test(tcase, a_job_stays_together_and_needs_previous_reaches_one_item_back);
    tcase_add_test(tcase, failed_commit_answers_every_item_and_the_next_works);
    tcase_add_test(tcase, too_many_are_turned_away_at_once);
    tcase_add_test(tcase, a_job_of_nothing_is_done);
    tcase_add_test(tcase, many_threads_may_submit);
    tcase_add_test(tcase, digest_is_of_everything_but_the_id);
    tcase_add_test(tcase, digest_never_changes);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
