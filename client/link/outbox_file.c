/* The files of an outbox: "ACCOUNT~ULID.jsonl" in one directory, a file a running client.
 *
 * Whoever opens or replaces such a file holds the directory's lock, so that nobody takes over a
 * file that has just been replaced; whoever owns one holds the file's own lock. */
#include "client/link/outbox_state.h"

#include "client/link/small_file.h"
#include "common/id.h"
#include "common/util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_MODULE "outbox"
#include "common/log.h"

#define COMPACT_MIN 1048576 /* bytes; below this a file is not worth writing anew */
#define SUFFIX      ".jsonl"
#define FRESH       ".new" /* behind the suffix of a file that is being written */

/* A file of a client that is gone, locked by us until it is taken over. */
struct orphan {
    char *path;
    int fd;
    size_t bad_lines; /* not counting a last one */
};

struct orphans {
    struct orphan *items;
    size_t count;
};

static int
lock_directory(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX) < 0) {
        int error = -errno;
        close(fd);
        return error;
    }

    return fd;
}

/* Whether name is ACCOUNT~something and ends with suffix. An account never holds a '~'. */
static bool
is_ours(const struct outbox *outbox, const char *name, const char *suffix)
{
    size_t account_len = strlen(outbox->account), len = strlen(name);

    return len > account_len + 1 + strlen(suffix) &&
           strncmp(name, outbox->account, account_len) == 0 && name[account_len] == '~' &&
           strcmp(name + len - strlen(suffix), suffix) == 0;
}

static void
add_orphan(struct orphans *orphans, const char *directory, const char *name)
{
    char *path = xasprintf("%s/%s", directory, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0) { /* it has an owner */
        if (fd >= 0)
            close(fd);
        free(path);
        return;
    }

    orphans->items = xrealloc(orphans->items, (orphans->count + 1) * sizeof(*orphans->items));
    orphans->items[orphans->count++] = (struct orphan){.path = path, .fd = fd};
}

static int
by_path(const void *a, const void *b)
{
    const struct orphan *left = a, *right = b;

    return strcmp(left->path, right->path);
}

/* All orphans, the oldest first: ULIDs sort by time. */
static int
find_orphans(const struct outbox *outbox, struct orphans *ret_orphans)
{
    DIR *directory = opendir(outbox->directory);
    struct dirent *entry;

    if (directory == NULL)
        return -errno;

    while ((entry = readdir(directory)) != NULL)
        if (is_ours(outbox, entry->d_name, SUFFIX))
            add_orphan(ret_orphans, outbox->directory, entry->d_name);
        else if (is_ours(outbox, entry->d_name, SUFFIX FRESH)) /* a crash left it half written */
            unlinkat(dirfd(directory), entry->d_name, 0);

    closedir(directory);
    if (ret_orphans->count > 1)
        qsort(ret_orphans->items, ret_orphans->count, sizeof(*ret_orphans->items), by_path);
    return 0;
}

/* What a crash cut off is the last line: it is bad, and outbox_add never returned for it. */
static int
read_orphan(struct outbox *outbox, struct orphan *orphan)
{
    FILE *file = fdopen(dup(orphan->fd), "r");
    char *line = NULL;
    size_t size = 0, bad = 0;
    ssize_t len;

    if (file == NULL)
        return -errno;

    errno = 0;
    while ((len = getline(&line, &size, file)) > 0) {
        orphan->bad_lines += bad;
        size_t text_len = (size_t)len - (line[len - 1] == '\n' ? 1 : 0);
        bad = outbox_line_apply(outbox, line, text_len) < 0 ? 1 : 0;
    }

    int error = ferror(file) ? -errno : 0;
    free(line);
    fclose(file);
    return error;
}

/* The lists as lines of a fresh file. */
static void
put_all(struct buf *out, const struct outbox *outbox)
{
    for (const struct outbox_item *item = outbox->first; item != NULL; item = item->next) {
        if (item->is_logged)
            continue;
        outbox_line_said(out, item);
        if (item->state == OUTBOX_REFUSED)
            outbox_line_refused(out, item);
    }
    for (const struct draft *draft = outbox->drafts; draft != NULL; draft = draft->next)
        outbox_line_draft(out, draft->window, draft->text);
}

/* Makes path hold the lists, locked before it has its name. The old descriptor, and its lock, are
 * let go. 0, or -errno with everything as it was. */
static int
write_anew(struct outbox *outbox, const char *path)
{
    char *temporary = xasprintf("%s" FRESH, path);
    struct buf lines = BUF_INIT;

    put_all(&lines, outbox);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    int error = fd < 0 ? -errno : write_all(fd, buf_text(&lines), lines.len);
    if (error == 0 && (flock(fd, LOCK_EX | LOCK_NB) < 0 || fsync(fd) < 0 ||
                       rename(temporary, path) < 0 || small_file_sync_directory(path) < 0))
        error = -errno;

    if (error == 0) {
        outbox_file_close(outbox);
        outbox->fd = fd;
        outbox->size = (off_t)lines.len;
        outbox->compact_at = MAX(COMPACT_MIN, 2 * outbox->size);
    } else if (fd >= 0) {
        unlink(temporary);
        close(fd);
    }

    free(temporary);
    buf_fini(&lines);
    return error;
}

/* What was taken over is in our file now. Where lines of it made no sense it is kept aside. */
static void
dispose(struct outbox *outbox, struct orphan *orphan)
{
    if (orphan->bad_lines > 0) {
        char *aside = xasprintf("%s.damaged", orphan->path);
        if (rename(orphan->path, aside) < 0)
            log_warn("%s: %s", orphan->path, strerror(errno));

        free(outbox->damage);
        outbox->damage = xasprintf("%zu lines of the outbox could not be read; kept in %s",
                                   orphan->bad_lines, aside);
        log_error("%s", outbox->damage);
        free(aside);
    } else if (unlink(orphan->path) < 0) {
        log_warn("%s: %s", orphan->path, strerror(errno));
    }
}

static void
free_orphans(struct orphans *orphans)
{
    for (size_t i = 0; i < orphans->count; i++) {
        close(orphans->items[i].fd);
        free(orphans->items[i].path);
    }
    free(orphans->items);
}

static int
take_over(struct outbox *outbox)
{
    struct orphans orphans = {0};
    char ulid[ULID_SIZE];

    int error = find_orphans(outbox, &orphans);
    for (size_t i = 0; error == 0 && i < orphans.count; i++) {
        outbox->is_merging = i > 0;
        error = read_orphan(outbox, &orphans.items[i]);
    }

    ulid_make(ulid);
    outbox->path = xasprintf("%s/%s~%s" SUFFIX, outbox->directory, outbox->account, ulid);
    if (error == 0)
        error = write_anew(outbox, outbox->path);
    for (size_t i = 0; error == 0 && i < orphans.count; i++)
        dispose(outbox, &orphans.items[i]);

    free_orphans(&orphans);
    return error;
}

int
outbox_file_open(struct outbox *outbox, char *why, size_t why_size)
{
    int error = make_directories(outbox->directory, 0700);
    int lock = error < 0 ? error : lock_directory(outbox->directory);

    if (lock >= 0) {
        error = take_over(outbox);
        close(lock);
    } else {
        error = lock;
    }

    if (error < 0)
        snprintf(why, why_size, "outbox in %s: %s", outbox->directory, strerror(-error));
    return error;
}

int
outbox_file_append(struct outbox *outbox, const struct buf *lines)
{
    int error = write_all(outbox->fd, lines->data, lines->len);

    if (error < 0) {
        outbox_file_cut(outbox, outbox->size);
        return error;
    }

    outbox->size += (off_t)lines->len;
    return 0;
}

int
outbox_file_sync(struct outbox *outbox)
{
    return fdatasync(outbox->fd) < 0 ? -errno : 0;
}

void
outbox_file_cut(struct outbox *outbox, off_t size)
{
    if (ftruncate(outbox->fd, size) < 0)
        log_error("%s: half a line stays: %s", outbox->path, strerror(errno));
    else
        outbox->size = size;
}

void
outbox_file_tidy(struct outbox *outbox)
{
    if (outbox->size < outbox->compact_at)
        return;

    int lock = lock_directory(outbox->directory);
    int error = lock < 0 ? lock : write_anew(outbox, outbox->path);
    if (error < 0) {
        log_warn("%s not compacted: %s", outbox->path, strerror(-error));
        outbox->compact_at = 2 * outbox->size;
    }
    if (lock >= 0)
        close(lock);
}

void
outbox_file_close(struct outbox *outbox)
{
    if (outbox->fd >= 0)
        close(outbox->fd);
    outbox->fd = -1;
}
