/* The completion for bash. It asks nothing of the bash-completion package. */
#include <stdlib.h>
#include <string.h>

#include "common/util.h"
#include "contrib/tables/program.h"

/* A function's name may not hold a dash in POSIX mode. */
static char *
function_name(const struct program *program)
{
    char *name = xasprintf("_%s", program->name);

    for (char *dash = name; (dash = strchr(dash, '-')) != NULL;) {
        *dash = '_';
    }

    return name;
}

/* readline breaks words at "=" (COMP_WORDBREAKS), unless it was told not to. Both ways end with
 * name, cur (what is typed of the value) and stem (what stands before it in the same word). */
static const char head[] = "{\n"
                           "    local cur=${COMP_WORDS[COMP_CWORD]} name='' stem=''\n"
                           "    local prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
                           "    COMPREPLY=()\n"
                           "\n"
                           "    if [[ $cur == --*=* ]]; then\n"
                           "        name=${cur%%=*} stem=${cur%%=*}=\n"
                           "        cur=${cur#*=}\n"
                           "    elif [[ $cur == = ]]; then\n"
                           "        name=$prev cur=''\n"
                           "    elif [[ $prev == = ]]; then\n"
                           "        name=${COMP_WORDS[COMP_CWORD - 2]}\n"
                           "    elif [[ $prev == --* ]]; then\n"
                           "        name=$prev\n"
                           "    fi\n"
                           "\n"
                           "    case $name in\n";

static void
write_case(const struct option_row *row, FILE *out)
{
    char *choices;

    switch (program_value_words(row)) {
    case VALUE_NONE: return;
    case VALUE_ANY: fprintf(out, "    --%s) return ;;\n", row->name); return;
    case VALUE_CHOICES:
        choices = program_choices(row, ' ');
        fprintf(out,
                "    --%s) mapfile -t COMPREPLY < <(compgen -P \"$stem\" -W '%s' -- \"$cur\") ;;\n",
                row->name, choices);
        free(choices);
        return;
    case VALUE_FILE:
    case VALUE_DIRECTORY:
        fprintf(out,
                "    --%s)\n"
                "        compopt -o filenames\n"
                "        mapfile -t COMPREPLY < <(compgen -P \"$stem\" -%c -- \"$cur\")\n"
                "        ;;\n",
                row->name, program_value_words(row) == VALUE_FILE ? 'f' : 'd');
        return;
    }
}

static void
write_names(const struct program *program, FILE *out)
{
    fputs("    *)\n"
          "        mapfile -t COMPREPLY < <(compgen -W '",
          out);
    for (size_t i = 0; i < *program->count; i++) {
        const struct option_row *row = &program->rows[i];
        fprintf(out, "%s--%s%s", i > 0 ? " " : "", row->name, row->kind == OPTION_FLAG ? "" : "=");
    }
    fputs("' -- \"$cur\")\n"
          "        if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then\n"
          "            compopt -o nospace\n"
          "        fi\n"
          "        ;;\n",
          out);
}

void
write_bash(const struct program *program, FILE *out)
{
    char *function = function_name(program);

    fprintf(out, "# bash completion for %s\n\n%s()\n%s", program->name, function, head);
    for (size_t i = 0; i < *program->count; i++) {
        write_case(&program->rows[i], out);
    }
    write_names(program, out);
    fprintf(out, "    esac\n}\ncomplete -F %s %s\n", function, program->name);
    free(function);
}
