/* An exam: one way is opened for real and made to carry both ways; then it is left alone for a
 * while, to see whether somebody cuts what is idle. Nothing is repeated and nothing reaches the
 * chat: the link's session is used, its position and outbox are not. */
#pragma once

#include "client/link/link_ops.h"

#include <stdbool.h>
#include <stdint.h>

struct exam;
struct link;

enum exam_verdict {
    EXAM_WORKS,    /* a ping that went up it came back down it */
    EXAM_BUFFERED, /* it opened, or seemed to, and what the server said did not come */
    EXAM_CUT,      /* it opened and was cut: cut_ms */
    EXAM_BLOCKED,  /* it never opened: status where HTTP said one, and why */
};

struct exam_report {
    const char *transport; /* the row's name */
    enum exam_verdict verdict;
    int status;            /* HTTP's, or a close code; 0: none */
    char why[200];         /* "" where it works and was not cut */
    int64_t first_byte_ms; /* of the server's answer, since the start; -1: none came */
    int64_t rtt_us;        /* of the ping; 0: it did not come back */
    int64_t cut_ms;        /* since it was open; -1: it was not cut */
    int64_t watched_ms;    /* how long it was left alone */
    struct way_facts facts;
    bool is_guest; /* as hello says */
};

struct exam_patience {
    int64_t open_ms, pong_ms; /* until hello, and until the ping is back */
    int64_t watch_max_ms;     /* 2.5 heartbeats, and no longer than this */
};

/* The link has logged in and is paused. The report lives for the call of done, which may not
 * destroy the link; the exam is gone after. NULL with why filled. */
struct exam *exam_start(struct link *link, const struct link_ops *row,
                        const struct exam_patience *patience,
                        void (*done)(void *context, const struct exam_report *report),
                        void *context, char *why, size_t why_size);
void exam_cancel(struct exam *exam);

const char *exam_verdict_name(enum exam_verdict verdict); /* "works" */
