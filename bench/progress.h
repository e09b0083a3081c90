/* One line on a terminal that says what is done now and how long the rest will take. Where standard
 * error is no terminal it says nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool is_shown;
    int64_t left_ms; /* of what is not done, as it was guessed */
};

void progress_begin(struct progress *progress, int64_t guess_ms);
void progress_step(struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void progress_done(struct progress *progress, int64_t guess_ms); /* of the step */
void progress_end(struct progress *progress);                    /* wipes the line */
