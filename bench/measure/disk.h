/* What the disk itself allows when every message waits for it alone: the rates that group commit
 * is held against. */
#pragma once

#include <stdint.h>

/* One write of len bytes and one fsync a message, in a file in dir, on a disk that takes slower_us
 * more for each. Messages a second, or -1 with a line on stderr. */
double disk_fsync_rate(const char *dir, unsigned len, int64_t slower_us, int64_t duration_ms);

/* One SQLite transaction a message (WAL, synchronous=FULL), in a database in dir. */
double disk_sqlite_rate(const char *dir, unsigned len, int64_t duration_ms);
