/* The completion for fish. */
#include <stdlib.h>

#include "common/util.h"
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

/* What the command line holds beside options, without the word that is being typed. */
static void
write_words_function(const struct program *program, FILE *out)
{
    fprintf(out,
            "\nfunction __fish_%s_is_at\n"
            "    set -l words (commandline -opc)\n"
            "    set -e words[1]\n"
            "    set -l said\n"
            "    set -l is_value 0\n"
            "    for word in $words\n"
            "        if test $is_value = 1\n"
            "            set is_value 0\n"
            "        else if not string match -q -- '--*' $word\n"
            "            set -a said $word\n"
            "        else if not contains -- $word",
            program->name);
    for (size_t i = 0; i < *program->count; i++) {
        if (program->rows[i].kind == OPTION_FLAG) {
            fprintf(out, " --%s", program->rows[i].name);
        }
    }
    fputs("; and not string match -q -- '--*=*' $word\n"
          "            set is_value 1\n"
          "        end\n"
          "    end\n"
          "    test \"$said\" = \"$argv\"\n"
          "end\n\n",
          out);
}

static void
write_words(const struct program *program, const struct program_word *word, const char *path,
            FILE *out)
{
    if (program_word_takes_file(word)) {
        fprintf(out, "complete -c %s -n '__fish_%s_is_at %s' -F\n", program->name, program->name,
                path);
    }
    for (size_t i = 0; i < word->count; i++) {
        const struct program_word *next = &word->below[i];
        char *longer = xasprintf("%s%s%s", path, path[0] != '\0' ? " " : "", next->text);

        fprintf(out, "complete -c %s -n '__fish_%s_is_at %s' -a %s -d ", program->name,
                program->name, path, next->text);
        write_quoted(next->help, out);
        fputc('\n', out);
        write_words(program, next, longer, out);
        free(longer);
    }
}

static void
write_all_words(const struct program *program, FILE *out)
{
    struct program_word *root = program_words(program);

    if (root->count > 0) {
        write_words_function(program, out);
        write_words(program, root, "", out);
    }
    program_words_free(root);
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
    write_all_words(program, out);
}
