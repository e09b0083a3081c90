/* The tables of the SQLite log, their version, and the way from an older version to this one. */
#pragma once

#include "common/cursor.h"
#include "server/log/store_sqlite_db.h"

#include <stddef.h>

/* In the file's header, so that file(1) and we tell the log from other databases ("rtCH"). */
#define SCHEMA_APPLICATION_ID 0x72744348

/* Makes the tables of an empty database or brings older ones up to date, in one transaction; puts
 * it into WAL mode; reads the epoch, which is made where there is none. db is open for writing. 0;
 * -EPROTO when the file is a newer version's or another program's; -EBADMSG when it is damaged or
 * no database; else -errno; with why filled. */
int schema_prepare(struct sqlite_db *db, const char *path, char ret_epoch[EPOCH_SIZE], char *why,
                   size_t why_size);
