/* What a request's fields mean to its exchange, whatever carried them. value NULL: the field did
 * not come; "" also stands for one that was too long to be looked at. */
#pragma once

struct exchange;
struct refusal;

#define REQUEST_FIELD_MAX 1024 /* of one that is looked at, its NUL included */

void request_set_token(struct exchange *exchange, const char *authorization);
void request_set_last_event_id(struct exchange *exchange, const char *value);
/* peer: the other end of the connection. */
void request_set_address(struct exchange *exchange, const char *peer, const char *forwarded_for);
/* Whose page asks. 0, or -1 with the refusal where it may not. host: as the request says it. */
int request_set_origin(struct exchange *exchange, const char *origin, const char *host,
                       struct refusal *refusal);
