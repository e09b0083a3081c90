/* The file of pins: which certificate was trusted for which server, lines "host:port fingerprint".
 */
#pragma once

#include "client/link/trust.h"

#include <stddef.h>

#define PINS_FILE_MAX 1048576 /* bytes */

/* Looks where ("host:port") up. 0 with ret_fingerprint filled, "" when there is no pin or no file;
 * or -errno with why filled when the file cannot be read or a line of it is malformed: a damaged
 * file must not turn a changed certificate into an unknown one. */
int pins_find(const char *path, const char *where, char ret_fingerprint[FINGERPRINT_SIZE],
              char *why, size_t why_size);

/* Sets where's pin and leaves all others as they are; on disk when it returns. Safe against another
 * client that does the same. 0 or -errno. */
int pins_set(const char *path, const char *where, const char *fingerprint);
