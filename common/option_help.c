#include <string.h>

#include "common/buf.h"
#include "common/option.h"
#include "common/option_row.h"
#include "common/text.h"
#include "common/util.h"

#define HELP_COLUMNS 80
#define HELP_INDENT  26 /* where the sentences begin */

static void
add_head(const struct option_row *row, struct buf *out)
{
    const char *value = option_row_value_name(row);

    buf_addf(out, "  --%s", row->name);
    if (value != NULL) {
        buf_addf(out, "=%s", value);
    }
}

static void
add_remark(struct buf *out, const char *text)
{
    buf_add_str(out, out->len > 0 ? "; " : "");
    buf_add_str(out, text);
}

/* The range, unless the head shows it already. */
static void
add_range_remark(const struct option_row *row, struct buf *out)
{
    struct buf range = BUF_INIT;

    option_row_add_range(row, &range);
    if (row->kind != OPTION_FLAG && range.len > 0 &&
        !str_equal(range.data, option_row_value_name(row))) {
        add_remark(out, range.data);
    }
    buf_fini(&range);
}

static void
add_remarks(const struct option_row *row, struct buf *out)
{
    add_range_remark(row, out);
    if (row->kind == OPTION_LIST) {
        add_remark(out, "may be given again");
    }
    if (row->fallback != NULL) {
        add_remark(out, "default ");
        buf_add_str(out, row->fallback);
    }
}

static void
add_sentence(const struct option_row *row, struct buf *out)
{
    struct buf remarks = BUF_INIT;

    buf_add_str(out, row->help);
    add_remarks(row, &remarks);
    if (remarks.len > 0) {
        buf_addf(out, " (%s)", remarks.data);
    }
    buf_fini(&remarks);
}

/* Prints words from column on, which is HELP_INDENT or less, and breaks lines before 80 columns. */
static void
print_wrapped(const char *words, int column, FILE *out)
{
    const char *gap = ""; /* between the last word and the next */

    fprintf(out, "%*s", HELP_INDENT - column, "");
    column = HELP_INDENT;
    while (*words != '\0') {
        size_t len = strcspn(words, " ");
        int columns = text_columns(words, len);

        if (*gap != '\0' && column + 1 + columns >= HELP_COLUMNS) {
            fprintf(out, "\n%*s", HELP_INDENT, "");
            column = HELP_INDENT;
            gap = "";
        }
        fprintf(out, "%s%.*s", gap, (int)len, words);
        column += (int)strlen(gap) + columns;
        gap = " ";
        words += len;
        words += strspn(words, " ");
    }
    fputc('\n', out);
}

static void
print_row(const struct option_row *row, FILE *out)
{
    struct buf head = BUF_INIT;
    struct buf sentence = BUF_INIT;

    add_head(row, &head);
    add_sentence(row, &sentence);
    fputs(head.data, out);
    /* Two spaces part the head from its sentence, or a line of its own does. */
    if (head.len + 2 > HELP_INDENT) {
        fputc('\n', out);
        buf_clear(&head);
    }
    print_wrapped(sentence.data, (int)head.len, out);
    buf_fini(&head);
    buf_fini(&sentence);
}

void
options_print_help(const struct option_row *rows, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        print_row(&rows[i], out);
    }
}
