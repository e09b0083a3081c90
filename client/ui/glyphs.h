/* What the screen draws beside text: two sets, one of them plain ASCII. Knows no curses. */
#pragma once

#include "client/chat/model.h"

#include <stdbool.h>

#define SPARK_COUNT 8

/* Each is UTF-8; all but the marks, ellipsis, more and right are one column wide. */
struct glyphs {
    const char *dot, *ring; /* the way to the server is there, is not */
    const char *bar;        /* │ */
    const char *rule;       /* ─ */
    const char *tee_down, *tee_up;
    const char *middle_dot;
    const char *ellipsis;
    const char *current;      /* before the current window */
    const char *continuation; /* before the second row of the input */
    const char *more;         /* ↓ */
    const char *up, *right;   /* ↑ → */
    const char *cross, *plus_minus;
    const char *none; /* where there is no figure */
    const char *sparks[SPARK_COUNT];
    const char *marks[MARK_REFUSED + 1];
};

const struct glyphs *glyphs_get(bool ascii);
