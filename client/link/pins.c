#include "client/link/pins.h"

#include "client/link/small_file.h"
#include "common/buf.h"
#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* One line of the file: where and fingerprint lie in it, split by a blank. */
struct pin {
    const char *where;
    size_t where_len;
    const char *fingerprint;
};

/* Reads the line at *at and moves *at behind it. False when the line is malformed. */
static bool
next_pin(const char **at, struct pin *ret_pin)
{
    const char *line = *at;
    size_t len = strcspn(line, "\n");
    size_t where_len = strcspn(line, " \n");

    *at = line + len + (line[len] == '\n' ? 1 : 0);
    *ret_pin = (struct pin){line, where_len, line + where_len + 1};

    return where_len > 0 && len == where_len + FINGERPRINT_SIZE &&
           strspn(ret_pin->fingerprint, "0123456789abcdef") == FINGERPRINT_SIZE - 1;
}

static bool
is_for(const struct pin *pin, const char *where)
{
    return strlen(where) == pin->where_len && memcmp(pin->where, where, pin->where_len) == 0;
}

/* 0 also when there is no file. What is behind a NUL would not be seen, so a file that has one is
 * no file of pins. */
static int
read_pins(const char *path, struct buf *ret_text)
{
    int error = small_file_read(path, PINS_FILE_MAX, ret_text);

    if (error == 0 && ret_text->len > 0 && memchr(ret_text->data, '\0', ret_text->len) != NULL)
        return -EBADMSG;

    return error == -ENOENT ? 0 : error;
}

int
pins_find(const char *path, const char *where, char ret_fingerprint[FINGERPRINT_SIZE], char *why,
          size_t why_size)
{
    struct buf text = BUF_INIT;
    char found[FINGERPRINT_SIZE] = "";
    struct pin pin;
    int line = 0;

    int error = read_pins(path, &text);
    if (error == -EBADMSG)
        snprintf(why, why_size, "%s malformed: a NUL byte in it", path);
    else if (error < 0)
        snprintf(why, why_size, "%s: %s", path, strerror(-error));

    for (const char *at = buf_text(&text); error == 0 && *at != '\0';) {
        line++;
        if (!next_pin(&at, &pin)) {
            snprintf(why, why_size, "%s line %d malformed: wanted host:port and 64 hex digits",
                     path, line);
            error = -EINVAL;
        } else if (is_for(&pin, where)) {
            memcpy(found, pin.fingerprint, FINGERPRINT_SIZE - 1);
        }
    }

    if (error == 0)
        memcpy(ret_fingerprint, found, sizeof(found));
    buf_fini(&text);
    return error;
}

/* The file with where's pin replaced. A malformed line stays as it is, for a person to mend. */
static int
replace_pin(const char *path, const char *where, const char *fingerprint)
{
    struct buf old = BUF_INIT, fresh = BUF_INIT;
    struct pin pin;

    int error = read_pins(path, &old);
    for (const char *at = buf_text(&old); error == 0 && *at != '\0';) {
        const char *line = at;
        if (!next_pin(&at, &pin) || !is_for(&pin, where))
            buf_addf(&fresh, "%.*s\n", (int)strcspn(line, "\n"), line);
    }

    buf_addf(&fresh, "%s %s\n", where, fingerprint);
    if (error == 0)
        error = small_file_write(path, fresh.data, fresh.len);

    buf_fini(&old);
    buf_fini(&fresh);
    return error;
}

int
pins_set(const char *path, const char *where, const char *fingerprint)
{
    char *directory = xstrdup(path);

    /* The file is replaced, so the lock is on what stays: its directory. */
    int error = make_directories(dirname(directory), 0700);
    int lock = error < 0 ? -1 : open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (error == 0 && (lock < 0 || flock(lock, LOCK_EX) < 0))
        error = -errno;
    if (error == 0)
        error = replace_pin(path, where, fingerprint);

    if (lock >= 0)
        close(lock);
    free(directory);
    return error;
}
