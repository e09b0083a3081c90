#include "common/log.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utf8proc.h>

#define MESSAGE_SIZE 2048 /* what a message may fill before it is cut */

static const char *const level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARN] = "warn",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

static _Atomic enum log_level max_level = LOG_INFO;

/* Held for the one write of a line, so that no line goes to a file that was just closed. */
static pthread_mutex_t file_lock = PTHREAD_MUTEX_INITIALIZER;
static int file_fd = STDERR_FILENO;

void
log_set_level(enum log_level level)
{
    max_level = level;
}

bool
log_level_parse(const char *text, enum log_level *ret_level)
{
    for (size_t i = 0; i < ARRAY_LEN(level_names); i++)
        if (strcmp(level_names[i], text) == 0) {
            *ret_level = (enum log_level)i;
            return true;
        }

    return false;
}

bool
log_enabled(enum log_level level)
{
    return level <= max_level;
}

int
log_open(const char *path)
{
    int fd = STDERR_FILENO;

    if (path != NULL) {
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return -errno;
    }

    pthread_mutex_lock(&file_lock);
    int old = file_fd;
    file_fd = fd;
    pthread_mutex_unlock(&file_lock);

    if (old != STDERR_FILENO)
        close(old);
    return 0;
}

/* Whether a character can be read as it is: no control or format character (a bidi override turns
 * a line around), no line or paragraph separator. */
static bool
is_readable(utf8proc_int32_t code_point)
{
    utf8proc_category_t category = utf8proc_category(code_point);

    return category != UTF8PROC_CATEGORY_CC && category != UTF8PROC_CATEGORY_CF &&
           category != UTF8PROC_CATEGORY_ZL && category != UTF8PROC_CATEGORY_ZP;
}

static void
add_visible(struct buf *line, const char *text, size_t len)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    const utf8proc_uint8_t *end = at + len;

    while (at < end) {
        utf8proc_int32_t code_point;
        utf8proc_ssize_t taken = utf8proc_iterate(at, end - at, &code_point);
        bool as_it_is = taken > 0 && is_readable(code_point);

        taken = MAX(taken, 1);
        if (as_it_is)
            buf_add(line, at, (size_t)taken);
        for (int i = 0; !as_it_is && i < taken; i++)
            buf_addf(line, "\\x%02x", at[i]);
        at += taken;
    }
}

static void
write_line(const struct buf *line)
{
    pthread_mutex_lock(&file_lock);

    /* One write a line, so that lines of several processes do not mix in one file. Where it fails
     * (a full disk) there is nobody left to tell. */
    ssize_t written;
    do
        written = write(file_fd, line->data, line->len);
    while (written < 0 && errno == EINTR);

    pthread_mutex_unlock(&file_lock);
}

void
log_write(enum log_level level, const char *module, const char *format, ...)
{
    int saved_errno = errno;
    char message[MESSAGE_SIZE], stamp[CLOCK_STAMP_SIZE];
    struct buf line = BUF_INIT;
    va_list args;

    va_start(args, format);
    int len = vsnprintf(message, sizeof(message), format, args);
    va_end(args);

    clock_format(stamp, clock_wall_ms());
    buf_addf(&line, "%s %-5s %s: ", stamp, level_names[level], module);
    add_visible(&line, message, strlen(message));
    if (len >= (int)sizeof(message))
        buf_addf(&line, " [cut: %d of %d bytes]", MESSAGE_SIZE - 1, len);
    buf_add_byte(&line, '\n');

    write_line(&line);
    buf_fini(&line);
    errno = saved_errno;
}
