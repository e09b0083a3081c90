#include "tests/support/store_case.h"

#include "common/buf.h"
#include "common/util.h"
#include "server/log/entry.h"

#include <check.h>
#include <sqlite3.h>
#include <string.h>

#define ITEMS_MAX 1200
#define WHY_SIZE  512

void
store_case_begin(struct store_case *self)
{
    *self = (struct store_case){0};
    temp_dir_make(self->dir);
    temp_path(self->path, self->dir, "log.db");
    fake_chat_init(&self->chat);
}

void
store_case_open(struct store_case *self, const struct store_ops *row)
{
    char why[WHY_SIZE] = "";
    const char *where = row == &store_sqlite ? self->path : "";

    self->store = store_open_row(row, where, why, sizeof(why));
    ck_assert_msg(self->store != NULL, "%s: %s", row->name, why);
    self->store->sink = &self->chat.sink;
}

void
store_case_close(struct store_case *self)
{
    store_close(self->store);
    self->store = NULL;
}

void
store_case_end(struct store_case *self)
{
    store_case_close(self);
    fake_chat_fini(&self->chat);
    temp_dir_remove(self->dir);
}

void
store_case_refused(struct store_case *self, const char *wanted)
{
    char why[WHY_SIZE] = "";
    struct store *store = store_open_row(&store_sqlite, self->path, why, sizeof(why));
    ck_assert_ptr_null(store);
    ck_assert_msg(strstr(why, wanted) != NULL, "%s; wanted %s", why, wanted);
}

int
store_case_append(struct store_case *self, struct append_item *items, size_t count)
{
    struct append_item *pointers[ITEMS_MAX];
    char why[WHY_SIZE] = "";

    ck_assert_uint_le(count, ITEMS_MAX);
    for (size_t i = 0; i < count; i++)
        pointers[i] = &items[i];
    int r =
        self->store->ops->append(self->store, pointers, count, &self->chat.judge, why, sizeof(why));
    ck_assert_msg((r < 0) == (why[0] != '\0'), "append: %d with the reason \"%s\"", r, why);
    return r;
}

void
store_case_say(struct store_case *self, const char *id, const char *text,
               enum append_outcome outcome, uint64_t seq)
{
    struct append_item item;

    fake_say(&item, "ann", id, "#ops", text);
    store_case_append(self, &item, 1);
    ck_assert_msg(item.outcome == outcome && item.seq == seq, "%s: outcome %d seq %llu %s", id,
                  (int)item.outcome, (unsigned long long)item.seq, item.refusal.message);
    fake_item_fini(&item);
}

void
store_case_put(struct store_case *self, const char *key, const char *value)
{
    struct append_item item;

    fake_record(&item, key, value);
    ck_assert_int_eq(store_case_append(self, &item, 1), 0);
    ck_assert_int_eq(item.outcome, APPEND_ACCEPTED);
    fake_item_fini(&item);
}

static void
add_line(void *context, const char *key, const char *value)
{
    buf_addf(context, "%s=%s;", key, value);
}

void
store_case_scan(struct store_case *self, const char *prefix, const char *wanted)
{
    struct buf found = BUF_INIT;

    ck_assert_int_eq(self->store->ops->scan(self->store, prefix, add_line, &found), 0);
    ck_assert_msg(strcmp(buf_text(&found), wanted) == 0, "scan \"%s\": %s, wanted %s", prefix,
                  buf_text(&found), wanted);
    buf_fini(&found);
}

void
store_case_page(const struct store_page *page, uint64_t first, uint64_t step, size_t count,
                bool more, const char *what)
{
    ck_assert_msg(page->count == count && page->more == more,
                  "%s: %zu entries more=%d, wanted %zu more=%d", what, page->count, page->more,
                  count, more);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(entry_event(page->entries[i])->seq == first + i * step, "%s: entry %zu", what,
                      i);
}

static sqlite3 *
open_past_the_store(struct store_case *self)
{
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(self->path, &db), SQLITE_OK);
    return db;
}

void
store_case_run_sql(struct store_case *self, const char *sql)
{
    sqlite3 *db = open_past_the_store(self);
    char *error = NULL;
    int rc = sqlite3_exec(db, sql, NULL, NULL, &error);
    ck_assert_msg(rc == SQLITE_OK, "%s", error);
    sqlite3_close(db);
}

int64_t
store_case_ask_sql(struct store_case *self, const char *sql)
{
    sqlite3 *db = open_past_the_store(self);
    sqlite3_stmt *statement;
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}
