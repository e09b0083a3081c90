/* server/log/store_sqlite: kill -9 at any moment; what was accepted is there once. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/id.h"
#include "common/util.h"
#include "server/log/entry.h"
#include "server/log/store.h"
#include "tests/support/fake_chat.h"
#include "tests/support/temp_dir.h"

#define ROUNDS     6
#define BATCH      4
#define EVENTS_MAX 4096

struct report {
    uint64_t seq;
    uint64_t number; /* its id is "k<number>" */
};

static char dir[TEMP_DIR_SIZE];
static char path[TEMP_PATH_SIZE];
static struct report reports[EVENTS_MAX];
static size_t report_count;

static struct store *
open_store(struct fake_chat *chat)
{
    char why[400] = "";
    struct store *store = store_open_row(&store_sqlite, path, why, sizeof(why));
    ck_assert_msg(store != NULL, "%s", why);
    store->sink = &chat->sink;
    return store;
}

/* Repeats the last batch of the life before, then goes on: as clients do that had no receipt. */
static void
append_and_report(struct store *store, struct fake_chat *chat, uint64_t number, int out)
{
    struct append_item items[BATCH] = {0}, *pointers[BATCH];
    struct report done[BATCH];
    char why[400];

    for (size_t i = 0; i < BATCH; i++) {
        char id[32];
        snprintf(id, sizeof(id), "k%llu", (unsigned long long)(number + i));
        fake_say(&items[i], "ann", id, "#ops", "hi");
        pointers[i] = &items[i];
    }
    if (store->ops->append(store, pointers, BATCH, &chat->judge, why, sizeof(why)) < 0)
        _exit(1);
    for (size_t i = 0; i < BATCH; i++) {
        done[i] = (struct report){.seq = items[i].seq, .number = number + i};
        fake_item_fini(&items[i]);
    }
    if (write_all(out, done, sizeof(done)) < 0)
        _exit(2);
}

static void
live(uint64_t number, int out)
{
    struct fake_chat chat;
    fake_chat_init(&chat);
    struct store *store = open_store(&chat);
    fake_chat_replay(&chat, store);
    for (;; number += BATCH)
        append_and_report(store, &chat, number, out);
}

/* Whether the pipe gave one more; what the child wrote before it died is still in it. */
static bool
read_report(int in)
{
    struct report report;
    size_t len = 0;
    while (len < sizeof(report)) {
        ssize_t r = read(in, (char *)&report + len, sizeof(report) - len);
        if (r <= 0)
            return false;
        len += (size_t)r;
    }
    ck_assert_uint_lt(report_count, EVENTS_MAX);
    reports[report_count++] = report;
    return true;
}

static void
one_life(uint64_t number)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        live(number, ends[1]);
    }
    close(ends[1]);

    size_t lives = report_count + 1 + (size_t)random_below(200);
    while (report_count < lives)
        ck_assert(read_report(ends[0]));
    kill(child, SIGKILL);
    while (read_report(ends[0]))
        continue;
    close(ends[0]);

    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
check_store(void)
{
    struct fake_chat chat;
    struct store_page page;
    fake_chat_init(&chat);
    struct store *store = open_store(&chat);
    ck_assert_int_eq(store->ops->read(store, 0, EVENTS_MAX, &page), 0);
    ck_assert(!page.more);

    for (size_t i = 0; i < page.count; i++) {
        const struct event *event = entry_event(page.entries[i]);
        char id[32];
        snprintf(id, sizeof(id), "k%zu", i); /* so each id is there once */
        ck_assert_uint_eq(event->seq, i + 1);
        ck_assert_uint_eq(event->rseq, i + 1);
        ck_assert_str_eq(event->id, id);
    }
    for (size_t i = 0; i < report_count; i++) {
        ck_assert_uint_le(reports[i].seq, page.count);
        ck_assert_uint_eq(reports[i].seq, reports[i].number + 1);
    }
    store_page_fini(&page);
    store_close(store);
    fake_chat_fini(&chat);
}

START_TEST(what_was_accepted_survives_kill_9)
{
    temp_dir_make(dir);
    temp_path(path, dir, "log.db");
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t last = report_count == 0 ? 0 : reports[report_count - 1].number + 1;
        one_life(last < BATCH ? 0 : last - BATCH);
        check_store();
    }
    temp_dir_remove(dir);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("store_kill");
    TCase *tcase = tcase_create("kill");

    tcase_add_test(tcase, what_was_accepted_survives_kill_9);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
