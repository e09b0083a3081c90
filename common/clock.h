/* The two clocks: wall (for people and for the log's `at`) and monotonic (for every timer). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CLOCK_STAMP_SIZE 32 /* "2026-01-31T12:00:00.123Z" and its NUL, with room to spare */

int64_t clock_wall_ms(void); /* since 1970-01-01T00:00:00Z */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);

/* For tests: from now on the clocks stand at these values until they are set again; clock_advance
 * moves both. clock_release gives the real clocks back. */
void clock_set(int64_t wall_ms, int64_t mono_ms);
void clock_advance(int64_t ms);
void clock_release(void);

/* RFC 3339 in UTC with milliseconds. wall_ms outside the years 0000-9999 is clamped. */
void clock_format(char dst[CLOCK_STAMP_SIZE], int64_t wall_ms);
/* Reads what clock_format writes; the fraction may have 0-9 digits. 0 or -EINVAL. */
int clock_parse(const char *text, int64_t *ret_wall_ms);
