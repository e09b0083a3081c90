/* The completion for zsh, by its _arguments. */
#include <stdlib.h>
#include <string.h>

#include "common/option_row.h"
#include "common/util.h"
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

static void
write_words(const struct program_word *word, const char *path, FILE *out)
{
    if (program_word_takes_file(word)) {
        fprintf(out, "    '%s') _files ;;\n", path);
    }
    if (word->count > 0) {
        fprintf(out, "    '%s')\n        commands=(", path);
        for (size_t i = 0; i < word->count; i++) {
            fprintf(out, "\n            '%s:", word->below[i].text);
            write_quoted(word->below[i].help, ":\\", out);
            fputc('\'', out);
        }
        fputs("\n        )\n        _describe command commands\n        ;;\n", out);
    }
    for (size_t i = 0; i < word->count; i++) {
        char *longer = xasprintf("%s%s ", path, word->below[i].text);
        write_words(&word->below[i], longer, out);
        free(longer);
    }
}

/* The arguments alone: _arguments hands them on without the options. */
static void
write_verbs_function(const struct program *program, const struct program_word *root, FILE *out)
{
    fprintf(out,
            "_%s_commands()\n"
            "{\n"
            "    local -a commands\n"
            "\n"
            "    case ${(j::)${words[1,CURRENT-1]/%%/ }} in\n",
            program->name);
    write_words(root, "", out);
    fputs("    esac\n}\n\n", out);
}

void
write_zsh(const struct program *program, FILE *out)
{
    struct program_word *root = program_words(program);

    fprintf(out, "#compdef %s\n\n", program->name);
    if (root->count > 0) {
        write_verbs_function(program, root, out);
    }
    fputs("_arguments -S", out);
    for (size_t i = 0; i < *program->count; i++) {
        write_row(&program->rows[i], out);
    }
    if (program->operand != NULL) {
        fprintf(out, " \\\n    '::%s:'", program->operand);
    }
    if (root->count > 0) {
        fprintf(out, " \\\n    '*:: :_%s_commands'", program->name);
    }
    program_words_free(root);
    fputc('\n', out);
}
