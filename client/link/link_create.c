/* A link's beginning and end, and whose it is. */
#include "client/link/https.h"
#include "client/link/link_internal.h"
#include "common/buf.h"
#include "common/id.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "link"
#include "common/log.h"

#define CONNECTIONS_MAX 16 /* with HTTP/1.1: two a way, ways overlap, and some questions */

static const struct link_patience patience = {
    .open_ms = 10000,
    .ask_ms = 30000,
    .logout_ms = 2000,
    .heartbeat_ms = 15000,
    .retry_ms = 1000,
    .proof_min_ms = 2000,
    .proof_max_ms = 10000,
    .owed_ms = 2000,
};

static char *
copy(const char *text)
{
    return text == NULL ? NULL : xstrdup(text);
}

static void
free_secret(char *secret)
{
    if (secret != NULL)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

void
link_set_password(struct link *link, const char *password)
{
    char *fresh = copy(password);

    free_secret(link->password);
    link->password = fresh;
}

int
link_set_user(struct link *link, const char *user, char *why, size_t why_size)
{
    char name[USER_SIZE], account[LINK_ACCOUNT_SIZE], authority[URL_AUTHORITY_SIZE];

    if (str_copy(name, sizeof(name), user) < 0) {
        snprintf(why, why_size, "user name too long: %zu bytes, at most %d", strlen(user),
                 USER_MAX);
        return -EINVAL;
    }

    name_lower(name, sizeof(name), name);
    const char *fault = user_name_fault(name);
    if (fault != NULL) {
        snprintf(why, why_size, "%s", fault);
        return -EINVAL;
    }

    url_authority(authority, &link->url);
    snprintf(account, sizeof(account), "%s@%s", name, authority);
    if (link->outbox != NULL && str_equal(account, link->account))
        return 0;

    char *directory = xasprintf("%s/outbox", link->state_dir);
    struct outbox *outbox = outbox_open(directory, account, why, why_size);
    free(directory);
    if (outbox == NULL)
        return -EIO;

    outbox_close(link->outbox);
    link->outbox = outbox;
    str_copy(link->user, sizeof(link->user), name);
    str_copy(link->account, sizeof(link->account), account);
    return 0;
}

static void
init_timer(struct link *link, uv_timer_t *timer)
{
    uv_timer_init(link->loop, timer);
    link->open_timers++;
}

static void
init_choose(struct link *link)
{
    const struct choose_times *times = &link->seams.patience.choose;
    const char *names[LINK_ROWS_MAX];
    size_t count = link_row_count(link);

    for (size_t i = 0; i < count; i++)
        names[i] = link->seams.rows[i]->name;
    choose_init(&link->choose, times->memory_ms > 0 ? times : &choose_times, names, count,
                link->reads_only);
}

static void
make_claim(char ret_claim[CLAIM_SIZE])
{
    uint8_t bytes[CLAIM_BYTES];

    random_bytes(bytes, sizeof(bytes));
    hex_encode(ret_claim, bytes, sizeof(bytes));
}

static struct link *
new_link(uv_loop_t *loop, const struct link_config *config, const struct link_listener *listener,
         const struct link_seams *seams)
{
    struct link *link = xcalloc(1, sizeof(*link));

    link->loop = loop;
    link->listener = *listener;
    link->seams = *seams;
    link->meter = meter_create();
    link->state_dir = xstrdup(config->state_dir);
    link->invite = copy(config->invite);
    link->register_account = config->register_account;
    link->poll_interval_ms = config->poll_interval_ms;
    link->heartbeat_ms = seams->patience.heartbeat_ms;
    link->leg = &link->legs[0];
    link->status.facts = &link->leg->facts;
    for (size_t i = 0; i < ARRAY_LEN(link->legs); i++) {
        link->legs[i].link = link;
        init_timer(link, &link->legs[i].timer);
    }
    link_set_password(link, config->password);
    make_claim(link->claim);
    link->reads_only = config->reads_only;
    link->http = config->http;
    init_choose(link);
    backoff_init(&link->backoff);
    pace_init(&link->pace);
    init_timer(link, &link->timer);
    init_timer(link, &link->ping_timer);
    init_timer(link, &link->resend_timer);
    init_timer(link, &link->owed_timer);
    init_timer(link, &link->choose_timer);
    return link;
}

static int
set_position(struct link *link, const char *after, char *why, size_t why_size)
{
    if (after == NULL)
        return 0;

    if (cursor_parse(after, &link->position) < 0) {
        snprintf(why, why_size, "cursor \"%.60s\" malformed: wanted EPOCH-SEQ or 0", after);
        return -EINVAL;
    }

    link->has_position = true;
    return 0;
}

static int
choose_proxy(struct link *link, const char *given, char *why, size_t why_size)
{
    struct proxy_environment environment;

    proxy_environment_read(&environment);
    int error = proxy_choose(given, &environment, link->url.host, &link->proxy, why, why_size);
    if (error == 0 && proxy_is_used(&link->proxy))
        meter_tunnelled(link->meter);
    return error;
}

static int
open_trust(struct link *link, const struct link_config *config, char *why, size_t why_size)
{
    char *pins = xasprintf("%s/pins", link->state_dir);

    link->trust = trust_create(link->url.host, link->url.port, pins, config->ca_file,
                               config->fingerprint, why, why_size);
    free(pins);
    return link->trust == NULL ? -EINVAL : 0;
}

static size_t
first_with_base(const struct link *link, const struct link_ops *row)
{
    size_t i = 0;

    while (link->seams.rows[i]->base_create != row->base_create)
        i++;
    return i;
}

int
link_base(struct link *link, const struct link_ops *row, struct way_base **ret_base, char *why,
          size_t why_size)
{
    struct way_base **base = &link->bases[first_with_base(link, row)];

    if (*base == NULL && row->base_create != NULL) {
        *base = row->base_create(link->loop, link->trust, link->https, why, why_size);
        if (*base == NULL)
            return -EIO;
    }

    *ret_base = *base;
    return 0;
}

int
link_find_row(const struct link *link, const char *name, const struct link_ops **ret_row, char *why,
              size_t why_size)
{
    struct buf names = BUF_INIT;

    buf_add_str(&names, LINK_AUTO);
    for (size_t i = 0; link->seams.rows[i] != NULL; i++) {
        buf_addf(&names, "|%s", link->seams.rows[i]->name);
        if (str_equal(link->seams.rows[i]->name, name)) {
            *ret_row = link->seams.rows[i];
            buf_fini(&names);
            return 0;
        }
    }

    snprintf(why, why_size, "transport \"%.20s\" unknown: wanted %s", name, buf_text(&names));
    buf_fini(&names);
    return -EINVAL;
}

/* What is remembered of the host is of use only once the state directory and the URL are there. */
static int
set_row(struct link *link, const char *name, char *why, size_t why_size)
{
    link->is_auto = str_equal(name, LINK_AUTO);
    if (!link->is_auto && link_find_row(link, name, &link->row, why, why_size) < 0)
        return -EINVAL;

    if (link->is_auto)
        link_auto_begin(link);
    else
        snprintf(link->status.why_transport, sizeof(link->status.why_transport), "asked for");
    link->leg->row = link->row;
    link->status.transport = link->row->name;
    return 0;
}

/* What the link stands on. A name that is none is no fault yet: the user is asked for another. */
static int
open_parts(struct link *link, const struct link_config *config, char *why, size_t why_size)
{
    struct way_base *base;

    int error = make_directories(link->state_dir, 0700);
    if (error < 0) {
        snprintf(why, why_size, "state directory %s: %s", link->state_dir, strerror(-error));
        return error;
    }
    if (url_parse(config->url, &link->url, why, why_size) < 0 ||
        choose_proxy(link, config->proxy, why, why_size) < 0 ||
        set_row(link, config->transport, why, why_size) < 0 ||
        set_position(link, config->after, why, why_size) < 0 ||
        open_trust(link, config, why, why_size) < 0)
        return -EINVAL;

    error = link_set_user(link, config->user == NULL ? "" : config->user, why, why_size);
    if (error < 0 && error != -EINVAL)
        return error;
    if (error == -EINVAL)
        link_say_why(link, "%s", why);

    link->https = https_create(link->loop, link->trust, link->meter, CONNECTIONS_MAX);
    if (link->https == NULL) {
        snprintf(why, why_size, "libcurl did not start");
        return -EIO;
    }
    if (config->forbids_reuse)
        https_forbid_reuse(link->https);

    link->ask = link->seams.asks->create(link->https, &link->url, &link->proxy, link->http);
    return link_base(link, link->row, &base, why, why_size);
}

struct link *
link_create_with(uv_loop_t *loop, const struct link_config *config,
                 const struct link_listener *listener, const struct link_seams *seams, char *why,
                 size_t why_size)
{
    struct link *link = new_link(loop, config, listener, seams);

    if (open_parts(link, config, why, why_size) < 0) {
        link_destroy(link);
        return NULL;
    }

    return link;
}

struct link *
link_create(uv_loop_t *loop, const struct link_config *config, const struct link_listener *listener,
            char *why, size_t why_size)
{
    const struct link_seams seams = {
        .rows = link_rows,
        .asks = &ask_https,
        .patience = patience,
    };

    return link_create_with(loop, config, listener, &seams, why, why_size);
}

static void
free_link(struct link *link)
{
    meter_unref(link->meter);
    free_secret(link->password);
    free(link->invite);
    free(link->state_dir);
    explicit_bzero(link->claim, sizeof(link->claim));
    explicit_bzero(&link->token, sizeof(link->token));
    explicit_bzero(&link->proxy, sizeof(link->proxy));
    explicit_bzero(&link->old_token, sizeof(link->old_token));
    free(link);
}

static void
timer_closed(uv_handle_t *handle)
{
    struct link *link = handle->data;

    if (--link->open_timers == 0)
        free_link(link);
}

static void
close_timer(struct link *link, uv_timer_t *timer)
{
    timer->data = link;
    uv_close((uv_handle_t *)timer, timer_closed);
}

void
link_destroy(struct link *link)
{
    if (link == NULL)
        return;

    leg_stop(link->leg);
    link_end_trial(link);
    for (size_t i = 0; link->seams.rows[i] != NULL; i++)
        if (link->bases[i] != NULL)
            link->seams.rows[i]->base_destroy(link->bases[i]);
    if (link->ask != NULL)
        link->seams.asks->destroy(link->ask);
    if (link->https != NULL)
        https_destroy(link->https);
    outbox_close(link->outbox);
    trust_destroy(link->trust);
    close_timer(link, &link->timer);
    close_timer(link, &link->ping_timer);
    close_timer(link, &link->resend_timer);
    close_timer(link, &link->owed_timer);
    close_timer(link, &link->choose_timer);
    for (size_t i = 0; i < ARRAY_LEN(link->legs); i++)
        close_timer(link, &link->legs[i].timer);
}
