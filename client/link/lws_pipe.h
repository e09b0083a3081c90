/* The eventfd by which an lws context wakes itself. On a foreign loop lws 4.1.6 closes it twice
 * when the context ends: at once (lws_destroy_event_pipe), and some turns of the loop later, when
 * the wsi that it made of it ends. Whoever was given the number in between would lose a file. So
 * the number is learnt when the context is made, and kept taken from the one close to the other. */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#define LWS_PIPE_NUMBERS 64 /* a context takes a few, from the lowest free one on */

struct lws_pipe {
    int first;     /* the lowest free number before the context was made; -1: none */
    uint64_t free; /* which were, from there on */
    int fd;        /* -1: not known */
    struct stat placeholder;
};

void lws_pipe_before_create(struct lws_pipe *pipe);
void lws_pipe_after_create(struct lws_pipe *pipe);
void lws_pipe_after_first_destroy(struct lws_pipe *pipe);
void lws_pipe_after_last_destroy(struct lws_pipe *pipe);
