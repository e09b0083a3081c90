#include "client/link/curl_loop.h"

#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct curl_loop {
    uv_loop_t *loop;
    CURLM *multi;
    struct curl_loop_owner owner;
    uv_timer_t timer;
    size_t transfers;
    bool is_acting; /* in libcurl, or telling its owner what came of it */
    bool is_retired;
};

struct watch {
    struct curl_loop *curl;
    curl_socket_t socket;
    uv_poll_t poll;
};

static void
free_curl_loop(uv_handle_t *handle)
{
    free(container_of(handle, struct curl_loop, timer));
}

static void
close_when_unused(struct curl_loop *curl)
{
    if (!curl->is_retired || curl->is_acting || curl->transfers > 0)
        return;

    curl_multi_cleanup(curl->multi); /* takes its sockets back by want_socket */
    curl_global_cleanup();
    uv_close((uv_handle_t *)&curl->timer, free_curl_loop);
}

/* libcurl forbids to remove a transfer in its callbacks, so what ended is looked for here. The list
 * is read anew each time: finish may add, remove and cancel. */
static void
act(struct curl_loop *curl, curl_socket_t socket, int flags)
{
    int running, left;

    curl->is_acting = true;
    curl_multi_socket_action(curl->multi, socket, flags, &running);
    curl->owner.acted(curl->owner.context);
    for (CURLMsg *message; (message = curl_multi_info_read(curl->multi, &left)) != NULL;)
        if (message->msg == CURLMSG_DONE)
            curl->owner.finish(message->easy_handle, message->data.result);
    curl->is_acting = false;
    close_when_unused(curl);
}

static void
on_socket_ready(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = container_of(poll, struct watch, poll);
    int flags = 0;

    if (status < 0)
        flags = CURL_CSELECT_ERR;
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;

    act(watch->curl, watch->socket, flags);
}

static void
on_timer(uv_timer_t *timer)
{
    act(container_of(timer, struct curl_loop, timer), CURL_SOCKET_TIMEOUT, 0);
}

static void
free_watch(uv_handle_t *handle)
{
    free(container_of(handle, struct watch, poll));
}

static struct watch *
new_watch(struct curl_loop *curl, curl_socket_t socket)
{
    struct watch *watch = xcalloc(1, sizeof(*watch));

    watch->curl = curl;
    watch->socket = socket;
    uv_poll_init_socket(curl->loop, &watch->poll, socket);
    curl_multi_assign(curl->multi, socket, watch);
    return watch;
}

static int
want_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *socket_user)
{
    struct curl_loop *curl = user;
    struct watch *watch = socket_user;
    int events = 0;

    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL)
            uv_close((uv_handle_t *)&watch->poll, free_watch);
        curl_multi_assign(curl->multi, socket, NULL);
        return 0;
    }

    if (watch == NULL)
        watch = new_watch(curl, socket);
    if (what != CURL_POLL_OUT)
        events |= UV_READABLE;
    if (what != CURL_POLL_IN)
        events |= UV_WRITABLE;
    uv_poll_start(&watch->poll, events, on_socket_ready);
    return 0;
}

static int
want_timer(CURLM *multi, long timeout_ms, void *user)
{
    struct curl_loop *curl = user;

    if (timeout_ms < 0)
        uv_timer_stop(&curl->timer);
    else
        uv_timer_start(&curl->timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

struct curl_loop *
curl_loop_create(uv_loop_t *loop, long connections, const struct curl_loop_owner *owner)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return NULL;

    struct curl_loop *curl = xcalloc(1, sizeof(*curl));
    curl->loop = loop;
    curl->owner = *owner;
    curl->multi = curl_multi_init();
    if (curl->multi == NULL) {
        curl_global_cleanup();
        free(curl);
        return NULL;
    }

    uv_timer_init(loop, &curl->timer);
    curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, curl);
    curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
    curl_multi_setopt(curl->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
    return curl;
}

void
curl_loop_add(struct curl_loop *curl, CURL *easy)
{
    curl->transfers++;
    curl_multi_add_handle(curl->multi, easy);
}

void
curl_loop_remove(struct curl_loop *curl, CURL *easy)
{
    curl_multi_remove_handle(curl->multi, easy);
    curl->transfers--;
    close_when_unused(curl);
}

bool
curl_loop_is_unused(const struct curl_loop *curl)
{
    return curl->transfers == 0;
}

void
curl_loop_retire(struct curl_loop *curl)
{
    curl->is_retired = true;
    close_when_unused(curl);
}

void
curl_loop_say_errno(int error, char *dst, size_t size)
{
    if (error == ECONNREFUSED)
        snprintf(dst, size, "refused");
    else
        snprintf(dst, size, "%s", strerror(error));
}
