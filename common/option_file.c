#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/option.h"
#include "common/option_row.h"
#include "common/util.h"

#define FILE_MAX ((size_t)1 << 20) /* bytes; a path such as /dev/zero must come to an end */

/* Where the reading of a file stands. */
struct file_reader {
    const struct option_row *rows;
    size_t count;
    void *config;
    const char *path;
    const char *section; /* the wanted one */
    unsigned line;       /* from 1 */
    bool in_any_section;
    bool in_section; /* in the wanted one */
    struct option_error *error;
};

/* Starts the message of a fault in the line that is being read. */
static void
add_place(const struct file_reader *reader, struct buf *message)
{
    option_add_shown_path(message, reader->path);
    buf_addf(message, ":%u: ", reader->line);
}

static int
fail_line(const struct file_reader *reader, const char *what)
{
    struct buf message = BUF_INIT;

    add_place(reader, &message);
    buf_add_str(&message, what);
    return option_fail(reader->error, &message);
}

static int
fail_outside(const struct file_reader *reader)
{
    struct buf message = BUF_INIT;

    add_place(reader, &message);
    buf_addf(&message, "a setting outside of any section; wanted [%s] above it", reader->section);
    return option_fail(reader->error, &message);
}

static int
fail_unknown(const struct file_reader *reader, const char *name)
{
    struct buf message = BUF_INIT;
    const struct option_row *nearest = option_row_nearest(reader->rows, reader->count, name);

    add_place(reader, &message);
    buf_add_str(&message, "unknown name ");
    option_add_shown(&message, name);
    if (nearest != NULL && !nearest->argv_only) {
        buf_addf(&message, "; did you mean %s?", nearest->name);
    } else {
        buf_add_str(&message, "; wanted an option that --help lists");
    }

    return option_fail(reader->error, &message);
}

static int
fail_argv_only(const struct file_reader *reader, const struct option_row *row)
{
    struct buf message = BUF_INIT;

    add_place(reader, &message);
    buf_addf(&message, "%s has no place in a file; wanted --%s on the command line", row->name,
             row->name);
    return option_fail(reader->error, &message);
}

static int
fail_value(const struct file_reader *reader, const struct option_row *row, const char *value,
           int fault)
{
    struct buf message = BUF_INIT;

    add_place(reader, &message);
    buf_add_str(&message, row->name);
    if (fault != -ENODATA && !option_row_is_secret(row)) {
        buf_add_str(&message, " = ");
        option_add_shown(&message, value);
    }
    option_row_add_fault(row, fault, &message);

    return option_fail(reader->error, &message);
}

static bool
is_comment(const char *text)
{
    return text[0] == '#' || text[0] == ';';
}

/* Cuts white space off both ends, in place. */
static char *
trim(char *text)
{
    size_t len = strlen(text);

    while (len > 0 && isspace((unsigned char)text[len - 1])) {
        text[--len] = '\0';
    }
    while (isspace((unsigned char)*text)) {
        text++;
    }

    return text;
}

static int
read_section(struct file_reader *reader, char *text)
{
    char *close = strchr(text, ']');

    if (close == NULL) {
        return fail_line(reader, "no ] behind the section's name; wanted [section]");
    }
    *close = '\0';
    const char *behind = trim(close + 1);
    if (*behind != '\0' && !is_comment(behind)) {
        return fail_line(reader, "more than a section on its line; wanted [section] alone");
    }

    reader->in_any_section = true;
    reader->in_section = str_equal(trim(text + 1), reader->section);
    return 0;
}

/* A line without an equals sign is not repeated: it may be a secret that lost its name. */
static int
read_setting(struct file_reader *reader, char *text)
{
    char *equals = strchr(text, '=');

    if (equals == NULL) {
        return fail_line(reader, "not a setting; wanted name = value");
    }
    *equals = '\0';
    const char *name = trim(text);
    const char *value = trim(equals + 1);

    const struct option_row *row = option_row_find(reader->rows, reader->count, name);
    if (row == NULL) {
        return fail_unknown(reader, name);
    }
    if (row->argv_only) {
        return fail_argv_only(reader, row);
    }

    int r = option_row_set(row, reader->config, value);
    return r < 0 ? fail_value(reader, row, value, r) : 0;
}

static int
read_line(struct file_reader *reader, char *line, size_t len)
{
    if (strlen(line) != len) {
        return fail_line(reader, "a NUL byte; wanted text");
    }

    char *text = trim(line);
    if (*text == '\0' || is_comment(text)) {
        return 0;
    }
    if (*text == '[') {
        return read_section(reader, text);
    }
    if (!reader->in_any_section) {
        return fail_outside(reader);
    }

    return reader->in_section ? read_setting(reader, text) : 0;
}

/* Some editors put a byte order mark in front, which nobody sees. */
static char *
skip_mark(char *text)
{
    return strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
}

/* Reads text, which is len bytes and a NUL, and is torn to lines on the way. */
static int
read_lines(struct file_reader *reader, char *text, size_t len)
{
    char *end = text + len;
    char *line = skip_mark(text);
    int r = 0;

    while (r == 0 && line < end) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        char *line_end = newline != NULL ? newline : end;

        *line_end = '\0';
        reader->line++;
        r = read_line(reader, line, (size_t)(line_end - line));
        line = line_end + 1;
    }

    return r;
}

/* Appends what fd has. 0, -EFBIG or -errno. */
static int
read_all(int fd, struct buf *out)
{
    char chunk[4096];

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? -errno : 0;
        }
        if (out->len + (size_t)n > FILE_MAX) {
            return -EFBIG;
        }
        buf_add(out, chunk, (size_t)n);
    }
}

static int
load(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }

    int r = read_all(fd, out);
    close(fd);
    return r;
}

static int
fail_load(const char *path, int fault, struct option_error *error)
{
    struct buf message = BUF_INIT;

    option_add_shown_path(&message, path);
    if (fault == -EFBIG) {
        buf_add_str(&message, ": too big; wanted a configuration file of at most 1 MiB");
    } else {
        buf_addf(&message, ": %s; wanted a configuration file", strerror(-fault));
    }
    option_fail(error, &message);

    return fault;
}

int
options_parse_file(const struct option_row *rows, size_t count, void *config, const char *path,
                   const char *section, struct option_error *error)
{
    struct file_reader reader = {
        .rows = rows,
        .count = count,
        .config = config,
        .path = path,
        .section = section,
        .error = error,
    };
    struct buf text = BUF_INIT;

    int r = load(path, &text);
    if (r < 0) {
        r = fail_load(path, r, error);
    } else if (text.len > 0) {
        r = read_lines(&reader, text.data, text.len);
    }
    buf_fini(&text);

    return r;
}
