/* Reading JSON from outside with bounds, and typed looks into an object. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 16

/* Parses exactly one JSON value of len bytes, at most JSON_DEPTH_MAX deep, duplicate keys refused,
 * U+0000 refused. NULL when it is not that; why gets a sentence then (why_size bytes). The caller
 * owns the reference. */
json_t *json_parse(const char *text, size_t len, char *why, size_t why_size);

/* The member as a C string or number, or NULL / false when it is not there or of another type. The
 * string lives as long as object. */
const char *json_member_string(const json_t *object, const char *key);
bool json_member_u64(const json_t *object, const char *key, uint64_t *ret_value); /* >= 0 only */
bool json_member_bool(const json_t *object, const char *key, bool fallback);
