/* HTTP/2 (RFC 9113) for one worker: connections that offered h2, by nghttp2 and OpenSSL on the
 * worker's loop. Each of their streams is a carrier, as a peer of libwebsockets is. Worker's thread
 * only. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct h2;
struct worker;

/* NULL when the certificate cannot be loaded (it is logged). */
struct h2 *h2_create(struct worker *worker, const char *cert_path, const char *key_path);
/* Cuts what is left; frees itself over the loop's turns. NULL is fine. */
void h2_close(struct h2 *h2);

/* Takes the socket, which is counted in limits. */
void h2_accept(struct h2 *h2, int fd, const char *address);
/* Once a turn of the loop, before it sleeps: what the streams were given leaves. It may wake conns.
 */
void h2_turn(struct h2 *h2);
void h2_tick(struct h2 *h2, int64_t now_ms); /* whose time is over */
/* No new streams from now on; a connection ends with its last one. */
void h2_drain(struct h2 *h2);
void h2_cut(struct h2 *h2); /* all that is left */
size_t h2_count(const struct h2 *h2);
/* New handshakes get the certificate that is in the files now. */
void h2_renew_certificate(struct h2 *h2, const char *cert_path, const char *key_path);
