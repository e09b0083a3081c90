/* Who gets an accepted socket: the HTTP/2 carrier where its peer offers h2, libwebsockets where it
 * does not. Nobody behind the door knows that there are two. Worker's thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct door;
struct peers;
struct worker;

/* Without h2 every socket is libwebsockets'. NULL when the certificate cannot be loaded (it is
 * logged). */
struct door *door_create(struct worker *worker, struct peers *peers, bool h2);
/* Cuts what is left; frees itself over the loop's turns. NULL is fine. */
void door_close(struct door *door);

/* Takes the socket, or closes it when the address has its share of connections. */
void door_accept(struct door *door, int fd, const char *address);
void door_turn(struct door *door); /* before the loop sleeps: what was written leaves */
void door_tick(struct door *door, int64_t now_ms);
void door_drain(struct door *door);
void door_cut(struct door *door);
size_t door_count(const struct door *door); /* connections that are none of peers' */
void door_renew_certificate(struct door *door);
