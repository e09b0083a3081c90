/* Inside the option module: one row, its value, and how complaints about it read. Programs include
 * common/option.h instead; only what is made of the tables (contrib/tables) looks in here. */
#pragma once

#include <stddef.h>

#include "common/buf.h"
#include "common/option.h"

/* The row called name, or NULL. */
const struct option_row *option_row_find(const struct option_row *rows, size_t count,
                                         const char *name);

/* The row whose name one most likely meant by name, or NULL where none is near. */
const struct option_row *option_row_nearest(const struct option_row *rows, size_t count,
                                            const char *name);

/* Sets the row's field in config from value as it was typed. 0; or, with the field as it was,
 * -ENODATA (empty), -EINVAL (not of the row's kind), -EDOM (finer than a millisecond) or -ERANGE.
 */
int option_row_set(const struct option_row *row, void *config, const char *value);

/* Frees what the row's field owns; it is then as in zeroed memory. */
void option_row_clear(const struct option_row *row, void *config);

/* How --help and the manuals call the row's value ("FILE"); NULL for a flag. */
const char *option_row_value_name(const struct option_row *row);

/* Appends the row's range as people write it ("0-65535", "1K-1M", "auto|ws"); nothing where any
 * text will do or where the range has no end. */
void option_row_add_range(const struct option_row *row, struct buf *out);

/* Appends ": WRONG; wanted RANGE" for a fault that option_row_set returned. */
void option_row_add_fault(const struct option_row *row, int fault, struct buf *out);

/* True when the value of this row must not be repeated to anybody. */
bool option_row_is_secret(const struct option_row *row);

/* Appends text that came from outside, made visible and cut to what an error line bears. */
void option_add_shown(struct buf *out, const char *text);

/* The same, but what is kept of a long path is its end. */
void option_add_shown_path(struct buf *out, const char *path);

/* Moves what was put together into error, cut between characters where it is too long. -EINVAL, for
 * return. */
int option_fail(struct option_error *error, struct buf *message);
