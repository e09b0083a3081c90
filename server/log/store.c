#include "server/log/store.h"

#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct store_ops *const store_rows[] = {
    &store_sqlite,
    &store_memory,
    NULL,
};

static const struct store_ops *
find_row(const char *kind, size_t kind_len)
{
    for (const struct store_ops *const *row = store_rows; *row != NULL; row++)
        if (strlen((*row)->name) == kind_len && memcmp((*row)->name, kind, kind_len) == 0)
            return *row;
    return NULL;
}

static void
name_known_kinds(const char *spec, char *why, size_t why_size)
{
    char known[128] = "";
    size_t len = 0;

    for (const struct store_ops *const *row = store_rows; *row != NULL && len < sizeof(known);
         row++)
        len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s:", len > 0 ? ", " : "",
                                (*row)->name);
    snprintf(why, why_size, "unknown store \"%s\": wanted one of %s", spec, known);
}

struct store *
store_open_row(const struct store_ops *row, const char *where, char *why, size_t why_size)
{
    struct store *store = xcalloc(1, sizeof(*store));
    store->ops = row;
    if (row->open(store, where, why, why_size) < 0) {
        free(store);
        return NULL;
    }
    return store;
}

struct store *
store_open(const char *spec, char *why, size_t why_size)
{
    const char *colon = strchr(spec, ':');
    const struct store_ops *row = colon == NULL ? NULL : find_row(spec, (size_t)(colon - spec));

    if (row == NULL) {
        name_known_kinds(spec, why, why_size);
        return NULL;
    }
    return store_open_row(row, colon + 1, why, why_size);
}

char *
store_locate(const char *spec)
{
    const char *colon = strchr(spec, ':');
    char *path = colon == NULL ? NULL : realpath(colon + 1, NULL);

    if (path == NULL)
        return NULL;
    char *located = xasprintf("%.*s:%s", (int)(colon - spec), spec, path);
    free(path);
    return located;
}

int
store_backup(const char *spec, const char *path, char *why, size_t why_size)
{
    const char *colon = strchr(spec, ':');
    const struct store_ops *row = colon == NULL ? NULL : find_row(spec, (size_t)(colon - spec));

    if (row == NULL) {
        name_known_kinds(spec, why, why_size);
        return -EINVAL;
    }
    if (row->backup == NULL) {
        snprintf(why, why_size, "a %s: store lives in its server only and cannot be copied",
                 row->name);
        return -ENOTSUP;
    }
    return row->backup(colon + 1, path, why, why_size);
}

void
store_close(struct store *store)
{
    if (store == NULL)
        return;
    store->ops->close(store);
    free(store);
}
