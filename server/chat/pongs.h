/* Pongs for those who poll: a poll's reader has no stream for them to go down, and its next poll
 * may come to any worker. Each reader of the session has a position among them, so that none takes
 * another's. Thread-safe. */
#pragma once

#include "common/id.h"

#include <stddef.h>
#include <stdint.h>

#define PONGS_WAIT_MS    30000
#define PONGS_OF_SESSION 16   /* the newest */
#define PONGS_MAX        4096 /* the newest, of all sessions */
#define PONGS_READERS    8    /* of one session; of more some may get a pong again */

struct pongs;

struct pongs *pongs_create(void);
void pongs_destroy(struct pongs *pongs); /* NULL is fine */

/* nonce: "" is one, too. */
void pongs_put(struct pongs *pongs, uint64_t session_number, const char *nonce, int64_t now_ms);
/* Those of the session that have not lapsed and that this reader did not take yet, oldest first.
 * reader: its name, "": of all that have none. Returns their count. */
size_t pongs_take(struct pongs *pongs, uint64_t session_number, const char *reader, int64_t now_ms,
                  char ret_nonces[PONGS_OF_SESSION][ID_SIZE]);
