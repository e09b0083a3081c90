/* server/admin/deed: what administrators have done, on a house with a memory store. */
#include "server/admin/deed.h"

#include "common/util.h"
#include "server/chat/accounts.h"
#include "server/chat/session_record.h"
#include "server/chat/sessions.h"
#include "server/config.h"
#include "server/house.h"
#include "server/log/appender.h"
#include "server/server.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct server_config config = {.store = (char[]){"memory:"}};
static struct house *house;
static const struct server *server;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news = PTHREAD_COND_INITIALIZER;
static bool is_done;

static void
set_up(void)
{
    char why[200] = "";

    house = house_open_quiet(&config, why, sizeof(why));
    ck_assert_msg(house != NULL, "%s", why);
    server = house_server(house);
}

static void
tear_down(void)
{
    house_close(house);
}

static void
say_done(void)
{
    pthread_mutex_lock(&lock);
    is_done = true;
    pthread_cond_signal(&news);
    pthread_mutex_unlock(&lock);
}

static void
wait_until_done(void)
{
    pthread_mutex_lock(&lock);
    while (!is_done)
        pthread_cond_wait(&news, &lock);
    is_done = false;
    pthread_mutex_unlock(&lock);
}

static void
on_deed(struct deed *deed)
{
    say_done();
}

static void
on_job(struct append_job *job)
{
    say_done();
}

/* Takes the order. What it said, or "CODE: message", until the next call. */
static const char *
order_done(struct order order)
{
    static char said[2000];
    struct deed deed;

    deed_init(&deed, server, &order);
    deed.done = on_deed;
    deed_start(&deed);
    wait_until_done();
    if (deed.refusal.code == REFUSAL_NONE)
        snprintf(said, sizeof(said), "%s", buf_text(&deed.said));
    else
        snprintf(said, sizeof(said), "%s: %s", refusal_name(deed.refusal.code),
                 deed.refusal.message);
    deed_fini(&deed);
    return said;
}

static const char *
done(const char *deed, const char *name, const char *hash)
{
    struct order order = {0};

    str_copy(order.deed, sizeof(order.deed), deed);
    str_copy(order.name, sizeof(order.name), name);
    str_copy(order.hash, sizeof(order.hash), hash);
    return order_done(order);
}

static const char *
revoked(const char *code)
{
    struct order order = {.deed = "invite_revoke"};

    str_copy(order.invite, sizeof(order.invite), code);
    return order_done(order);
}

static const char *
invited(char ret_code[INVITE_SIZE])
{
    struct order order = {.deed = "invite", .days = 7};
    const char *said = order_done(order);

    ck_assert_msg(strlen(said) == INVITE_SIZE, "%s", said);
    snprintf(ret_code, INVITE_SIZE, "%s", said);
    return said;
}

static void
put_record(const struct record *record)
{
    struct append_job *job = append_job_create(1);

    job->items[0].kind = APPEND_RECORD;
    job->items[0].record = *record;
    job->done = on_job;
    appender_submit(server->appender, job);
    wait_until_done();
    ck_assert_int_eq(job->items[0].outcome, APPEND_ACCEPTED);
    append_job_destroy(job);
}

static void
come_in(const char *name, bool guest, char ret_token[TOKEN_SIZE])
{
    struct identity who;
    struct record record;

    identity_make(&who, name, guest, 0);
    session_make(&who, ret_token, &record);
    put_record(&record);
}

static bool
is_in(const char *token)
{
    const struct session *session = sessions_find(server->sessions, token);

    session_unref(session);
    return session != NULL;
}

static void
check_said(const char *said, const char *wanted)
{
    ck_assert_msg(strstr(said, wanted) != NULL, "\"%s\"; wanted \"%s\"", said, wanted);
}

START_TEST(account_is_made_once_with_its_hash_and_sits_in_the_lobby)
{
    struct account account;

    check_said(done("user_add", "ann", "scrypt$1"), "ann has an account\n");
    ck_assert_int_eq(accounts_find(server->accounts, "ann", &account), 0);
    ck_assert_str_eq(account.password_hash, "scrypt$1");
    ck_assert(!account.identity.guest);
    check_said(done("user_add", "ann", "scrypt$2"), "conflict: the name ann is taken");
    ck_assert_int_eq(accounts_find(server->accounts, "ann", &account), 0);
    ck_assert_str_eq(account.password_hash, "scrypt$1");
}
END_TEST

START_TEST(new_password_ends_the_sessions_of_its_account_only)
{
    char ann[TOKEN_SIZE], bob[TOKEN_SIZE];
    struct account account;

    done("user_add", "ann", "scrypt$1");
    done("user_add", "bob", "scrypt$1");
    come_in("ann", false, ann);
    come_in("bob", false, bob);
    check_said(done("user_password", "ann", "scrypt$2"), "1 session ended");
    ck_assert(!is_in(ann) && is_in(bob));
    ck_assert_int_eq(accounts_find(server->accounts, "ann", &account), 0);
    ck_assert_str_eq(account.password_hash, "scrypt$2");
    check_said(done("user_password", "cyd", "scrypt$2"), "not_found: nobody has the name cyd");
}
END_TEST

START_TEST(ban_ends_sessions_of_before_and_after_until_it_is_lifted)
{
    char before[TOKEN_SIZE], during[TOKEN_SIZE], after[TOKEN_SIZE];

    done("user_add", "ann", "scrypt$1");
    come_in("ann", false, before);
    ck_assert(is_in(before));
    check_said(done("user_ban", "ann", ""), "ann is banned\n1 session ended\n");
    ck_assert(!is_in(before) && sessions_is_banned(server->sessions, "ann"));
    come_in("ann", false, during); /* a login that had passed the check already */
    ck_assert(!is_in(during));

    check_said(done("user_unban", "ann", ""), "banned no more");
    ck_assert(!sessions_is_banned(server->sessions, "ann"));
    come_in("ann", false, after);
    ck_assert(is_in(after) && !is_in(before) && !is_in(during));
    check_said(done("user_unban", "ann", ""), "not_found: ann is not banned");
}
END_TEST

/* As after a crash between the ban and the housekeeping, which takes the sessions out of the log.
 */
START_TEST(ban_holds_for_sessions_that_are_loaded)
{
    char token[TOKEN_SIZE];

    come_in("ann", true, token);
    done("user_ban", "ann", "");
    struct sessions *loaded = sessions_create();
    ck_assert_int_eq(sessions_load(loaded, server->store), 0);
    ck_assert_ptr_null(sessions_find(loaded, token));
    ck_assert(sessions_is_banned(loaded, "ann"));
    sessions_destroy(loaded);
}
END_TEST

START_TEST(list_has_everybody_in_order_and_tells_of_bans)
{
    char token[TOKEN_SIZE];

    done("user_add", "cyd", "scrypt$1");
    done("user_add", "ann", "scrypt$1");
    come_in("ann", false, token);
    done("user_ban", "cyd", "");
    done("user_ban", "bob", "");
    const char *said = done("user_list", "", "");
    const char *ann = strstr(said, "ann "), *bob = strstr(said, "bob "),
               *cyd = strstr(said, "cyd ");
    ck_assert_msg(ann == said && ann < bob && bob < cyd, "%s", said);
    ck_assert_msg(strstr(ann, "account ") < bob && strstr(ann, "  1\n") < bob, "%s", said);
    ck_assert_msg(strstr(bob, "nobody ") < cyd && strstr(bob, " banned\n") < cyd, "%s", said);
    ck_assert_msg(strstr(cyd, "account ") != NULL && strstr(cyd, " banned\n") != NULL, "%s", said);
    ck_assert_msg(strstr(cyd + 1, "cyd") == NULL, "%s", said);
}
END_TEST

START_TEST(invitation_is_listed_until_it_is_revoked)
{
    char code[INVITE_SIZE], other[INVITE_SIZE], label[INVITE_LABEL_LEN + 1];

    invited(code);
    invited(other);
    snprintf(label, sizeof(label), "%.6s", code);
    check_said(order_done((struct order){.deed = "invite_list"}), label);
    check_said(revoked("not-there"), "not_found");
    check_said(revoked(label), "is good no more");
    check_said(revoked(label), "not_found");
    check_said(revoked(other), "is good no more");
    ck_assert_str_eq(order_done((struct order){.deed = "invite_list"}), "");
}
END_TEST

START_TEST(orders_that_make_no_sense_are_refused)
{
    static const struct {
        struct order order;
        const char *wanted;
    } rows[] = {
        {{.deed = ""}, "unknown_command"},
        {{.deed = "fly"}, "unknown_command: unknown deed: fly"},
        {{.deed = "user_add", .name = "ann"}, "invalid: hash"},
        {{.deed = "user_add", .hash = "scrypt"}, "invalid: name"},
        {{.deed = "user_ban"}, "invalid: name"},
        {{.deed = "invite"}, "invalid: days"},
        {{.deed = "invite_revoke"}, "invalid: invite"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_said(order_done(rows[i].order), rows[i].wanted);

    struct order elsewhere = {.deed = "user_list", .store = strdup("sqlite:/elsewhere")};
    check_said(order_done(elsewhere), "conflict: the server at this data directory");
}
END_TEST

START_TEST(order_comes_out_as_it_went_in)
{
    struct order in = {.deed = "user_add",
                       .name = "ann",
                       .hash = "scrypt$1",
                       .days = 3,
                       .invite = "a\"b",
                       .store = strdup("sqlite:/a \"b\"")};
    struct order out;
    struct refusal refusal;
    struct buf line = BUF_INIT;

    order_encode(&line, &in);
    ck_assert_int_eq(line.data[line.len - 1], '\n');
    ck_assert_int_eq(order_decode(line.data, line.len - 1, &out, &refusal), 0);
    ck_assert_str_eq(out.deed, in.deed);
    ck_assert_str_eq(out.name, in.name);
    ck_assert_str_eq(out.hash, in.hash);
    ck_assert_str_eq(out.invite, in.invite);
    ck_assert_str_eq(out.store, in.store);
    ck_assert_int_eq(out.days, 3);
    order_fini(&in);
    order_fini(&out);
    buf_fini(&line);
}
END_TEST

START_TEST(malformed_order_is_refused)
{
    static const char *const rows[] = {
        "",
        "{",
        "[]",
        "{\"deed\":\"a deed that has far too long a name\"}",
        "{\"name\":\"Ann\"}",
        "{\"name\":\"a name of more than thirty-two bytes\"}",
        "{\"hash\":\"\\\"}\"}",
        "{\"days\":3651}",
    };
    struct refusal refusal;
    struct order order;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(order_decode(rows[i], strlen(rows[i]), &order, &refusal) < 0, "%s", rows[i]);
        order_fini(&order);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("deed");
    TCase *facts = tcase_create("facts");

    tcase_add_checked_fixture(facts, set_up, tear_down);
    tcase_add_test(facts, account_is_made_once_with_its_hash_and_sits_in_the_lobby);
    tcase_add_test(facts, new_password_ends_the_sessions_of_its_account_only);
    tcase_add_test(facts, ban_ends_sessions_of_before_and_after_until_it_is_lifted);
    tcase_add_test(facts, ban_holds_for_sessions_that_are_loaded);
    tcase_add_test(facts, list_has_everybody_in_order_and_tells_of_bans);
    tcase_add_test(facts, invitation_is_listed_until_it_is_revoked);
    tcase_add_test(facts, orders_that_make_no_sense_are_refused);
    tcase_add_test(facts, order_comes_out_as_it_went_in);
    tcase_add_test(facts, malformed_order_is_refused);
    suite_add_tcase(suite, facts);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
