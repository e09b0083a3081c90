/* Where two lines cross that are known at some points: between them they are taken to be straight.
 */
#pragma once

#include "bench/result/measures.h"

#include <stdbool.h>
#include <stddef.h>

struct result;

/* x grows. The first place where a and b change sides, with *ret_falls: a is above b before it.
 * False where there is none. Touching at an end is none. */
bool crossing_find(const double *x, const double *a, const double *b, size_t count, double *ret_x,
                   bool *ret_falls);

/* A note where the measure of short polling crosses that of another way, over what was varied by
 * key. Both go by the same HTTP, or the other is ws. */
void crossing_note(struct result *result, const char *key, enum measure measure);
