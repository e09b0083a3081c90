/* Who asks too much: token buckets by user, failed logins by name and address, connections by
 * address. Shared by all workers; thread-safe; memory bounded (idle rows are forgotten). */
#pragma once

#include "common/refusal.h"

#include <stdbool.h>
#include <stdint.h>

struct limits;

struct limits_config {
    int64_t rate; /* commands a second a user, 0: none */
    int64_t burst;
    int64_t connections_per_address; /* 0: none */
};

struct limits *limits_create(const struct limits_config *config);
void limits_destroy(struct limits *limits);

/* One command of user: true, or false with how long to wait. */
bool limits_take_command(struct limits *limits, const char *user, int64_t *ret_retry_after_ms);

/* One word of user's that he types in the room: at most one in TYPING_EVERY_MS is passed on. */
#define TYPING_EVERY_MS 3000
bool limits_take_typing(struct limits *limits, const char *user, const char *key);

/* A login may be tried: no more than 10 failures in a minute for one name from one address, 60 from
 * one address. */
bool limits_may_login(struct limits *limits, const char *name, const char *address,
                      int64_t *ret_retry_after_ms);
void limits_login_failed(struct limits *limits, const char *name, const char *address);

/* Counts a connection in; false (not counted) when the address has its share. leave for each that
 * came in. */
bool limits_enter(struct limits *limits, const char *address);
void limits_leave(struct limits *limits, const char *address);
