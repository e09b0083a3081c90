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
                           "\n";

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
write_flags(const struct program *program, const char *between, FILE *out)
{
    bool is_first = true;

    for (size_t i = 0; i < *program->count; i++) {
        if (program->rows[i].kind == OPTION_FLAG) {
            fprintf(out, "%s--%s", is_first ? "" : between, program->rows[i].name);
            is_first = false;
        }
    }
}

/* What stands before cur and is neither an option nor its value: "user ". A flag takes none. */
static void
write_find_words(const struct program *program, FILE *out)
{
    fputs("    local words='' more='' i\n"
          "    case $name in\n    ",
          out);
    write_flags(program, " | ", out);
    fputs(") name='' ;;\n"
          "    esac\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        case ${COMP_WORDS[i]} in\n"
          "        --*=* | ",
          out);
    write_flags(program, " | ", out);
    fputs(") ;;\n"
          "        --*) [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++)); ((i++)) ;;\n"
          "        *) words+=\"${COMP_WORDS[i]} \" ;;\n"
          "        esac\n"
          "    done\n"
          "\n",
          out);
}

/* path: the words before, each with a blank behind. */
static void
write_words(const struct program_word *word, const char *path, FILE *out)
{
    if (program_word_takes_file(word)) {
        fprintf(out,
                "    '%s')\n"
                "        compopt -o filenames\n"
                "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
                "        return\n"
                "        ;;\n",
                path);
    }
    if (word->count > 0) {
        fprintf(out, "    '%s') more='", path);
        for (size_t i = 0; i < word->count; i++) {
            fprintf(out, "%s%s", i > 0 ? " " : "", word->below[i].text);
        }
        fputs("' ;;\n", out);
    }
    for (size_t i = 0; i < word->count; i++) {
        char *longer = xasprintf("%s%s ", path, word->below[i].text);
        write_words(&word->below[i], longer, out);
        free(longer);
    }
}

/* In front of all, the words may stand beside the options. */
static void
write_verb_words(const struct program *program, FILE *out)
{
    struct program_word *root = program_words(program);

    if (root->count > 0) {
        write_find_words(program, out);
        fputs("    [[ $name || $cur == -* ]] || case $words in\n", out);
        write_words(root, "", out);
        fputs("    esac\n"
              "    if [[ $words && $more ]]; then\n"
              "        mapfile -t COMPREPLY < <(compgen -W \"$more\" -- \"$cur\")\n"
              "        return\n"
              "    fi\n"
              "\n",
              out);
    }
    program_words_free(root);
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
    fputs("'", out);
    fputs(program->verb != NULL ? "\" $more\"" : "", out);
    fputs(" -- \"$cur\")\n"
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
    write_verb_words(program, out);
    fputs("    case $name in\n", out);
    for (size_t i = 0; i < *program->count; i++) {
        write_case(&program->rows[i], out);
    }
    write_names(program, out);
    fprintf(out, "    esac\n}\ncomplete -F %s %s\n", function, program->name);
    free(function);
}
