/* The list that the manuals are compared with. */
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
