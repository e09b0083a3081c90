#include "tests/support/script_peer.h"

#include "common/buf.h"
#include "common/id.h"
#include "common/util.h"
#include "tests/support/tls_peer.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECEIPT "{\"type\":\"receipt\",\"id\":\"%s\",\"seq\":7}"

static struct act script[12];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char requests[200000];       /* all of them, "\n" between */
static atomic_int open_connections; /* of HTTP/2 */

static void
note_request(const char *text)
{
    const char *body = strstr(text, "\r\n\r\n");
    size_t len = strlen(requests);

    snprintf(requests + len, sizeof(requests) - len, "%.*s%s%s\n", (int)strcspn(text, "\r"), text,
             body[4] == '\0' ? "" : " ", body + 4);
}

static struct act
find_act(const char *text)
{
    struct act found = {.status = "404 Not Found", .extra = JSON, .body = "{}"};

    pthread_mutex_lock(&lock);
    note_request(text);
    for (size_t i = 0; i < ARRAY_LEN(script); i++) {
        struct act *act = &script[i];
        if (act->to == NULL || strncmp(text, act->to, strlen(act->to)) != 0 || act->times < 0)
            continue;
        found = *act;
        if (act->times > 0 && --act->times == 0)
            act->times = -1;
        break;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

/* The receipts for each id in a POST's body, as the server would. The caller frees it. */
static char *
receipts(const char *body)
{
    struct buf answer = BUF_INIT;
    char separator = '[';

    for (const char *at = body; (at = strstr(at, "\"id\":\"")) != NULL;) {
        char id[ID_SIZE];
        at += strlen("\"id\":\"");
        snprintf(id, sizeof(id), "%.*s", (int)strcspn(at, "\""), at);
        buf_add_byte(&answer, separator);
        buf_addf(&answer, RECEIPT, id);
        separator = ',';
    }
    buf_add_byte(&answer, ']');
    char *text = xstrdup(buf_text(&answer));
    buf_fini(&answer);
    return text;
}

static char *
body_of(const struct act *act, const char *text)
{
    if (act->hangs)
        return NULL;

    return act->body != NULL ? xstrdup(act->body) : receipts(strstr(text, "\r\n\r\n"));
}

/* False when the connection is over. */
static bool
play(SSL *ssl, const struct act *act, const char *text)
{
    char ignored[100], head[300];

    if (act->hangs || act->holds) {
        if (act->holds) {
            int len =
                snprintf(head, sizeof(head), "HTTP/1.1 %s\r\n%s\r\n", act->status, act->extra);
            SSL_write(ssl, head, len);
            if (act->body[0] != '\0')
                SSL_write(ssl, act->body, (int)strlen(act->body));
        }
        tls_peer_read_request(ssl, ignored, sizeof(ignored));
        return false;
    }
    if (act->cuts) {
        int len = snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n",
                           act->status, strlen(act->body) + 1, act->extra);
        SSL_write(ssl, head, len);
        SSL_write(ssl, act->body, (int)strlen(act->body));
        return false;
    }
    char *body = body_of(act, text);
    tls_peer_answer(ssl, act->status, act->extra, body);
    free(body);
    return true;
}

/* With HTTP/2 a request is cut by a reset of its stream. */
static struct h2_answer
answer_h2(void *context, const char *text)
{
    const struct act act = find_act(text);
    enum h2_after after = act.cuts    ? H2_RESETS
                          : act.holds ? H2_HOLDS
                          : act.hangs ? H2_HANGS
                                      : act.after;

    return (struct h2_answer){after, act.status, act.extra, body_of(&act, text)};
}

static struct h2_peer h2_peer = {.answer = answer_h2};

void
script_peer_serve(SSL *ssl, int fd, void *context)
{
    static const size_t size = 300000;

    if (h2_peer_is_on(ssl)) {
        atomic_fetch_add(&open_connections, 1);
        h2_peer_serve(&h2_peer, ssl);
        atomic_fetch_sub(&open_connections, 1);
        return;
    }

    char *text = malloc(size);
    bool is_on = true;

    while (is_on && tls_peer_read_request(ssl, text, size)) {
        struct act act = find_act(text);
        is_on = play(ssl, &act, text);
    }
    free(text);
}

void
script_peer_add(struct act act)
{
    size_t i = 0;

    pthread_mutex_lock(&lock);
    while (script[i].to != NULL)
        i++;
    ck_assert_uint_lt(i, ARRAY_LEN(script));
    script[i] = act;
    pthread_mutex_unlock(&lock);
}

void
script_peer_forget(void)
{
    pthread_mutex_lock(&lock);
    memset(script, 0, sizeof(script));
    requests[0] = '\0';
    h2_peer.resets = 0;
    pthread_mutex_unlock(&lock);
}

bool
script_peer_was_asked(const char *request)
{
    pthread_mutex_lock(&lock);
    bool was = strstr(requests, request) != NULL;
    pthread_mutex_unlock(&lock);
    return was;
}

const char *
script_peer_requests(void)
{
    return requests;
}

int
script_peer_count(const char *text, const char *part)
{
    int count = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

int
script_peer_resets(void)
{
    return h2_peer.resets;
}

int
script_peer_h2_connections(void)
{
    return atomic_load(&open_connections);
}
