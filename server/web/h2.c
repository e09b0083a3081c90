#include "server/web/h2_inside.h"

#define LOG_MODULE "h2"
#include "common/log.h"
#include "common/util.h"
#include "server/web/tls.h"
#include "server/web/worker.h"

#include <openssl/err.h>
#include <stdlib.h>

static SSL_CTX *
load_tls(const char *cert_path, const char *key_path)
{
    SSL_CTX *tls = tls_h2_context(cert_path, key_path);

    if (tls == NULL)
        log_error("the certificate cannot be loaded error=%s",
                  ERR_reason_error_string(ERR_peek_last_error()));
    ERR_clear_error();
    return tls;
}

struct h2 *
h2_create(struct worker *worker, const char *cert_path, const char *key_path)
{
    SSL_CTX *tls = load_tls(cert_path, key_path);
    struct h2 *h2;

    if (tls == NULL)
        return NULL;
    h2 = xcalloc(1, sizeof(*h2));
    h2->worker = worker;
    h2->tls = tls;
    TAILQ_INIT(&h2->all);
    TAILQ_INIT(&h2->dirty);
    h2->memory = h2_memory_create();
    h2_session_prepare(h2);
    return h2;
}

static void
free_when_over(struct h2 *h2)
{
    if (!h2->closed || h2->handles > 0)
        return;
    nghttp2_session_callbacks_del(h2->callbacks);
    nghttp2_option_del(h2->option);
    h2_memory_destroy(h2->memory);
    SSL_CTX_free(h2->tls);
    free(h2);
}

void
h2_handle_closed(struct h2 *h2)
{
    h2->handles--;
    free_when_over(h2);
}

void
h2_close(struct h2 *h2)
{
    if (h2 == NULL)
        return;
    h2_cut(h2);
    h2_turn(h2);
    h2->closed = true;
    free_when_over(h2);
}

void
h2_accept(struct h2 *h2, int fd, const char *address)
{
    h2_connection_create(h2, fd, address);
}

size_t
h2_count(const struct h2 *h2)
{
    return h2->count;
}

void
h2_turn(struct h2 *h2)
{
    struct h2_connection *connection;

    while ((connection = TAILQ_FIRST(&h2->dirty)) != NULL) {
        TAILQ_REMOVE(&h2->dirty, connection, in_dirty);
        connection->dirty = false;
        h2_connection_flush(connection);
    }
}

static void
each(struct h2 *h2, void (*act)(struct h2_connection *connection))
{
    struct h2_connection *connection, *next;

    for (connection = TAILQ_FIRST(&h2->all); connection != NULL; connection = next) {
        next = TAILQ_NEXT(connection, in_all);
        act(connection);
    }
}

void
h2_tick(struct h2 *h2, int64_t now_ms)
{
    struct h2_connection *connection, *next;

    for (connection = TAILQ_FIRST(&h2->all); connection != NULL; connection = next) {
        next = TAILQ_NEXT(connection, in_all);
        h2_connection_tick(connection, now_ms);
    }
}

void
h2_drain(struct h2 *h2)
{
    h2->draining = true;
    each(h2, h2_connection_drain);
}

void
h2_cut(struct h2 *h2)
{
    each(h2, h2_connection_cut);
}

void
h2_renew_certificate(struct h2 *h2, const char *cert_path, const char *key_path)
{
    SSL_CTX *tls = load_tls(cert_path, key_path);

    if (tls == NULL)
        return;            /* it was checked; the old one serves on */
    SSL_CTX_free(h2->tls); /* those that use it have references */
    h2->tls = tls;
}
