/* The lists that the manuals and the completions are compared with. */
#include "common/option_row.h"
#include "contrib/tables/program.h"

void
write_list(const struct program *program, FILE *out)
{
    for (size_t i = 0; i < *program->count; i++) {
        const struct option_row *row = &program->rows[i];
        const char *value = option_row_value_name(row);

        fprintf(out, "%s\t%s\t%s\t%s\n", row->name, value != NULL ? value : "",
                row->fallback != NULL ? row->fallback : "", row->argv_only ? "argv" : "file");
    }
}

void
write_verbs(const struct program *program, FILE *out)
{
    struct program_verb verb;

    for (size_t i = 0; program->verb != NULL && (verb = program->verb(i)).words != NULL; i++) {
        fprintf(out, "%s\t%s\t%s\n", verb.words, verb.operand != NULL ? verb.operand : "",
                verb.help);
    }
}
