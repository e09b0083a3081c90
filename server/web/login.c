#include "server/web/login.h"

#include "common/clock.h"
#include "common/json.h"
#include "common/names.h"
#include "common/util.h"
#include "server/chat/accounts.h"
#include "server/chat/invites.h"
#include "server/chat/limits.h"
#include "server/chat/sessions.h"
#include "server/config.h"
#include "server/log/window.h"
#include "server/server.h"
#include "server/web/entrance.h"
#include "server/web/exchange.h"
#include "server/web/password_desk.h"
#include "server/web/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A password being hashed. */
struct check {
    struct password_job job;
    struct exchange *exchange; /* a reference */
    struct account account;    /* who it claims to be, or who it is to become */
    char password[PASSWORD_MAX + 1];
    char invite_key[RECORD_KEY_SIZE]; /* the invitation's that it becomes so by; "": none */
    bool matches;
    int hash_result;
};

static const struct server *
server_of(const struct exchange *exchange)
{
    return worker_server(exchange->worker);
}

static void
check_free(struct check *check)
{
    exchange_unref(check->exchange);
    explicit_bzero(check->password, sizeof(check->password));
    free(check);
}

static struct check *
check_create(struct exchange *exchange, const char *password)
{
    struct check *check = xcalloc(1, sizeof(*check));

    check->exchange = exchange_ref(exchange);
    str_copy(check->password, sizeof(check->password), password);
    return check;
}

static void
check_submit(struct check *check)
{
    struct refusal refusal;

    if (password_desk_submit(server_of(check->exchange)->desk, &check->job,
                             check->exchange->worker) == 0)
        return;
    refuse(&refusal, REFUSAL_UNAVAILABLE, "too many log in at this moment; try again");
    refusal.retry_after_ms = 2000;
    exchange_refuse(check->exchange, &refusal);
    check_free(check);
}

/* What both requests have in common. What was not given stays NULL. */
struct credentials {
    json_t *object;
    char user[USER_SIZE];
    const char *password;
    const char *invite;
    const char *claim;
};

static int
read_user(const json_t *object, char user[USER_SIZE], struct refusal *refusal)
{
    const char *given = json_member_string(object, "user");
    const char *fault;

    if (given == NULL)
        return refuse(refusal, REFUSAL_INVALID, "user: missing, or no string");
    if (strlen(given) > USER_MAX)
        return refuse(refusal, REFUSAL_INVALID, "user: %zu bytes, at most %d", strlen(given),
                      USER_MAX);
    name_lower(user, USER_SIZE, given);
    fault = user_name_fault(user);
    return fault == NULL ? 0 : refuse(refusal, REFUSAL_INVALID, "user: %s", fault);
}

/* NULL where the member is not there, or null. */
static int
read_secret(const json_t *object, const char *name, size_t max, const char **ret_secret,
            struct refusal *refusal)
{
    const json_t *member = json_object_get(object, name);

    *ret_secret = NULL;
    if (member == NULL || json_is_null(member))
        return 0;
    if (!json_is_string(member))
        return refuse(refusal, REFUSAL_INVALID, "%s: no string", name);
    if (json_string_length(member) > max)
        return refuse(refusal, REFUSAL_INVALID, "%s: %zu bytes, at most %zu", name,
                      json_string_length(member), max);
    *ret_secret = json_string_value(member);
    return 0;
}

static int
read_claim(const json_t *object, const char **ret_claim, struct refusal *refusal)
{
    if (read_secret(object, "claim", CLAIM_MAX, ret_claim, refusal) < 0)
        return -1;
    if (*ret_claim != NULL && strlen(*ret_claim) < CLAIM_MIN)
        return refuse(refusal, REFUSAL_INVALID, "claim: %zu bytes, at least %d", strlen(*ret_claim),
                      CLAIM_MIN);
    return 0;
}

/* 0, or -1 with the exchange answered. */
static int
read_credentials(struct exchange *exchange, struct credentials *credentials)
{
    struct refusal refusal;

    credentials->object = exchange_read_object(exchange);
    if (credentials->object == NULL)
        return -1;
    if (read_user(credentials->object, credentials->user, &refusal) == 0 &&
        read_secret(credentials->object, "password", PASSWORD_MAX, &credentials->password,
                    &refusal) == 0 &&
        read_secret(credentials->object, "invite", INVITE_GIVEN_MAX, &credentials->invite,
                    &refusal) == 0 &&
        read_claim(credentials->object, &credentials->claim, &refusal) == 0)
        return 0;
    json_decref(credentials->object);
    exchange_refuse(exchange, &refusal);
    return -1;
}

static bool
may_try(struct exchange *exchange, const char *user)
{
    struct refusal refusal;
    int64_t retry_after_ms;

    if (limits_may_login(server_of(exchange)->limits, user, exchange->address, &retry_after_ms))
        return true;
    refuse(&refusal, REFUSAL_RATE_LIMITED, "too many failed logins; wait a moment");
    refusal.retry_after_ms = retry_after_ms;
    exchange_refuse(exchange, &refusal);
    return false;
}

static void
login_failed(struct exchange *exchange, const char *user)
{
    struct refusal refusal;

    limits_login_failed(server_of(exchange)->limits, user, exchange->address);
    refuse(&refusal, REFUSAL_UNAUTHORIZED, "wrong user or password");
    exchange_refuse(exchange, &refusal);
}

/* 0, or -1 with the refusal. */
static int
check_ban(struct exchange *exchange, const char *user, struct refusal *refusal)
{
    if (!sessions_is_banned(server_of(exchange)->sessions, user))
        return 0;
    return refuse(refusal, REFUSAL_FORBIDDEN, "%s is banned from this server", user);
}

static void
run_match(struct password_job *job)
{
    struct check *check = container_of(job, struct check, job);

    check->matches = password_matches(check->account.password_hash, check->password);
}

static void
done_match(struct password_job *job)
{
    struct check *check = container_of(job, struct check, job);
    struct refusal refusal;

    if (!check->matches)
        login_failed(check->exchange, check->account.identity.name);
    else if (check_ban(check->exchange, check->account.identity.name, &refusal) < 0)
        exchange_refuse(check->exchange, &refusal);
    else
        entrance_open(check->exchange, &check->account);
    check_free(check);
}

/* Takes as long for a name that nobody has, so that time does not tell who has an account. */
static void
login_account(struct exchange *exchange, const char *user, const char *password)
{
    struct check *check = check_create(exchange, password);

    if (accounts_find(server_of(exchange)->accounts, user, &check->account) < 0) {
        memset(&check->account, 0, sizeof(check->account));
        identity_make(&check->account.identity, user, false, 0);
    }
    check->job.run = run_match;
    check->job.done = done_match;
    check_submit(check);
}

/* Whoever made this guest and did not get the answer. The guest is there: what is asked of a new
 * one was asked then. */
static void
login_guest_again(struct exchange *exchange, const struct account *account)
{
    struct refusal refusal;

    if (check_ban(exchange, account->identity.name, &refusal) < 0)
        exchange_refuse(exchange, &refusal);
    else
        entrance_open_again(exchange, account);
}

static void
refuse_taken(struct exchange *exchange, const struct account *account)
{
    const char *user = account->identity.name;
    struct refusal refusal;

    if (account->identity.guest) {
        refuse(&refusal, REFUSAL_CONFLICT, "a guest has the name %s now", user);
    } else {
        limits_login_failed(server_of(exchange)->limits, user, exchange->address);
        refuse(&refusal, REFUSAL_UNAUTHORIZED, "%s is registered: a password is wanted", user);
    }
    exchange_refuse(exchange, &refusal);
}

static void
login_new_guest(struct exchange *exchange, const char *user, const char *claim)
{
    struct account account = {.created_ms = clock_wall_ms()};
    struct refusal refusal;
    int result;

    if (!server_of(exchange)->config->guests)
        result = refuse(&refusal, REFUSAL_FORBIDDEN,
                        "this server takes no guests: register, or log in with a password");
    else
        result = check_ban(exchange, user, &refusal);
    if (result < 0) {
        exchange_refuse(exchange, &refusal);
        return;
    }

    identity_make(&account.identity, user, true, window_head(server_of(exchange)->window));
    account_set_claim(&account, claim);
    entrance_open_fresh(exchange, &account);
}

static void
login_guest(struct exchange *exchange, const char *user, const char *claim)
{
    struct account account;

    if (accounts_find(server_of(exchange)->accounts, user, &account) < 0)
        login_new_guest(exchange, user, claim);
    else if (account_is_claimed_by(&account, claim))
        login_guest_again(exchange, &account);
    else
        refuse_taken(exchange, &account);
}

void
login_serve(struct exchange *exchange)
{
    struct credentials credentials;

    if (read_credentials(exchange, &credentials) < 0)
        return;
    if (may_try(exchange, credentials.user)) {
        if (credentials.password == NULL)
            login_guest(exchange, credentials.user, credentials.claim);
        else
            login_account(exchange, credentials.user, credentials.password);
    }
    json_decref(credentials.object);
}

static void
run_hash(struct password_job *job)
{
    struct check *check = container_of(job, struct check, job);

    check->hash_result = password_hash(check->account.password_hash, check->password);
}

static void
done_hash(struct password_job *job)
{
    struct check *check = container_of(job, struct check, job);
    struct account *account = &check->account;
    struct refusal refusal;

    /* A guest may have had the name before. */
    account->identity.since = window_head(server_of(check->exchange)->window);
    if (check->hash_result < 0) {
        refuse(&refusal, REFUSAL_UNAVAILABLE, "the password could not be hashed; try again");
        exchange_refuse(check->exchange, &refusal);
    } else if (check->invite_key[0] != '\0') {
        entrance_open_invited(check->exchange, account, check->invite_key);
    } else {
        entrance_open_fresh(check->exchange, account);
    }
    check_free(check);
}

/* An unknown one counts as a failed login: nobody may try codes until one is right. */
static int
check_invite(struct exchange *exchange, const struct credentials *credentials,
             char ret_key[RECORD_KEY_SIZE], struct refusal *refusal)
{
    const struct server *server = server_of(exchange);
    struct invite invite;

    if (credentials->invite == NULL)
        return refuse(refusal, REFUSAL_FORBIDDEN,
                      "registration here is by invitation: give an \"invite\"");
    if (invites_find(server->invites, credentials->invite, clock_wall_ms(), &invite) < 0) {
        limits_login_failed(server->limits, credentials->user, exchange->address);
        return refuse(refusal, REFUSAL_FORBIDDEN,
                      "this invitation is not known: it may have been used, or have lapsed");
    }
    return str_copy(ret_key, RECORD_KEY_SIZE, invite.key);
}

/* ret_invite_key stays as it is where no invitation is wanted. */
static int
check_policy(struct exchange *exchange, const struct credentials *credentials,
             char ret_invite_key[RECORD_KEY_SIZE], struct refusal *refusal)
{
    switch ((enum registration)server_of(exchange)->config->registration) {
    case REGISTRATION_AUTO:
    case REGISTRATION_OPEN: break;
    case REGISTRATION_INVITE: return check_invite(exchange, credentials, ret_invite_key, refusal);
    case REGISTRATION_CLOSED: return refuse(refusal, REFUSAL_FORBIDDEN, "registration is closed");
    }
    return 0;
}

static int
may_register(struct exchange *exchange, const struct credentials *credentials,
             char ret_invite_key[RECORD_KEY_SIZE], struct refusal *refusal)
{
    const char *fault;

    if (check_policy(exchange, credentials, ret_invite_key, refusal) < 0 ||
        check_ban(exchange, credentials->user, refusal) < 0)
        return -1;
    if (credentials->password == NULL)
        return refuse(refusal, REFUSAL_INVALID, "password: missing");
    fault = password_fault(credentials->password);
    if (fault != NULL)
        return refuse(refusal, REFUSAL_INVALID, "password: %s", fault);
    if (accounts_have(server_of(exchange)->accounts, credentials->user))
        return refuse(refusal, REFUSAL_CONFLICT, "the name %s is taken", credentials->user);
    return 0;
}

static void
register_account(struct exchange *exchange, const struct credentials *credentials)
{
    char invite_key[RECORD_KEY_SIZE] = "";
    struct refusal refusal;
    struct check *check;

    if (may_register(exchange, credentials, invite_key, &refusal) < 0) {
        exchange_refuse(exchange, &refusal);
        return;
    }
    check = check_create(exchange, credentials->password);
    str_copy(check->invite_key, sizeof(check->invite_key), invite_key);
    identity_make(&check->account.identity, credentials->user, false, 0);
    check->account.created_ms = clock_wall_ms();
    check->job.run = run_hash;
    check->job.done = done_hash;
    check_submit(check);
}

void
login_serve_register(struct exchange *exchange)
{
    struct credentials credentials;

    if (read_credentials(exchange, &credentials) < 0)
        return;
    if (may_try(exchange, credentials.user))
        register_account(exchange, &credentials);
    json_decref(credentials.object);
}

void
login_serve_logout(struct exchange *exchange)
{
    entrance_close(exchange->worker, exchange->session, exchange);
}
