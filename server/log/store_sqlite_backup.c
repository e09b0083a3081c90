#include "server/log/store_sqlite_backup.h"

#include "common/util.h"
#include "server/log/store_sqlite_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct copy {
    const char *where, *path;
    char *unfinished; /* what path is called until it is whole */
    struct sqlite_db from, to;
    char *why;
    size_t why_size;
};

static int
fail(const struct copy *copy, const char *path, int error)
{
    snprintf(copy->why, copy->why_size, "%s: %s", path, strerror(-error));
    return error;
}

static int
fail_sqlite(const struct copy *copy, const struct sqlite_db *db, const char *path)
{
    sqlite_db_explain(db, path, copy->why, copy->why_size);
    return sqlite_db_error(db);
}

static int
open_from(struct copy *copy)
{
    int64_t application_id = 0;
    int r = sqlite_db_open(&copy->from, copy->where, SQLITE_OPEN_READWRITE);
    if (r == 0)
        r = sqlite_db_ask_number(&copy->from, "PRAGMA application_id", &application_id);
    if (r < 0)
        return fail_sqlite(copy, &copy->from, copy->where);
    if (application_id == SCHEMA_APPLICATION_ID)
        return 0;

    snprintf(copy->why, copy->why_size, "%s is no rtchat log", copy->where);
    return -EPROTO;
}

static int
open_to(struct copy *copy)
{
    copy->unfinished = xasprintf("%s.XXXXXX", copy->path);
    int fd = mkostemp(copy->unfinished, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        int r = fail(copy, copy->path, -errno);
        free(copy->unfinished);
        copy->unfinished = NULL;
        return r;
    }
    close(fd);

    int r = sqlite_db_open(&copy->to, copy->unfinished, SQLITE_OPEN_READWRITE);
    return r < 0 ? fail_sqlite(copy, &copy->to, copy->path) : 0;
}

/* In one step, and so of one moment. */
static int
copy_pages(struct copy *copy)
{
    sqlite3_backup *backup =
        sqlite3_backup_init(copy->to.handle, "main", copy->from.handle, "main");
    if (backup != NULL) {
        sqlite3_backup_step(backup, -1);
        if (sqlite3_backup_finish(backup) == SQLITE_OK)
            return 0;
    }
    return fail_sqlite(copy, &copy->to, copy->path);
}

/* One file, with nothing beside it, that gets an epoch when it is opened. */
static int
make_restorable(struct copy *copy)
{
    int r = sqlite_db_exec(&copy->to, "PRAGMA journal_mode = DELETE;"
                                      "PRAGMA synchronous = FULL;"
                                      "DELETE FROM meta WHERE name = 'epoch'");
    return r < 0 ? fail_sqlite(copy, &copy->to, copy->path) : 0;
}

static int
sync_directory_of(const char *path)
{
    char *copy = xstrdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 || fsync(fd) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    free(copy);
    return r;
}

/* Some file systems cannot do it in one step. */
static int
rename_to_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    return link(from, to) < 0 || unlink(from) < 0 ? -errno : 0;
}

static int
give_name(struct copy *copy)
{
    sqlite_db_close(&copy->to);
    int r = rename_to_new(copy->unfinished, copy->path);
    if (r == 0) {
        free(copy->unfinished);
        copy->unfinished = NULL;
        r = sync_directory_of(copy->path);
    }
    return r < 0 ? fail(copy, copy->path, r) : 0;
}

static void
copy_fini(struct copy *copy)
{
    sqlite_db_close(&copy->from);
    sqlite_db_close(&copy->to);
    if (copy->unfinished != NULL)
        unlink(copy->unfinished);
    free(copy->unfinished);
}

int
sqlite_backup(const char *where, const char *path, char *why, size_t why_size)
{
    struct copy copy = {.where = where, .path = path, .why = why, .why_size = why_size};

    if (access(path, F_OK) == 0) {
        snprintf(why, why_size, "%s is there already: wanted the name of a new file", path);
        return -EEXIST;
    }

    int r = open_from(&copy);
    if (r == 0)
        r = open_to(&copy);
    if (r == 0)
        r = copy_pages(&copy);
    if (r == 0)
        r = make_restorable(&copy);
    if (r == 0)
        r = give_name(&copy);
    copy_fini(&copy);
    return r;
}
