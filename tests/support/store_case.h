/* A store in a directory of its own with a fake chat around it, and what cases ask of it. What does
 * not come out as it must fails the test. */
#pragma once

#include "server/log/store.h"
#include "tests/support/fake_chat.h"
#include "tests/support/temp_dir.h"

#include <stddef.h>
#include <stdint.h>

struct store_case {
    char dir[TEMP_DIR_SIZE];
    char path[TEMP_PATH_SIZE]; /* where a row that has a place opens its store */
    struct fake_chat chat;
    struct store *store; /* NULL: not open */
};

void store_case_begin(struct store_case *self); /* nothing is open after */
void store_case_open(struct store_case *self, const struct store_ops *row);
void store_case_close(struct store_case *self);
void store_case_end(struct store_case *self); /* closes too */

/* An SQLite store at path is refused, and the reason has wanted in it. */
void store_case_refused(struct store_case *self, const char *wanted);

int store_case_append(struct store_case *self, struct append_item *items, size_t count);
/* Says it as "ann" in "#ops", and that comes out. seq: 0 when it has none. */
void store_case_say(struct store_case *self, const char *id, const char *text,
                    enum append_outcome outcome, uint64_t seq);
void store_case_put(struct store_case *self, const char *key, const char *value);

/* The records with that prefix are "KEY=VALUE;" one after another. */
void store_case_scan(struct store_case *self, const char *prefix, const char *wanted);
/* Entries with seqs first, first + step … stand in the page, and no others. */
void store_case_page(const struct store_page *page, uint64_t first, uint64_t step, size_t count,
                     bool more, const char *what);

/* Past the store, on the SQLite file at path. */
void store_case_run_sql(struct store_case *self, const char *sql);
int64_t store_case_ask_sql(struct store_case *self, const char *sql);
