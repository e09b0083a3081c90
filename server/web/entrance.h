/* Making a session in the log: the records of somebody who comes in, and what ends with one who
 * leaves. Worker's thread only. */
#pragma once

#include "server/chat/accounts.h"

struct exchange;
struct session;
struct worker;

/* Commits a session for an account that is there and answers the exchange with its token. Takes a
 * reference to the exchange, as the next two do. */
void entrance_open(struct exchange *exchange, const struct account *account);
/* The same for a guest who claims itself anew: its session of before ends with it, and that one's
 * connections are closed. 503 where another end of that session is on its way. */
void entrance_open_again(struct exchange *exchange, const struct account *account);
/* The same as the first for a new name: its account is made first, and it joins the lobby; 409
 * where the name was taken meanwhile. */
void entrance_open_fresh(struct exchange *exchange, const struct account *account);
/* The same, and the invitation of this record's key is used up with it: 403 where that was done
 * meanwhile, and then the name is not taken. */
void entrance_open_invited(struct exchange *exchange, const struct account *account,
                           const char *invite_key);

/* Ends the session in the log; a guest leaves its rooms and its name with it. Every connection of
 * the session is closed. exchange (NULL: none) is answered then. Takes references. */
void entrance_close(struct worker *worker, const struct session *session,
                    struct exchange *exchange);
