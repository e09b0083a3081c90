/* Why a request got no answer, in words that fit behind "reconnecting: ". */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTPS_CONNECT_TIMEOUT_MS 10000

struct proxy;

struct https_failure {
    CURLcode result;
    CURL *easy;
    const struct proxy *proxy; /* NULL: none */
    const char *sentence;      /* libcurl's own, or "" */
    int64_t timeout_ms;        /* 0: none */
    size_t answer_max;         /* the bound, where the answer was longer; else 0 */
    bool is_wrong_http;        /* not the HTTP that was wished for */
};

void https_say_failure(const struct https_failure *failure, char *why, size_t why_size);
