/* What a run of rtchat-bench found: rows of measures. A row is one transport over one version of
 * HTTP under what was varied; a measure has a value for each round. Written and read as JSON:
 *
 *   {"format":"rtchat-bench/1", "kind":"compare", "at":"2026-11-24T12:00:00.000Z", "seed":7,
 *    "environment":{"kernel":"…","cpu":"…","cores":2,"rtchat":"0.1.0","openssl":"…", …},
 *    "parameters":{"rate_per_s":20,"messages":200,"readers":1,"text_bytes":100, …},
 *    "rows":[{"transport":"ws","http":"1.1","varied":{"use":"idle"},
 *             "measures":{"bytes_per_hour":[61000,61200,60900]},"words":{"state":"works"}}],
 *    "notes":["…"],"complete":true}
 *
 * What is varied, by its key:
 *   (nothing)      the load of the parameters: people who read and say
 *   "use"          "idle": nobody says a thing; "read": a reader that says nothing (--follow)
 *   "rate_per_min", "readers", "interval_s" (of short polling), "rtt_ms", "loss_percent"
 *   "keep_alive"   "no": a new connection for every request
 *   "fault"        what stood in between (matrix), with the word "state": "works", or how it failed
 *
 * Parameters that others read: "rate_per_s" (messages said), "readers" (who get each),
 * "text_bytes", "interval_s" (of short polling), "wait_s" (of long polling), "keep_alive_s" (how
 * long the server keeps a connection that asks nothing). */
#pragma once

#include "bench/result/facts.h"
#include "bench/result/measures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define RESULT_ROWS_MAX   4096 /* of a file that is read */
#define RESULT_VALUES_MAX 1000 /* of a measure in it */
#define RESULT_FILE_MAX   (16 * 1024 * 1024)

struct buf;

struct result_values {
    double *items;
    size_t count;
};

struct result_row {
    char *transport;     /* "ws", "sse", "longpoll", "poll" */
    char *http;          /* "1.1", "2" */
    struct facts varied; /* what makes it another row than its neighbour */
    struct facts words;  /* what is no number: "state" */
    struct result_values measures[MEASURE_COUNT];
};

struct result {
    char *kind;    /* "compare", "sweep", "idle", "recover", "matrix" */
    char *at;      /* when, as clock_format writes it */
    uint64_t seed; /* below 2^63, which is what JSON holds */
    struct facts environment, parameters;
    struct result_row **rows; /* in the order in which they were made; they do not move */
    size_t row_count;
    char **notes;
    size_t note_count;
    bool complete; /* it went to its end; set by who ran it */
};

struct result *result_create(const char *kind, uint64_t seed); /* at: now */
void result_destroy(struct result *result);                    /* NULL is fine */

/* The row of these, made where there is none. varied is copied; NULL: nothing was. */
struct result_row *result_row(struct result *result, const char *transport, const char *http,
                              const struct facts *varied);
/* The same, but NULL where there is none. */
const struct result_row *result_find(const struct result *result, const char *transport,
                                     const char *http, const struct facts *varied);

/* One round's value. One that is not finite was not measured: it is dropped. */
void result_row_add(struct result_row *row, enum measure measure, double value);
void result_note(struct result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds to into what from has more: rows, measures, words, environment, parameters, and its notes.
 * What both have stays as into has it; a note tells of from, and in what its conditions differ. */
void result_merge(struct result *into, const struct result *from);

bool result_row_has(const struct result_row *row, enum measure measure);
/* Of all rounds; 0 where it was not measured. */
double result_row_median(const struct result_row *row, enum measure measure);
double result_row_min(const struct result_row *row, enum measure measure);
double result_row_max(const struct result_row *row, enum measure measure);
/* From the median to the value that is farthest from it. */
double result_row_spread(const struct result_row *row, enum measure measure);

/* The sum of the medians of all layers. False where no layer was measured, with *ret_bytes 0. */
bool result_row_bytes(const struct result_row *row, enum flow flow, enum direction direction,
                      double *ret_bytes);

bool result_has(const struct result *result, enum measure measure); /* any row */

/* Appends "ws", "sse HTTP/2": the version where it is not 1.1. */
void result_row_add_way(const struct result_row *row, struct buf *out);
/* Appends what was varied, "every 3 s, idle"; nothing where nothing was. */
void result_row_add_varied(const struct result_row *row, struct buf *out);
/* Both, with a comma between. */
void result_row_add_name(const struct result_row *row, struct buf *out);

/* A text of one line for each of the file's ends. 0, or -EIO. */
int result_write_json(const struct result *result, FILE *out);

/* The caller owns it. NULL with a sentence in why, which names path. Unknown members and measures
 * are passed over: they are of a newer version. */
struct result *result_read_json(const char *path, char *why, size_t why_size);
/* The same from memory, with a sentence without a name. */
struct result *result_parse_json(const char *text, size_t len, char *why, size_t why_size);
