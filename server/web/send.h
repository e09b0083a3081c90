/* The way up without a WebSocket: POST /v1/send. */
#pragma once

struct exchange;

#define SEND_COMMANDS_MAX 100

/* The body is one command or an array of up to SEND_COMMANDS_MAX; it is answered after the commit.
 * An array's commands are one job of the appender, in order; once one of them is rate-limited all
 * after it are too. An empty array is answered 200 with an empty one. */
void send_serve(struct exchange *exchange);
