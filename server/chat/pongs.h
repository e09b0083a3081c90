/* Pongs that wait for the next answer to a poll: a session that polls has no stream for them to go
 * down, and its next poll may come to any worker. Thread-safe. */
#pragma once

#include "common/id.h"

#include <stddef.h>
#include <stdint.h>

#define PONGS_WAIT_MS    30000
#define PONGS_OF_SESSION 16   /* the newest */
#define PONGS_MAX        4096 /* the newest, of all sessions */

struct pongs;

struct pongs *pongs_create(void);
void pongs_destroy(struct pongs *pongs); /* NULL is fine */

/* nonce: "" is one, too. */
void pongs_put(struct pongs *pongs, uint64_t session_number, const char *nonce, int64_t now_ms);
/* Those of the session that have not lapsed, oldest first; they are gone after. Returns their
 * count. */
size_t pongs_take(struct pongs *pongs, uint64_t session_number, int64_t now_ms,
                  char ret_nonces[PONGS_OF_SESSION][ID_SIZE]);
/* It was given on another way. */
void pongs_drop(struct pongs *pongs, uint64_t session_number, const char *nonce);
