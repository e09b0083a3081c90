/* A file beside the data whose lock says that a process uses it. The kernel drops the lock with the
 * process, however that ends, so there is never a stale one. */
#pragma once

#include <stddef.h>

/* path is there. Locks PATH.lock beside the file that path leads to, whichever links it goes over;
 * it is made with mode 0600, has the process id in it, and stays when the lock is given up. Returns
 * a descriptor that holds the lock until it is closed. -EBUSY with why filled when another has it,
 * another open of this process included; else -errno with why filled. */
int lock_file_take(const char *path, char *why, size_t why_size);
