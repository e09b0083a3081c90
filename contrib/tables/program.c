#include "contrib/tables/program.h"

#include <string.h>

#include "common/option_row.h"
#include "common/util.h"

enum value_words
program_value_words(const struct option_row *row)
{
    const char *value = option_row_value_name(row);

    if (row->kind == OPTION_FLAG) {
        return VALUE_NONE;
    }
    if (row->kind == OPTION_CHOICE || row->kind == OPTION_YESNO) {
        return VALUE_CHOICES;
    }
    if (str_equal(value, "FILE")) {
        return VALUE_FILE;
    }

    return str_equal(value, "DIR") ? VALUE_DIRECTORY : VALUE_ANY;
}

char *
program_choices(const struct option_row *row, char between)
{
    char *choices = xstrdup(row->kind == OPTION_YESNO ? "yes|no" : row->choices);

    for (char *bar = choices; (bar = strchr(bar, '|')) != NULL;) {
        *bar = between;
    }

    return choices;
}
