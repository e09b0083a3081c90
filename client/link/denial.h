/* An answer with a status that is no success: whether it is the server's own word, and how it is
 * told. A 401 or 403 whose body is not the contract's error comes from something in between: it
 * says nothing of rights. */
#pragma once

#include "client/link/link_ops.h"

#include <stdbool.h>
#include <stddef.h>

/* body is followed by a NUL that does not count. */
bool denial_is_foreign(int status, const char *body, size_t len);
enum way_end denial_end(int status, const char *body, size_t len); /* FOREIGN or REFUSED */
/* "403 by something in between"; else "the server answered 403 to WHAT: its own sentence", where
 * the body has one. */
void denial_say(int status, const char *body, size_t len, const char *what, char *why,
                size_t why_size);
/* "403 by something in between" */
void denial_say_foreign(int status, char *why, size_t why_size);
