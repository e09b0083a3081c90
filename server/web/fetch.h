/* A page of the log being read off the loop, for a reader that is behind. */
#pragma once

struct conn;
struct fetch;

/* Reads what follows the reader's position, then calls conn_take_page. */
struct fetch *fetch_begin(struct conn *conn);
/* The conn is going: the page is dropped when it comes. */
void fetch_abandon(struct fetch *fetch);
