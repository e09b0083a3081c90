/* A row of sse, longpoll and poll, without a link, against a peer that plays a script; and what the
 * way told. */
#pragma once

#include "client/link/https.h"
#include "client/link/link_internal.h"
#include "tests/support/certificate.h"
#include "tests/support/script_peer.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_peer.h"

#define HELLO                                                                                      \
    "{\"type\":\"hello\",\"user\":\"ann\",\"epoch\":\"e1\",\"cursor\":\"e1-5\",\"head\":\"e1-5\"," \
    "\"result\":\"new\",\"heartbeat\":2}"
#define WEB_ROWS 3

struct web_case {
    char dir[TEMP_DIR_SIZE], pins[TEMP_PATH_SIZE], ca_file[TEMP_PATH_SIZE];
    struct certificate certificate;
    uv_loop_t loop;
    struct tls_peer *peer;
    int port;
    struct trust *trust;
    struct https *https;
    struct way_base *base;
    enum http_wish http;
    const struct link_ops *row; /* the test says which, or web_begin */
    struct link_way *way;       /* NULL when it has ended */
    struct way_facts facts;
    int stop_at_line; /* the way is stopped from within this one; 0: never */
    struct {
        int opens, lines, heards, ends;
        char all[20000]; /* the lines, "\n" behind each */
        enum way_end end;
        int status;
        int64_t retry_after_ms;
        char why[300];
    } got;
};

extern struct web_case web;
extern const struct link_ops *const web_rows[WEB_ROWS];
extern const struct way_listener web_listener;

void web_set_up_1(void); /* with HTTP/1.1 */
void web_set_up_2(void);
void web_tear_down(void);
void web_forget(void); /* the script and what was told */
void web_finish(void); /* the same, and the way and what it stands on is gone */

void web_open_base(const char *host, int to_port, const char *use_ca_file);
void web_begin_at(const char *host, int to_port, const char *use_ca_file,
                  const struct cursor *after);
void web_begin(const struct link_ops *use_row); /* at the peer, after e1-4 */
void web_send(const char *id);                  /* a command */
void web_let_greet(void);                       /* the peer is a server that greets, and holds */

/* Runs the loop until it is there or 20 s are over. */
void web_run_until(bool (*is_there)(const void *wanted), const void *wanted, const char *what);
void web_run_to_line(const char *line);
void web_run_to_end(void);
void web_run_to_request(const char *request);
