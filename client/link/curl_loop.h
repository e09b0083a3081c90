/* libcurl's multi interface as a guest on a libuv loop: a uv_poll a socket and one timer. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct curl_loop;

/* Called outside of libcurl's own callbacks, where transfers may be added and removed. */
struct curl_loop_owner {
    void *context;
    void (*acted)(void *context);                /* libcurl has read and written what it could */
    void (*finish)(CURL *easy, CURLcode result); /* a transfer ended; it removes it */
};

/* connections: at most so many at once, what is more waits. NULL when libcurl cannot start. */
struct curl_loop *curl_loop_create(uv_loop_t *loop, long connections,
                                   const struct curl_loop_owner *owner);
void curl_loop_add(struct curl_loop *curl, CURL *easy);
void curl_loop_remove(struct curl_loop *curl, CURL *easy);
bool curl_loop_is_unused(const struct curl_loop *curl); /* it has no transfers */
/* Nothing is added any more. Its connections are closed when the last transfer is removed, and
 * memory is released when the loop has let go of it. */
void curl_loop_retire(struct curl_loop *curl);

/* A connect that failed with this errno, in a word or two: "refused", "no route to host". */
void curl_loop_say_errno(int error, char *dst, size_t size);
