/* Work that may block, done off the loop: an errand runs on libuv's threads and comes back. */
#pragma once

#include <uv.h>

struct worker;

struct errand {
    void (*run)(struct errand *errand);  /* off the loop; may block on the disk */
    void (*done)(struct errand *errand); /* on the worker's thread; owns the errand */
    struct worker *worker;
    uv_work_t work;
};

/* run and done are set. The worker does not end before done was called. */
void errand_send(struct errand *errand, struct worker *worker);
