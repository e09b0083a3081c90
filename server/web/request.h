/* What a request's fields mean to its exchange, whatever carried them. value NULL: the field did
 * not come; "" also stands for one that was too long to be looked at. */
#pragma once

struct cursor;
struct exchange;
struct refusal;

#define REQUEST_SUBPROTOCOL "rtchat.v1"

#define REQUEST_FIELD_MAX 1024 /* of one that is looked at, its NUL included */

void request_set_token(struct exchange *exchange, const char *authorization);
void request_set_last_event_id(struct exchange *exchange, const char *value);
/* peer: the other end of the connection. */
void request_set_address(struct exchange *exchange, const char *peer, const char *forwarded_for);
/* Whose page asks. 0, or -1 with the refusal where it may not. host: as the request says it. */
int request_set_origin(struct exchange *exchange, const char *origin, const char *host,
                       struct refusal *refusal);

/* Of what wants to be a WebSocket (RFC 6455 section 4.2.1): 0, or -1 with the refusal.
 * subprotocols: those that it offers, NULL: none. */
int request_check_ws(const char *version, const char *subprotocols, struct refusal *refusal);
/* The argument after. *ret_after: cursor, or NULL where it did not come. 0, or -1 with the refusal.
 */
int request_read_after(const struct exchange *exchange, struct cursor *cursor,
                       const struct cursor **ret_after, struct refusal *refusal);
