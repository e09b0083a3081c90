/* One table of options feeds argv, the configuration file, --help, and the test against the manual.
 *
 * A program has an array of rows and one plain struct that they fill; a row says where by offset.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_kind {
    OPTION_TEXT,    /* char *, owned by the config; NULL: not given and without a default */
    OPTION_NUMBER,  /* int64_t in min..max */
    OPTION_SIZE,    /* int64_t bytes in min..max; K, M, G behind the number multiply by 1024 */
    OPTION_SECONDS, /* int64_t milliseconds; given in seconds with an optional fraction */
    OPTION_DECIMAL, /* int64_t thousandths; given as a number with an optional fraction */
    OPTION_CHOICE,  /* int: index into choices ("auto|ws"); an enum fits where it is an int */
    OPTION_YESNO,   /* int: 1 yes, 0 no, -1 not given and without a default */
    OPTION_LIST,    /* struct option_list; may be given again, each adds; a comma does not split */
    OPTION_FLAG,    /* bool; on argv without a value; yes or no in the file */
};

struct option_list {
    char **items;
    size_t count;
    bool replace; /* a new source has begun: the next value drops what there is */
};

struct option_row {
    const char *name; /* without the dashes */
    enum option_kind kind;
    size_t offset;
    int64_t min, max;     /* NUMBER, SIZE, SECONDS (in milliseconds), DECIMAL (in thousandths) */
    const char *choices;  /* CHOICE: "auto|ws|sse" */
    const char *value;    /* what --help calls the value, "FILE"; NULL for a flag */
    const char *fallback; /* the default as one would type it, or NULL */
    const char *help;     /* one sentence without a full stop */
    bool argv_only;       /* has no place in a file (--help, --config) */
};

/* What went wrong, for one line on stderr. */
struct option_error {
    char message[300];
};

/* Sets every row's default. config is zeroed memory. */
void options_init(const struct option_row *rows, size_t count, void *config);
void options_fini(const struct option_row *rows, size_t count, void *config);

/* --name=value, --name value (where value does not begin with --), -- ends options. Others are
 * operands: their pointers go, in order, to operands (room for argc) and ret_operand_count. 0, or
 * -EINVAL with error saying what was wrong and what was wanted (an unknown name gets the nearest
 * known one). argv[0] is passed over. */
int options_parse_argv(const struct option_row *rows, size_t count, void *config, int argc,
                       char **argv, char **operands, int *ret_operand_count,
                       struct option_error *error);

/* The file's lines are `name = value`, `[section]`, comments with # or ;, blank lines. Only the
 * named section counts; the names of all others are not looked at. -ENOENT when there is no file,
 * -EINVAL with error "FILE:LINE: ...", -errno when it cannot be read, -EFBIG beyond 1 MiB; error is
 * filled for each of them. A setting above the first section is refused, since it would count
 * nowhere. That flags win over files is a matter of order (see below). */
int options_parse_file(const struct option_row *rows, size_t count, void *config, const char *path,
                       const char *section, struct option_error *error);

/* Files come before flags: defaults, then files from the least to the most personal, then argv. So
 * parse argv once into a scratch config to learn --config, then in that order. For a row of kind
 * LIST, the first value from a later source replaces what earlier sources gave; options_next_source
 * says that a new source begins. */
void options_next_source(const struct option_row *rows, size_t count, void *config);

/* /etc/rtchat/rtchat.conf, then $XDG_CONFIG_HOME/rtchat/rtchat.conf (or under ~/.config). Index 0,
 * 1; NULL beyond or where there is no home. The caller frees it. */
char *options_config_path(int index);

/* A source each: the file at path, which must be there; where path is NULL, those of
 * options_config_path that are. As options_parse_file otherwise. */
int options_parse_files(const struct option_row *rows, size_t count, void *config, const char *path,
                        const char *section, struct option_error *error);

/* The table as --help shows it, wrapped at 80 columns. */
void options_print_help(const struct option_row *rows, size_t count, FILE *out);
