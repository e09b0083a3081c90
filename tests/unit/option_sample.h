/* A table with a row of each kind, the struct that it fills, and what the tests of it share. */
#pragma once

#include <check.h>
#include <stdio.h>

#include "common/option.h"
#include "common/util.h"

struct sample {
    char *user;
    char *data_dir;
    char *proxy;
    int64_t port;
    int64_t depth;
    int64_t max_body;
    int64_t wait_ms;
    int transport;
    int guests;
    struct option_list rooms;
    struct option_list binds;
    bool plain;
    bool help;
    int64_t token_days;
};

#define AT(member) offsetof(struct sample, member)

/* Tables are set by hand where clang-format 14 crashes on rows of unlike length or fills up beyond
 * the margin. */
/* clang-format off */
static const struct option_row rows[] = {
    {.name = "max-body",      .kind = OPTION_SIZE,     .offset = AT(max_body),
     .min = 1024, .max = INT64_C(1) << 30, .value = "BYTES", .fallback = "1M",
     .help = "Largest body"},
    {.name = "user",          .kind = OPTION_TEXT,     .offset = AT(user),
     .value = "NAME", .help = "Who you are"},
    {.name = "data-dir",      .kind = OPTION_TEXT,     .offset = AT(data_dir),
     .value = "DIR", .fallback = "/tmp/x", .help = "Where the log is kept"},
    {.name = "proxy",         .kind = OPTION_TEXT,     .offset = AT(proxy),
     .value = "URL", .help = "Way out"},
    {.name = "port",          .kind = OPTION_NUMBER,   .offset = AT(port),
     .max = 65535, .value = "PORT", .fallback = "8443",
     .help = "Port to listen on, where 0 stands for any port that happens to be free"},
    {.name = "depth",         .kind = OPTION_NUMBER,   .offset = AT(depth),
     .min = -5, .max = INT64_MAX, .value = "N", .help = "How deep"},
    {.name = "wait",          .kind = OPTION_SECONDS,  .offset = AT(wait_ms),
     .min = 500, .max = 55000, .value = "SECONDS", .fallback = "2.5", .help = "How long"},
    {.name = "transport",     .kind = OPTION_CHOICE,   .offset = AT(transport),
     .choices = "auto|ws|sse", .fallback = "auto", .help = "Which way"},
    {.name = "guests",        .kind = OPTION_YESNO,    .offset = AT(guests),
     .help = "Whether guests may come in"},
    {.name = "room",          .kind = OPTION_LIST,     .offset = AT(rooms),
     .value = "ROOM", .fallback = "#lobby", .help = "Room to join"},
    {.name = "bind",          .kind = OPTION_LIST,     .offset = AT(binds),
     .value = "ADDR", .help = "Address"},
    {.name = "plain",         .kind = OPTION_FLAG,     .offset = AT(plain),
     .help = "Lines in, lines out"},
    {.name = "help",          .kind = OPTION_FLAG,     .offset = AT(help),
     .help = "Show this", .argv_only = true},
    {.name = "token-days",    .kind = OPTION_NUMBER,   .offset = AT(token_days),
     .min = 1, .max = 365, .value = "DAYS", .fallback = "30", .help = "Life of a token"},
};
/* clang-format on */

static struct sample config;
static struct option_error fault;
static char *operands[16];
static int operand_count;

static void
set_up(void)
{
    config = (struct sample){0};
    fault.message[0] = '\0';
    operand_count = -1;
    options_init(rows, ARRAY_LEN(rows), &config);
}

static void
tear_down(void)
{
    options_fini(rows, ARRAY_LEN(rows), &config);
}

/* words ends with NULL. */
static int
parse_words(char **words)
{
    int argc = 0;

    while (words[argc] != NULL) {
        argc++;
    }
    return options_parse_argv(rows, ARRAY_LEN(rows), &config, argc, words, operands, &operand_count,
                              &fault);
}

#define PARSE(...) parse_words((char *[]){word("rtchat"), __VA_ARGS__, NULL})

static char *
word(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void
assert_list(const struct option_list *list, const char *joined)
{
    char seen[256] = "";
    size_t len = 0;

    for (size_t i = 0; i < list->count; i++) {
        len += (size_t)snprintf(seen + len, sizeof(seen) - len, "%s%s", i > 0 ? " " : "",
                                list->items[i]);
        ck_assert_uint_lt(len, sizeof(seen));
    }
    ck_assert_str_eq(seen, joined);
}
