#include "bench/progress.h"

#include "common/util.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void
progress_begin(struct progress *progress, int64_t guess_ms)
{
    *progress = (struct progress){.is_shown = isatty(STDERR_FILENO), .left_ms = guess_ms};
}

void
progress_step(struct progress *progress, const char *format, ...)
{
    va_list args;

    if (!progress->is_shown)
        return;

    fprintf(stderr, "\r\033[K%" PRId64 " s left: ", (progress->left_ms + 999) / 1000);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fflush(stderr);
}

void
progress_done(struct progress *progress, int64_t guess_ms)
{
    progress->left_ms = MAX(progress->left_ms - guess_ms, 0);
}

void
progress_end(struct progress *progress)
{
    if (progress->is_shown)
        fprintf(stderr, "\r\033[K");
    progress->is_shown = false;
}
