/* client/link/outbox: a line that was typed is never lost. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/link/outbox.h"
#include "common/buf.h"
#include "common/log.h"
#include "common/util.h"
#include "tests/support/temp_dir.h"

#define ACCOUNT "ann@localhost:8443"

static char dir[TEMP_DIR_SIZE];

static void
set_up(void)
{
    temp_dir_make(dir);
    log_set_level(LOG_ERROR);
    log_open("/dev/null");
}

static void
tear_down(void)
{
    temp_dir_remove(dir);
}

static struct outbox *
open_outbox(void)
{
    char why[200] = "";
    struct outbox *outbox = outbox_open(dir, ACCOUNT, why, sizeof(why));

    ck_assert_msg(outbox != NULL, "%s", why);
    return outbox;
}

static struct outbox_item *
try_add(struct outbox *outbox, const char *id, const char *text)
{
    struct command command = {.type = COMMAND_SAY, .action = true, .text = xstrdup(text)};
    char why[200];

    ck_assert_int_eq(str_copy(command.id, sizeof(command.id), id), 0);
    ck_assert_int_eq(str_copy(command.room, sizeof(command.room), "#lobby"), 0);
    struct outbox_item *item = outbox_add(outbox, &command, why, sizeof(why));
    ck_assert_ptr_null(command.text);
    return item;
}

static struct outbox_item *
add(struct outbox *outbox, const char *id, const char *text)
{
    struct outbox_item *item = try_add(outbox, id, text);

    ck_assert_ptr_nonnull(item);
    return item;
}

/* The ids in order, joined by blanks. */
static const char *
ids(const struct outbox *outbox)
{
    static char text[1000];
    size_t len = 0;

    text[0] = '\0';
    for (const struct outbox_item *item = outbox_first(outbox); item != NULL; item = item->next)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len > 0 ? " " : "",
                                item->command.id);
    return text;
}

/* How many files in dir end with suffix; the last one's path in ret_path. */
static int
count_files(const char *suffix, char ret_path[TEMP_PATH_SIZE])
{
    DIR *directory = opendir(dir);
    struct dirent *entry;
    int count = 0;

    while ((entry = readdir(directory)) != NULL) {
        size_t len = strlen(entry->d_name), suffix_len = strlen(suffix);
        if (len >= suffix_len && strcmp(entry->d_name + len - suffix_len, suffix) == 0) {
            temp_path(ret_path, dir, entry->d_name);
            count++;
        }
    }
    closedir(directory);
    return count;
}

static void
append_to_file(const char *text, size_t len)
{
    char path[TEMP_PATH_SIZE];

    ck_assert_int_eq(count_files(".jsonl", path), 1);
    int fd = open(path, O_WRONLY | O_APPEND);
    ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
    close(fd);
}

START_TEST(what_was_added_is_there_after_a_restart_as_it_was)
{
    struct outbox *outbox = open_outbox();

    add(outbox, "a", "one \"quoted\" \xf0\x9f\x91\x8d\n\ttwo");
    int64_t at_ms = outbox_first(outbox)->at_ms;
    add(outbox, "b", "two");
    outbox_close(outbox);

    outbox = open_outbox();
    ck_assert_str_eq(ids(outbox), "a b");
    const struct outbox_item *item = outbox_first(outbox);
    ck_assert_int_eq(item->state, OUTBOX_QUEUED);
    ck_assert_int_eq(item->at_ms, at_ms);
    ck_assert_int_eq(item->command.type, COMMAND_SAY);
    ck_assert_str_eq(item->command.room, "#lobby");
    ck_assert_str_eq(item->command.text, "one \"quoted\" \xf0\x9f\x91\x8d\n\ttwo");
    ck_assert(item->command.action);
    ck_assert_ptr_null(outbox_damage(outbox));
    outbox_close(outbox);
}
END_TEST

START_TEST(removed_is_gone_and_refused_stays_refused)
{
    struct outbox *outbox = open_outbox();
    struct refusal refusal;

    refuse(&refusal, REFUSAL_NOT_MEMBER, "not a member of #lobby");
    outbox_remove(outbox, add(outbox, "a", "one"));
    outbox_refuse(outbox, add(outbox, "b", "two"), &refusal);
    outbox_sent(outbox, add(outbox, "c", "three"));
    ck_assert_uint_eq(outbox_count(outbox, OUTBOX_REFUSED), 1);
    ck_assert_uint_eq(outbox_count(outbox, OUTBOX_SENT), 1);
    outbox_close(outbox);

    outbox = open_outbox();
    ck_assert_str_eq(ids(outbox), "b c");
    ck_assert_int_eq(outbox_find(outbox, "b")->state, OUTBOX_REFUSED);
    ck_assert_int_eq(outbox_find(outbox, "b")->refusal.code, REFUSAL_NOT_MEMBER);
    ck_assert_str_eq(outbox_find(outbox, "b")->refusal.message, "not a member of #lobby");
    ck_assert_int_eq(outbox_find(outbox, "c")->state, OUTBOX_QUEUED);
    ck_assert(!outbox_is_empty(outbox));
    outbox_remove(outbox, outbox_find(outbox, "c"));
    ck_assert(outbox_is_empty(outbox));
    ck_assert_ptr_null(outbox_find(outbox, "c"));
    outbox_close(outbox);
}
END_TEST

START_TEST(lost_connection_queues_what_was_sent)
{
    struct outbox *outbox = open_outbox();

    outbox_sent(outbox, add(outbox, "a", "one"));
    outbox_sent(outbox, add(outbox, "b", "two"));
    add(outbox, "c", "three");
    outbox_requeue_sent(outbox);
    ck_assert_uint_eq(outbox_count(outbox, OUTBOX_QUEUED), 3);
    ck_assert_uint_eq(outbox_count(outbox, OUTBOX_SENT), 0);
    ck_assert_str_eq(ids(outbox), "a b c");
    outbox_close(outbox);
}
END_TEST

START_TEST(what_the_log_has_is_not_unsent_and_not_said_again)
{
    struct outbox *outbox = open_outbox();
    struct outbox_item *a = add(outbox, "a", "one");

    add(outbox, "b", "two");
    outbox_sent(outbox, a);
    outbox_logged(outbox, a);
    outbox_logged(outbox, a);
    ck_assert_uint_eq(outbox_unsent(outbox), 1);
    ck_assert(!outbox_is_empty(outbox));
    ck_assert_ptr_eq(outbox_find(outbox, "a"), a);
    outbox_close(outbox);

    outbox = open_outbox();
    ck_assert_str_eq(ids(outbox), "b");
    struct outbox_item *b = outbox_find(outbox, "b");
    outbox_sent(outbox, b);
    outbox_logged(outbox, b);
    outbox_requeue_sent(outbox); /* for its receipt */
    ck_assert_uint_eq(outbox_unsent(outbox), 0);
    outbox_remove(outbox, b);
    ck_assert_uint_eq(outbox_unsent(outbox), 0);
    ck_assert(outbox_is_empty(outbox));
    outbox_close(outbox);
}
END_TEST

START_TEST(removing_keeps_the_order_of_the_rest)
{
    struct outbox *outbox = open_outbox();

    add(outbox, "a", "x");
    struct outbox_item *b = add(outbox, "b", "x");
    struct outbox_item *c = add(outbox, "c", "x");
    outbox_remove(outbox, b);
    outbox_remove(outbox, c);
    add(outbox, "d", "x");
    ck_assert_str_eq(ids(outbox), "a d");
    outbox_close(outbox);
}
END_TEST

START_TEST(every_kind_of_command_is_kept)
{
    struct command commands[] = {
        {.type = COMMAND_JOIN, .id = "j", .room = "#tea"},
        {.type = COMMAND_PART, .id = "p", .room = "#tea"},
        {.type = COMMAND_TOPIC, .id = "t", .room = "#tea", .text = xstrdup("")},
    };
    struct outbox *outbox = open_outbox();
    char why[200];

    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        ck_assert_ptr_nonnull(outbox_add(outbox, &commands[i], why, sizeof(why)));
    outbox_close(outbox);

    outbox = open_outbox();
    ck_assert_str_eq(ids(outbox), "j p t");
    ck_assert_int_eq(outbox_find(outbox, "t")->command.type, COMMAND_TOPIC);
    outbox_close(outbox);
}
END_TEST

START_TEST(second_client_has_a_file_of_its_own)
{
    struct outbox *first = open_outbox();
    char path[TEMP_PATH_SIZE];

    add(first, "a", "one");
    struct outbox *second = open_outbox();
    ck_assert_ptr_null(outbox_first(second));
    add(second, "b", "two");
    ck_assert_int_eq(count_files(".jsonl", path), 2);
    ck_assert_str_eq(ids(first), "a");
    ck_assert_str_eq(ids(second), "b");
    outbox_close(first);
    outbox_close(second);

    struct outbox *third = open_outbox();
    ck_assert_str_eq(ids(third), "a b");
    ck_assert_int_eq(count_files(".jsonl", path), 1);
    outbox_close(third);
}
END_TEST

START_TEST(other_accounts_are_left_alone)
{
    char why[200];
    struct outbox *other = outbox_open(dir, "ann@localhost:84", why, sizeof(why));

    add(other, "a", "one");
    outbox_close(other);
    struct outbox *outbox = open_outbox();
    ck_assert_ptr_null(outbox_first(outbox));
    outbox_close(outbox);
    other = outbox_open(dir, "ann@localhost:84", why, sizeof(why));
    ck_assert_str_eq(ids(other), "a");
    outbox_close(other);
}
END_TEST

START_TEST(file_that_was_taken_over_but_not_unlinked_repeats_nothing)
{
    struct outbox *outbox = open_outbox();
    char path[TEMP_PATH_SIZE], copy[TEMP_PATH_SIZE + 8], command[3 * TEMP_PATH_SIZE];

    add(outbox, "a", "one");
    add(outbox, "b", "two");
    outbox_close(outbox);
    ck_assert_int_eq(count_files(".jsonl", path), 1);
    snprintf(copy, sizeof(copy), "%.*s~.jsonl", (int)(strlen(path) - strlen(".jsonl")), path);
    snprintf(command, sizeof(command), "cp '%s' '%s'", path, copy);
    ck_assert_int_eq(system(command), 0);

    outbox = open_outbox();
    ck_assert_str_eq(ids(outbox), "a b");
    ck_assert_int_eq(count_files(".jsonl", path), 1);
    outbox_close(outbox);
}
END_TEST

START_TEST(last_line_that_a_crash_cut_off_is_forgotten)
{
    static const struct {
        const char *text;
        size_t len;
    } tails[] = {
        {"{\"line\":\"said\",\"at_ms\":1,\"comm", 29},
        {"{", 1},
        {"\0\0\0\0\0\0", 6},
        {"\0\0\0\n", 4},
    };

    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        struct outbox *outbox = open_outbox();
        if (i == 0)
            add(outbox, "a", "one");
        outbox_close(outbox);
        append_to_file(tails[i].text, tails[i].len);

        outbox = open_outbox();
        ck_assert_str_eq(ids(outbox), "a");
        ck_assert_msg(outbox_damage(outbox) == NULL, "row %zu", i);
        outbox_close(outbox);
    }
}
END_TEST

START_TEST(damage_inside_is_told_and_kept_aside)
{
    static const char *const lines[] = {
        "garbage\n",
        "{\"line\":\"later\"}\n",
        "{\"line\":\"said\",\"at_ms\":1,\"command\":{\"type\":\"say\",\"id\":\"x\"}}\n",
        "{\"line\":\"gone\"}\n",
        "[]\n",
    };
    char path[TEMP_PATH_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct outbox *outbox = open_outbox();
        if (i == 0)
            add(outbox, "a", "one");
        outbox_close(outbox);
        append_to_file(lines[i], strlen(lines[i]));
        append_to_file("{\"line\":\"gone\",\"id\":\"none\"}\n", 29);

        outbox = open_outbox();
        ck_assert_str_eq(ids(outbox), "a");
        ck_assert_ptr_nonnull(outbox_damage(outbox));
        ck_assert_ptr_nonnull(strstr(outbox_damage(outbox), ".damaged"));
        ck_assert_int_eq(count_files(".damaged", path), (int)i + 1);
        outbox_close(outbox);
    }
}
END_TEST

START_TEST(half_written_new_file_is_swept_away)
{
    char path[TEMP_PATH_SIZE];

    temp_path(path, dir, ACCOUNT "~X.jsonl.new");
    ck_assert_int_eq(close(open(path, O_WRONLY | O_CREAT, 0600)), 0);
    outbox_close(open_outbox());
    ck_assert_int_eq(count_files(".new", path), 0);
}
END_TEST

START_TEST(drafts_are_kept_a_window_each)
{
    struct outbox *outbox = open_outbox();

    outbox_save_draft(outbox, "#lobby", "half a li");
    outbox_save_draft(outbox, "#lobby", "half a line");
    outbox_save_draft(outbox, "@bob", "hi");
    outbox_save_draft(outbox, "#tea", "x");
    outbox_save_draft(outbox, "#tea", NULL);
    outbox_save_draft(outbox, "#bad", "\xff");
    outbox_close(outbox);

    for (int i = 0; i < 2; i++) {
        outbox = open_outbox();
        ck_assert_str_eq(outbox_draft(outbox, "#lobby"), "half a line");
        ck_assert_str_eq(outbox_draft(outbox, "@bob"), "hi");
        ck_assert_ptr_null(outbox_draft(outbox, "#tea"));
        ck_assert_ptr_null(outbox_draft(outbox, "#bad"));
        outbox_close(outbox);
    }
}
END_TEST

START_TEST(file_is_private_and_does_not_grow_without_end)
{
    struct outbox *outbox = open_outbox();
    char path[TEMP_PATH_SIZE], text[4001];
    struct stat info;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    add(outbox, "stays", "here");
    for (int i = 0; i < 2000; i++) {
        text[0] = (char)('a' + i % 26);
        outbox_save_draft(outbox, "#lobby", text);
    }

    ck_assert_int_eq(count_files(".jsonl", path), 1);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_lt(info.st_size, 1200000);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
    add(outbox, "too", "late?");
    struct outbox *other = open_outbox();
    ck_assert_ptr_null(outbox_first(other)); /* the new file is locked as the old one was */
    outbox_close(other);
    outbox_close(outbox);

    outbox = open_outbox();
    ck_assert_str_eq(ids(outbox), "stays too");
    ck_assert_str_eq(outbox_draft(outbox, "#lobby"), text);
    outbox_close(outbox);
}
END_TEST

/* A disk that is full: no file may grow beyond some size. That holds for check's own file too, so
 * nothing is asserted while it is. */
START_TEST(full_disk_refuses_and_leaves_what_was_kept)
{
    struct outbox *outbox = open_outbox();
    struct command big = {.type = COMMAND_SAY, .id = "big", .room = "#lobby"};
    struct command small = {.type = COMMAND_SAY, .id = "b", .room = "#lobby"};
    struct rlimit before, limit;
    char why[200], text[1001];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    big.text = xstrdup(text);
    small.text = xstrdup("small");
    add(outbox, "a", "one");

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 600;
    setrlimit(RLIMIT_FSIZE, &limit);
    const struct outbox_item *refused = outbox_add(outbox, &big, why, sizeof(why));
    char small_why[200] = "";
    const struct outbox_item *kept = outbox_add(outbox, &small, small_why, sizeof(small_why));
    setrlimit(RLIMIT_FSIZE, &before);

    ck_assert_ptr_null(refused);
    ck_assert_ptr_nonnull(strstr(why, "not kept"));
    ck_assert_ptr_nonnull(kept);
    add(outbox, "c", "later");
    ck_assert_str_eq(ids(outbox), "a b c");
    outbox_close(outbox);

    outbox = open_outbox();
    ck_assert_str_eq(ids(outbox), "a b c");
    ck_assert_ptr_null(outbox_damage(outbox));
    outbox_close(outbox);
}
END_TEST

START_TEST(directory_that_cannot_be_made_is_told)
{
    char why[200] = "", path[TEMP_PATH_SIZE];

    temp_path(path, dir, "file");
    ck_assert_int_eq(close(open(path, O_WRONLY | O_CREAT, 0600)), 0);
    ck_assert_ptr_null(outbox_open(path, ACCOUNT, why, sizeof(why)));
    ck_assert_ptr_nonnull(strstr(why, path));
}
END_TEST

/* Adds as fast as it can and says on the pipe what has returned. No assertions: check would report
 * them through the parent's pipe, which the kill may cut. */
static void
add_until_killed(int pipe_fd)
{
    char why[200];
    struct outbox *outbox = outbox_open(dir, ACCOUNT, why, sizeof(why));

    for (int i = 0; outbox != NULL; i++) {
        struct command command = {.type = COMMAND_SAY, .room = "#lobby", .text = xstrdup("typed")};
        snprintf(command.id, sizeof(command.id), "%d", i);
        if (outbox_add(outbox, &command, why, sizeof(why)) == NULL)
            break;
        if (i % 7 == 3)
            outbox_save_draft(outbox, "#lobby", outbox_first(outbox)->command.id);
        if (write(pipe_fd, &i, sizeof(i)) != sizeof(i))
            break;
    }

    _exit(1);
}

START_TEST(killed_at_any_moment_it_loses_nothing_that_returned)
{
    int last = -1, pipes[2];

    for (int round = 0; round < 5; round++) {
        ck_assert_int_eq(pipe(pipes), 0);
        pid_t child = fork();
        if (child == 0) {
            close(pipes[0]);
            temp_dir_remove(dir);
            add_until_killed(pipes[1]);
        }

        close(pipes[1]);
        for (int i = 0; i < 20 + round * 13; i++)
            ck_assert_int_eq(read(pipes[0], &last, sizeof(last)), (ssize_t)sizeof(last));
        kill(child, SIGKILL);
        while (read(pipes[0], &last, sizeof(last)) == (ssize_t)sizeof(last))
            ;
        close(pipes[0]);
        waitpid(child, NULL, 0);

        struct outbox *outbox = open_outbox();
        int found = 0;
        for (const struct outbox_item *item = outbox_first(outbox); item != NULL; item = item->next)
            ck_assert_int_eq(atoi(item->command.id), found++);
        ck_assert_int_gt(found, last);
        ck_assert_int_le(found, last + 2); /* one may be on disk that had not yet returned */
        ck_assert_ptr_null(outbox_damage(outbox));
        outbox_close(outbox);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("outbox");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, what_was_added_is_there_after_a_restart_as_it_was);
    tcase_add_test(all, removed_is_gone_and_refused_stays_refused);
    tcase_add_test(all, lost_connection_queues_what_was_sent);
    tcase_add_test(all, what_the_log_has_is_not_unsent_and_not_said_again);
    tcase_add_test(all, removing_keeps_the_order_of_the_rest);
    tcase_add_test(all, every_kind_of_command_is_kept);
    tcase_add_test(all, second_client_has_a_file_of_its_own);
    tcase_add_test(all, other_accounts_are_left_alone);
    tcase_add_test(all, file_that_was_taken_over_but_not_unlinked_repeats_nothing);
    tcase_add_test(all, last_line_that_a_crash_cut_off_is_forgotten);
    tcase_add_test(all, damage_inside_is_told_and_kept_aside);
    tcase_add_test(all, half_written_new_file_is_swept_away);
    tcase_add_test(all, drafts_are_kept_a_window_each);
    tcase_add_test(all, file_is_private_and_does_not_grow_without_end);
    tcase_add_test(all, full_disk_refuses_and_leaves_what_was_kept);
    tcase_add_test(all, directory_that_cannot_be_made_is_told);
    tcase_add_test(all, killed_at_any_moment_it_loses_nothing_that_returned);
    suite_add_tcase(suite, all);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
