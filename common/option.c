#include "common/option.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/option_row.h"
#include "common/util.h"

/* A row without a default is as in zeroed memory, apart from YESNO, where 0 would say no. */
static void
init_row(const struct option_row *row, void *config)
{
    if (row->fallback != NULL) {
        int r = option_row_set(row, config, row->fallback);
        assert(r == 0);
        (void)r;
    } else if (row->kind == OPTION_YESNO) {
        *(int *)(void *)((char *)config + row->offset) = -1;
    }
}

void
options_init(const struct option_row *rows, size_t count, void *config)
{
    for (size_t i = 0; i < count; i++) {
        init_row(&rows[i], config);
    }
    options_next_source(rows, count, config);
}

void
options_fini(const struct option_row *rows, size_t count, void *config)
{
    for (size_t i = 0; i < count; i++) {
        option_row_clear(&rows[i], config);
    }
}

void
options_next_source(const struct option_row *rows, size_t count, void *config)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == OPTION_LIST) {
            struct option_list *list = (void *)((char *)config + rows[i].offset);
            list->replace = true;
        }
    }
}

/* What the words of argv go into, and how far they were read. */
struct argv_reader {
    const struct option_row *rows;
    size_t count;
    void *config;
    char **next;
    char **end;
    struct option_error *error;
};

static int
fail_unknown(const struct argv_reader *reader, const char *dashes, const char *name)
{
    struct buf message = BUF_INIT;
    const struct option_row *nearest = option_row_nearest(reader->rows, reader->count, name);

    buf_addf(&message, "unknown option %s", dashes);
    option_add_shown(&message, name);
    if (nearest != NULL) {
        buf_addf(&message, "; did you mean --%s?", nearest->name);
    } else {
        buf_add_str(&message, "; wanted one that --help lists");
    }

    return option_fail(reader->error, &message);
}

static int
fail_value(const struct argv_reader *reader, const struct option_row *row, const char *value,
           int fault)
{
    struct buf message = BUF_INIT;

    buf_addf(&message, "--%s", row->name);
    if (fault != -ENODATA && !option_row_is_secret(row)) {
        buf_add_byte(&message, '=');
        option_add_shown(&message, value);
    }
    option_row_add_fault(row, fault, &message);

    return option_fail(reader->error, &message);
}

static int
fail_flag_value(const struct argv_reader *reader, const struct option_row *row)
{
    struct buf message = BUF_INIT;

    buf_addf(&message, "--%s takes no value; wanted --%s alone", row->name, row->name);
    return option_fail(reader->error, &message);
}

/* A word that begins with -- is rather the next option than this one's value; --name=--value is
 * there for who means it. */
static const char *
next_value(struct argv_reader *reader)
{
    if (reader->next == reader->end || strncmp(*reader->next, "--", 2) == 0) {
        return "";
    }

    return *reader->next++;
}

/* value is what stood behind the equals sign, or NULL. */
static int
read_row(struct argv_reader *reader, const struct option_row *row, const char *value)
{
    if (row->kind == OPTION_FLAG) {
        return value != NULL ? fail_flag_value(reader, row)
                             : option_row_set(row, reader->config, "yes");
    }
    if (value == NULL) {
        value = next_value(reader);
    }

    int r = option_row_set(row, reader->config, value);
    return r < 0 ? fail_value(reader, row, value, r) : 0;
}

/* word is --name or --name=value. */
static int
read_option(struct argv_reader *reader, const char *word)
{
    size_t name_len = strcspn(word + 2, "=");
    char *name = xstrndup(word + 2, name_len);
    const struct option_row *row = option_row_find(reader->rows, reader->count, name);

    int r = row == NULL
                ? fail_unknown(reader, "--", name)
                : read_row(reader, row, word[2 + name_len] == '=' ? word + 3 + name_len : NULL);
    free(name);
    return r;
}

/* word is -name or -n: there are no short options, so it can only be refused with good advice. */
static int
read_short(struct argv_reader *reader, const char *word)
{
    size_t name_len = strcspn(word + 1, "=");
    char *name = xstrndup(word + 1, name_len);

    int r = fail_unknown(reader, "-", name);
    free(name);
    return r;
}

int
options_parse_argv(const struct option_row *rows, size_t count, void *config, int argc, char **argv,
                   char **operands, int *ret_operand_count, struct option_error *error)
{
    struct argv_reader reader = {
        .rows = rows,
        .count = count,
        .config = config,
        .next = argv + (argc > 0),
        .end = argv + argc,
        .error = error,
    };
    int operand_count = 0;
    bool options_end = false;
    int r = 0;

    while (r == 0 && reader.next < reader.end) {
        char *word = *reader.next++;

        if (options_end || word[0] != '-' || word[1] == '\0') {
            operands[operand_count++] = word;
        } else if (str_equal(word, "--")) {
            options_end = true;
        } else if (word[1] == '-') {
            r = read_option(&reader, word);
        } else {
            r = read_short(&reader, word);
        }
    }
    if (r == 0) {
        *ret_operand_count = operand_count;
    }

    return r;
}
