/* Named words and numbers in the order in which they were said: the environment of a run, its
 * parameters, what was varied for one row of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;

struct fact {
    char *key;
    char *text; /* NULL: it is the number */
    double number;
};

struct facts {
    struct fact *items;
    size_t count;
};

void facts_fini(struct facts *facts); /* frees what it holds and leaves an empty one */

/* Set or replace. key and text are copied. A number that is not finite is not kept. */
void facts_set_text(struct facts *facts, const char *key, const char *text);
void facts_set_number(struct facts *facts, const char *key, double number);
void facts_copy(struct facts *into, const struct facts *from);

const struct fact *facts_find(const struct facts *facts, const char *key); /* NULL: none */
const char *facts_text(const struct facts *facts, const char *key); /* NULL: none, or a number */
/* fallback where there is none, or where it is a text. */
double facts_number(const struct facts *facts, const char *key, double fallback);

bool fact_equal(const struct fact *a, const struct fact *b);
/* The same keys with the same values, in any order. Two empty ones are equal; NULL is an empty one.
 */
bool facts_equal(const struct facts *a, const struct facts *b);

/* Appends the value as people read it: the text, or the number as short as it gets. */
void fact_add_value(const struct fact *fact, struct buf *out);
