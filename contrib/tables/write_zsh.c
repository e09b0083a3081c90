/* The completion for zsh, by its _arguments. */
#include <stdlib.h>
#include <string.h>

#include "common/option_row.h"
#include "contrib/tables/program.h"

/* Writes text inside single quotes. What is in special would end what _arguments reads there. */
static void
write_quoted(const char *text, const char *special, FILE *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs("'\\''", out);
        } else if (strchr(special, *text) != NULL) {
            fprintf(out, "\\%c", *text);
        } else {
            fputc(*text, out);
        }
    }
}

static void
write_action(const struct option_row *row, FILE *out)
{
    char *choices;

    switch (program_value_words(row)) {
    case VALUE_NONE:
    case VALUE_ANY: return;
    case VALUE_CHOICES:
        choices = program_choices(row, ' ');
        fprintf(out, "(%s)", choices);
        free(choices);
        return;
    case VALUE_FILE: fputs("_files", out); return;
    case VALUE_DIRECTORY: fputs("_files -/", out); return;
    }
}

static void
write_row(const struct option_row *row, FILE *out)
{
    fprintf(out, " \\\n    '%s--%s%s[", row->kind == OPTION_LIST ? "*" : "", row->name,
            row->kind == OPTION_FLAG ? "" : "=");
    write_quoted(row->help, "[]:\\", out);
    fputc(']', out);
    if (row->kind != OPTION_FLAG) {
        fputc(':', out);
        write_quoted(option_row_value_name(row), ":\\", out);
        fputc(':', out);
        write_action(row, out);
    }
    fputc('\'', out);
}

void
write_zsh(const struct program *program, FILE *out)
{
    fprintf(out, "#compdef %s\n\n_arguments -S", program->name);
    for (size_t i = 0; i < *program->count; i++) {
        write_row(&program->rows[i], out);
    }
    if (program->operand != NULL) {
        fprintf(out, " \\\n    '::%s:'", program->operand);
    }
    fputc('\n', out);
}
