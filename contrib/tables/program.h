/* A program and its options, for what is made of the option tables while building: completions, the
 * example configuration, and the list that the manuals are compared with. One executable a program,
 * each with its own `this_program`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/option.h"

/* A command of a program that does something else than it does by itself: "user add". */
struct program_verb {
    const char *words;   /* one, or a family and one */
    const char *operand; /* as the usage calls it, or NULL */
    const char *help;
};

struct program {
    const char *name;
    const char *section; /* of rtchat.conf */
    const char *operand; /* what the usage calls it, or NULL where none is taken */
    const struct option_row *rows;
    const size_t *count;
    struct program_verb (*verb)(size_t i); /* words NULL: that is all; NULL: it has none */
};

extern const struct program this_program;

/* What a shell can offer for a value. */
enum value_words {
    VALUE_NONE,    /* a flag */
    VALUE_ANY,     /* nothing can be offered */
    VALUE_CHOICES, /* words, see program_choices */
    VALUE_FILE,
    VALUE_DIRECTORY,
};

enum value_words program_value_words(const struct option_row *row);

/* The choices of a VALUE_CHOICES row with between as what parts them. The caller frees it. */
char *program_choices(const struct option_row *row, char between);

/* The words of the verbs as a tree: below its root are those that may come first. */
struct program_word {
    char *text;
    char *help;          /* of a family that is no verb by itself: what is below it */
    const char *operand; /* NULL: none, or no verb */
    struct program_word *below;
    size_t count;
};

/* The caller frees it. Without anything below where the program has no verbs. */
struct program_word *program_words(const struct program *program);
void program_words_free(struct program_word *root);
bool program_word_takes_file(const struct program_word *word);

/* The writers. Each prints the whole file, but for write_conf, which prints one section. */
void write_bash(const struct program *program, FILE *out);
void write_zsh(const struct program *program, FILE *out);
void write_fish(const struct program *program, FILE *out);
void write_conf(const struct program *program, FILE *out);

/* One option a line: name, value (or empty), default (or empty), "argv" or "file"; tabs between. */
void write_list(const struct program *program, FILE *out);
/* One verb a line: words, operand (or empty), help; tabs between. */
void write_verbs(const struct program *program, FILE *out);
