/* The completion for fish. */
#include <stdlib.h>

#include "contrib/tables/program.h"

static void
write_quoted(const char *text, FILE *out)
{
    fputc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\') {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void
write_value(const struct option_row *row, FILE *out)
{
    char *choices;

    switch (program_value_words(row)) {
    case VALUE_NONE: return;
    case VALUE_ANY: fputs(" -x", out); return;
    case VALUE_CHOICES:
        choices = program_choices(row, ' ');
        fprintf(out, " -x -a '%s'", choices);
        free(choices);
        return;
    case VALUE_FILE: fputs(" -r -F", out); return;
    case VALUE_DIRECTORY: fputs(" -x -a '(__fish_complete_directories)'", out); return;
    }
}

void
write_fish(const struct program *program, FILE *out)
{
    fprintf(out, "# fish completion for %s\n\ncomplete -c %s -f\n", program->name, program->name);
    for (size_t i = 0; i < *program->count; i++) {
        const struct option_row *row = &program->rows[i];

        fprintf(out, "complete -c %s -l %s", program->name, row->name);
        write_value(row, out);
        fputs(" -d ", out);
        write_quoted(row->help, out);
        fputc('\n', out);
    }
}
