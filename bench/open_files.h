/* A connection is a descriptor: thousands of them need more than the usual soft limit. */
#pragma once

/* Raises RLIMIT_NOFILE to what is allowed, for this process and its children. Returns the limit. */
unsigned long open_files_raise(void);
