/* Names that may not come in, whoever has them: the records "ban/NAME". Not thread-safe: the
 * sessions have it under their lock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BAN_PREFIX "ban/"

struct bans;
struct record;

struct bans *bans_create(void);
void bans_destroy(struct bans *bans);

/* The name that this record bans from now on, or NULL: the record lifts a ban, or is another one.
 * It points into the record. */
const char *bans_apply(struct bans *bans, const struct record *record);
bool bans_have(const struct bans *bans, const char *name);
void bans_each(const struct bans *bans, void (*each)(void *context, const char *name),
               void *context);

/* The records that ban a name and that lift the ban. */
void ban_record(const char *name, int64_t now_ms, struct record *ret_record);
void ban_record_gone(const char *name, struct record *ret_record);
