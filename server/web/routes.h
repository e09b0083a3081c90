/* What the server answers to: a row a method and path. */
#pragma once

#include <stdbool.h>

struct exchange;

struct route {
    int method;       /* enum method; GET takes HEAD too */
    const char *path; /* one segment may be *, which matches any one that is not empty */
    bool session;     /* refused with 401 where the token is no living session's */
    void (*serve)(struct exchange *exchange);
};

/* Finds the row, checks the session, and serves; or refuses: 404 for an unknown path, 405 with
 * Allow for a known one. */
void routes_serve(struct exchange *exchange);

/* For requests that are to become a WebSocket. Sets the session where there
 * is a token. 0; or -1 with the refusal answered: not its path, or a token that is nobody's.
 */
int routes_open(struct exchange *exchange);
