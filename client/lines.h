/* Standard input by lines, on the loop: a pipe, a file, a terminal, a socket. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#define LINES_MAX_LEN 65536 /* bytes of a line, as of a frame on ws */

struct lines;

struct lines_listener {
    void *context;
    /* One line without its end (\n or \r\n), NUL-terminated; NULs may stand in it. false: not now;
     * it comes again after lines_resume. */
    bool (*line)(void *context, char *line, size_t len);
    void (*too_long)(void *context); /* one was longer than LINES_MAX_LEN and is skipped */
    void (*end)(void *context);      /* no more lines; the last, without \n, was given before */
};

/* Reads fd until its end. Its O_NONBLOCK is put back by destroy, since it may be shared with other
 * programs. A closed fd is at its end. */
struct lines *lines_create(uv_loop_t *loop, int fd, const struct lines_listener *listener);
void lines_resume(struct lines *lines);
/* Nothing is heard any more; memory is released when the loop has let go of it. Takes NULL. */
void lines_destroy(struct lines *lines);
