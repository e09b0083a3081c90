/* The questions that are answered at once or from the store: GET and no effect. */
#pragma once

struct exchange;

void ask_health(struct exchange *exchange);
void ask_hello(struct exchange *exchange);
void ask_rooms(struct exchange *exchange);
void ask_members(struct exchange *exchange);
void ask_history(struct exchange *exchange);
