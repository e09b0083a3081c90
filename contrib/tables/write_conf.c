/* One section of the example configuration: every option that a file may hold, commented out. */
#include <string.h>

#include "common/buf.h"
#include "common/option_row.h"
#include "contrib/tables/program.h"

#define COLUMNS 78

/* A comment, with its lines broken at blanks. */
static void
write_comment(const char *text, FILE *out)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column == 0 || column + 1 + len > COLUMNS) {
            fputs(column == 0 ? "#" : "\n#", out);
            column = 1;
        }
        fprintf(out, " %.*s", (int)len, text);
        column += 1 + len;
        text += len + strspn(text + len, " ");
    }
    fputc('\n', out);
}

/* Where the table has no default, the name of the value stands in its place. */
static const char *
shown_value(const struct option_row *row)
{
    if (row->kind == OPTION_FLAG) {
        return "no";
    }

    return row->fallback != NULL ? row->fallback : option_row_value_name(row);
}

static void
write_row(const struct option_row *row, FILE *out)
{
    struct buf range = BUF_INIT;

    fputc('\n', out);
    write_comment(row->help, out);
    option_row_add_range(row, &range);
    if (range.len > 0) {
        fprintf(out, "# %s\n", range.data);
    }
    fprintf(out, "#%s = %s\n", row->name, shown_value(row));
    buf_fini(&range);
}

void
write_conf(const struct program *program, FILE *out)
{
    fprintf(out, "\n[%s]\n", program->section);
    for (size_t i = 0; i < *program->count; i++) {
        if (!program->rows[i].argv_only) {
            write_row(&program->rows[i], out);
        }
    }
}
