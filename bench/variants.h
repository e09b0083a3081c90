/* What is held against each other: each transport over each version of HTTP that it has, and poll
 * at each interval. */
#pragma once

#include "client/link/http.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VARIANTS_MAX 64

struct bench_config;
struct link_ops;

struct variant {
    const struct link_ops *row;
    const char *http;    /* "1.1", "2" */
    int64_t interval_ms; /* of poll; 0: it does not pace */
    bool forbids_reuse;  /* each request over a connection of its own */
};

struct variants {
    struct variant items[VARIANTS_MAX];
    size_t count;
};

/* Those that config asks for, of those that the server has. Where no intervals were asked for,
 * HTTP/2 polls at the shortest alone: what it saves is the same at each. */
void variants_choose(struct variants *variants, const struct bench_config *config, bool has_http2);
/* For the link. */
enum http_wish variant_http(const struct variant *variant);

/* The same without keep-alive, for what asks over HTTP/1.1; of poll that with the shortest
 * interval. False: it has none. */
bool variants_twin(const struct variants *variants, const struct variant *variant,
                   struct variant *ret_twin);

/* Appends "sse", "sse HTTP/2", "poll every 3 s", "longpoll, keep-alive no". */
void variant_add_name(const struct variant *variant, struct buf *out);
