#include "common/option_row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/option_quantity.h"
#include "common/util.h"

/* What the kinds differ in. set leaves the field alone unless it returns 0. */
struct kind_ops {
    const char *fault; /* what a value is that is none of this kind */
    int (*set)(const struct option_row *row, void *field, const char *value);
    void (*clear)(void *field);
    void (*add_range)(const struct option_row *row, struct buf *out);
};

static int
set_text(const struct option_row *row, void *field, const char *value)
{
    char **text = field;

    free(*text);
    *text = xstrdup(value);
    return 0;
}

static void
clear_text(void *field)
{
    char **text = field;

    free(*text);
    *text = NULL;
}

static void
clear_list(void *field)
{
    struct option_list *list = field;

    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (struct option_list){0};
}

static int
set_list(const struct option_row *row, void *field, const char *value)
{
    struct option_list *list = field;

    if (list->replace) {
        clear_list(list);
    }
    list->items = xrealloc(list->items, (list->count + 1) * sizeof(*list->items));
    list->items[list->count++] = xstrdup(value);
    return 0;
}

static int
set_in_range(const struct option_row *row, void *field, int64_t number)
{
    if (number < row->min || number > row->max) {
        return -ERANGE;
    }

    *(int64_t *)field = number;
    return 0;
}

static int
set_number(const struct option_row *row, void *field, const char *value)
{
    int64_t number;

    int r = parse_i64(value, INT64_MIN, INT64_MAX, &number);
    if (r < 0) {
        return r;
    }

    return set_in_range(row, field, number);
}

static int
set_size(const struct option_row *row, void *field, const char *value)
{
    int64_t size;

    int r = option_parse_size(value, &size);
    if (r < 0) {
        return r;
    }

    return set_in_range(row, field, size);
}

/* Thousandths: of a second, or of whatever the decimal counts. */
static int
set_fine(const struct option_row *row, void *field, const char *value)
{
    int64_t thousandths;

    int r = option_parse_seconds(value, &thousandths);
    if (r < 0) {
        return r;
    }

    return set_in_range(row, field, thousandths);
}

static int
set_choice(const struct option_row *row, void *field, const char *value)
{
    const char *choice = row->choices;

    for (int index = 0; choice != NULL; index++) {
        size_t len = strcspn(choice, "|");
        if (len == strlen(value) && memcmp(choice, value, len) == 0) {
            *(int *)field = index;
            return 0;
        }
        choice = choice[len] == '|' ? choice + len + 1 : NULL;
    }

    return -EINVAL;
}

static int
set_yesno(const struct option_row *row, void *field, const char *value)
{
    if (!str_equal(value, "yes") && !str_equal(value, "no")) {
        return -EINVAL;
    }

    *(int *)field = str_equal(value, "yes");
    return 0;
}

static int
set_flag(const struct option_row *row, void *field, const char *value)
{
    if (!str_equal(value, "yes") && !str_equal(value, "no")) {
        return -EINVAL;
    }

    *(bool *)field = str_equal(value, "yes");
    return 0;
}

static void
add_between(const struct option_row *row, struct buf *out, void (*add)(struct buf *, int64_t))
{
    if (row->max == INT64_MAX) {
        add(out, row->min);
        buf_add_str(out, " or more");
        return;
    }

    add(out, row->min);
    buf_add_str(out, row->min < 0 ? " to " : "-");
    add(out, row->max);
}

static void
add_number(const struct option_row *row, struct buf *out)
{
    add_between(row, out, option_add_number);
}

static void
add_sizes(const struct option_row *row, struct buf *out)
{
    add_between(row, out, option_add_size);
    buf_add_str(out, " bytes");
}

static void
add_times(const struct option_row *row, struct buf *out)
{
    add_between(row, out, option_add_seconds);
    buf_add_str(out, " seconds");
}

static void
add_fine(const struct option_row *row, struct buf *out)
{
    add_between(row, out, option_add_seconds);
}

static void
add_choice(const struct option_row *row, struct buf *out)
{
    buf_add_str(out, row->choices);
}

static void
add_yesno(const struct option_row *row, struct buf *out)
{
    buf_add_str(out, "yes|no");
}

/* Set by hand: clang-format would fill the rows up beyond the margin. */
/* clang-format off */
static const struct kind_ops kinds[] = {
    [OPTION_TEXT]    = {.fault = "not text",           .set = set_text,   .clear = clear_text},
    [OPTION_LIST]    = {.fault = "not text",           .set = set_list,   .clear = clear_list},
    [OPTION_NUMBER]  = {.fault = "not a number",       .set = set_number, .add_range = add_number},
    [OPTION_SIZE]    = {.fault = "not a size",         .set = set_size,   .add_range = add_sizes},
    [OPTION_SECONDS] = {.fault = "not a time",         .set = set_fine,   .add_range = add_times},
    [OPTION_DECIMAL] = {.fault = "not a number",       .set = set_fine,   .add_range = add_fine},
    [OPTION_CHOICE]  = {.fault = "not a choice",       .set = set_choice, .add_range = add_choice},
    [OPTION_YESNO]   = {.fault = "neither yes nor no", .set = set_yesno,  .add_range = add_yesno},
    [OPTION_FLAG]    = {.fault = "neither yes nor no", .set = set_flag,   .add_range = add_yesno},
};
/* clang-format on */

int
option_row_set(const struct option_row *row, void *config, const char *value)
{
    if (value[0] == '\0') {
        return -ENODATA;
    }

    return kinds[row->kind].set(row, (char *)config + row->offset, value);
}

void
option_row_clear(const struct option_row *row, void *config)
{
    if (kinds[row->kind].clear != NULL) {
        kinds[row->kind].clear((char *)config + row->offset);
    }
}

void
option_row_add_range(const struct option_row *row, struct buf *out)
{
    if (kinds[row->kind].add_range != NULL) {
        kinds[row->kind].add_range(row, out);
    }
}

const char *
option_row_value_name(const struct option_row *row)
{
    if (row->kind == OPTION_FLAG || row->value != NULL) {
        return row->value;
    }
    if (row->kind == OPTION_YESNO) {
        return "yes|no";
    }

    return row->kind == OPTION_CHOICE ? row->choices : "VALUE";
}

static const char *
fault_words(const struct option_row *row, int fault)
{
    switch (fault) {
    case -ENODATA: return "no value";
    case -EDOM:
        return row->kind == OPTION_SECONDS ? "finer than a millisecond" : "finer than a thousandth";
    case -ERANGE: return "out of range";
    default: return kinds[row->kind].fault;
    }
}

void
option_row_add_fault(const struct option_row *row, int fault, struct buf *out)
{
    buf_addf(out, ": %s; wanted ", fault_words(row, fault));
    if (kinds[row->kind].add_range != NULL) {
        kinds[row->kind].add_range(row, out);
    } else {
        buf_add_str(out, row->value != NULL ? row->value : "text");
    }
}

bool
option_row_is_secret(const struct option_row *row)
{
    return strstr(row->name, "password") != NULL || strstr(row->name, "token") != NULL;
}
