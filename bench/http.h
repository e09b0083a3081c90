/* A blocking HTTPS client with one kept connection, to log in by. It trusts every certificate:
 * what it talks to was started by the same program a moment ago. */
#pragma once

#include <stdint.h>

struct buf;
struct http;

#define HTTP_FINGERPRINT_SIZE 65

struct http *http_open(int port); /* to 127.0.0.1; NULL when nobody answers */
void http_close(struct http *http);

/* Sends body, waits for the answer (which must have a content-length). The status, or -errno;
 * ret_body gets what came. */
int http_post(struct http *http, const char *path, const char *body, struct buf *ret_body);

/* SHA-256 of the server's certificate in hex digits. */
void http_fingerprint(const struct http *http, char dst[HTTP_FINGERPRINT_SIZE]);
