/* A program and its options, for what is made of the option tables while building: completions, the
 * example configuration, and the list that the manuals are compared with. One executable a program,
 * each with its own `this_program`. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "common/option.h"

struct program {
    const char *name;
    const char *section; /* of rtchat.conf */
    const char *operand; /* what the usage calls it, or NULL where none is taken */
    const struct option_row *rows;
    const size_t *count;
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

/* The writers. Each prints the whole file, but for write_conf, which prints one section. */
void write_bash(const struct program *program, FILE *out);
void write_zsh(const struct program *program, FILE *out);
void write_fish(const struct program *program, FILE *out);
void write_conf(const struct program *program, FILE *out);

/* One option a line: name, value (or empty), default (or empty), "argv" or "file"; tabs between. */
void write_list(const struct program *program, FILE *out);
