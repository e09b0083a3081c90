/* Sessions: the token that is kept, the login that gives one, the logout that ends it. */
#include "client/link/denial.h"
#include "client/link/link_internal.h"
#include "client/link/pins.h"
#include "client/link/small_file.h"
#include "common/buf.h"
#include "common/json.h"
#include "common/util.h"

#include <errno.h>
#include <string.h>

#define LOG_MODULE "link"
#include "common/log.h"

/* A guest's token is of no use to one who has a password: that session is ended and its name is
 * free for the login. */
void
link_load_token(struct link *link)
{
    struct token token = {0};

    link->token = (struct token){0};
    link->old_token = (struct token){0};
    int error = token_load(link->state_dir, link->account, &token);
    if (error < 0 && error != -ENOENT)
        log_warn("token of %s not read: %s", link->account, strerror(-error));
    if (error < 0)
        return;

    if (token.is_guest && link->password != NULL)
        link->old_token = token;
    else
        link->token = token;
    explicit_bzero(&token, sizeof(token));
}

static void
drop_token(struct link *link)
{
    token_forget(link->state_dir, link->account);
    explicit_bzero(&link->token, sizeof(link->token));
}

static void
put_credentials(struct buf *out, const struct link *link)
{
    buf_add_str(out, "{\"user\":");
    buf_add_json(out, link->user);
    if (link->password != NULL) {
        buf_add_str(out, ",\"password\":");
        buf_add_json(out, link->password);
    } else {
        buf_addf(out, ",\"claim\":\"%s\"", link->claim);
    }
    if (link->register_account && link->invite != NULL) {
        buf_add_str(out, ",\"invite\":");
        buf_add_json(out, link->invite);
    }
    buf_add_byte(out, '}');
}

/* The server's own sentence, or what stands for one. */
static void
say_refusal(struct link *link, const struct ask_answer *answer)
{
    char why[300];
    json_t *body = json_parse(answer->body, answer->len, why, sizeof(why));
    const char *message = json_member_string(json_object_get(body, "error"), "message");

    denial_say(answer->status, answer->body, answer->len, "the login", why, sizeof(why));
    link_say_why(link, "%s", message != NULL ? message : why);
    json_decref(body);
}

static bool
take_session(struct link *link, const json_t *body)
{
    const char *token = json_member_string(body, "token");
    const char *user = json_member_string(body, "user");

    if (token == NULL || !token_is_valid(token)) {
        link_say_why(link, "login answered without a token");
        return false;
    }
    if (user != NULL && !str_equal(user, link->user)) {
        link_say_why(link, "login as %s answered as %s", link->user, user);
        return false;
    }

    str_copy(link->token.text, sizeof(link->token.text), token);
    link->token.is_guest = json_member_bool(body, "guest", link->password == NULL);
    return true;
}

static void
logged_in(struct link *link, const struct ask_answer *answer)
{
    char why[100];
    json_t *body = json_parse(answer->body, answer->len, why, sizeof(why));
    bool is_good = take_session(link, body);

    json_decref(body);
    if (!is_good) {
        link_fail_protocol(link);
        return;
    }

    link->register_account = false; /* that is done; from now on it logs in */
    int error = token_save(link->state_dir, link->account, &link->token);
    if (error < 0)
        log_warn("token of %s not kept: %s", link->account, strerror(-error));
    link_connect(link);
}

static bool
is_for_a_person(int status)
{
    return status == 400 || status == 401 || status == 403 || status == 409 || status == 422;
}

static void
not_answered(struct link *link, const struct ask_answer *answer)
{
    link_say_why(link, "%s", answer->why);
    if (answer->end == ASK_FAILED && link->register_account)
        link->is_register_lost = true;
    if (answer->end == ASK_CERTIFICATE)
        link_fail(link, LINK_FAULT_CERTIFICATE);
    else if (answer->end == ASK_WRONG_HTTP)
        link_fail_protocol(link);
    else
        link_back_off(link);
}

static void send_login(struct link *link);

/* The server may have heard an earlier registration of ours, whose answer was lost: then the name
 * is taken, and the invitation used up, by ourselves, and the password is right. */
static bool
may_be_registered(const struct link *link, int status)
{
    return link->register_account && link->is_register_lost && (status == 409 || status == 403);
}

static void
on_login(void *context, const struct ask_answer *answer)
{
    struct link *link = context;

    if (answer->end == ASK_DROPPED)
        return;

    link->request = NULL;
    if (answer->end != ASK_ANSWERED) {
        not_answered(link, answer);
        return;
    }
    if (answer->status == 200) {
        logged_in(link, answer);
        return;
    }

    say_refusal(link, answer);
    if (denial_is_foreign(answer->status, answer->body, answer->len)) {
        link_fail_protocol(link);
        return;
    }

    if (may_be_registered(link, answer->status)) {
        link->register_account = false;
        send_login(link);
        return;
    }

    link->status.login_status = answer->status;
    if (is_for_a_person(answer->status))
        link_fail(link, LINK_FAULT_LOGIN);
    else
        link_refused(link, answer->status, answer->retry_after_ms);
}

static void
send_login(struct link *link)
{
    struct buf body = BUF_INIT;

    put_credentials(&body, link);
    const struct ask_question question = {
        .path = link->register_account ? "/v1/register" : "/v1/login",
        .body = buf_text(&body),
        .timeout_ms = link->seams.patience.ask_ms,
    };
    link->request = link->seams.asks->send(link->ask, &question, on_login, link);

    explicit_bzero(body.data, body.len);
    buf_fini(&body);
}

static struct ask_request *
send_logout(struct link *link, const struct token *token, ask_done done)
{
    const struct ask_question question = {
        .path = "/v1/logout",
        .token = token->text,
        .body = "{}",
        .timeout_ms = link->seams.patience.logout_ms,
    };

    return link->seams.asks->send(link->ask, &question, done, link);
}

/* The guest's session is over, or the login will say what is wrong; but a certificate that is not
 * trusted ends it here. */
static void
on_old_logout(void *context, const struct ask_answer *answer)
{
    struct link *link = context;

    if (answer->end == ASK_DROPPED)
        return;

    link->request = NULL;
    if (answer->end == ASK_CERTIFICATE) {
        link_say_why(link, "%s", answer->why);
        link_fail(link, LINK_FAULT_CERTIFICATE);
        return;
    }

    if (answer->end == ASK_ANSWERED) {
        token_forget(link->state_dir, link->account);
        explicit_bzero(&link->old_token, sizeof(link->old_token));
    }
    send_login(link);
}

void
link_login(struct link *link)
{
    if (link->old_token.text[0] != '\0')
        link->request = send_logout(link, &link->old_token, on_old_logout);
    else
        send_login(link);
    link_enter(link, LINK_LOGIN);
}

void
link_login_again(struct link *link)
{
    drop_token(link);
    if (link->is_second_login) {
        link_fail(link, LINK_FAULT_LOGIN);
        return;
    }

    link->is_second_login = true;
    link_login(link);
}

/* Where the server did not hear of it, the session goes on and the next start finds its token. */
static void
on_logout(void *context, const struct ask_answer *answer)
{
    struct link *link = context;

    if (answer->end == ASK_DROPPED)
        return;

    link->request = NULL;
    if (answer->end == ASK_ANSWERED && (answer->status / 100 == 2 || answer->status == 401))
        drop_token(link);
    link_enter(link, LINK_ENDED);
}

void
link_logout(struct link *link)
{
    link->request = send_logout(link, &link->token, on_logout);
    link_enter(link, LINK_IDLE);
}

static int
lend_pins(const struct link *link, const char *state_dir)
{
    char *from = xasprintf("%s/pins", link->state_dir), *to = xasprintf("%s/pins", state_dir);
    struct buf pins = BUF_INIT;
    int error = small_file_read(from, PINS_FILE_MAX, &pins);

    if (error == 0)
        error = small_file_write(to, buf_text(&pins), pins.len);
    buf_fini(&pins);
    free(from);
    free(to);
    return error == -ENOENT ? 0 : error; /* none were needed */
}

int
link_lend_session(const struct link *link, const char *state_dir)
{
    int error = link->token.text[0] == '\0' ? -ENOENT : make_directories(state_dir, 0700);

    if (error == 0)
        error = token_save(state_dir, link->account, &link->token);
    return error < 0 ? error : lend_pins(link, state_dir);
}
