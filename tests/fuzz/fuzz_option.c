/* Options from hostile words and files. Input that begins with "argv\n" is a command line, a word
 * on each line; all else is a configuration file. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/option.h"
#include "common/text.h"
#include "common/util.h"

#define WORDS_MAX 64

struct sample {
    char *password_file;
    int64_t port;
    int64_t size;
    int64_t wait_ms;
    int transport;
    int guests;
    struct option_list rooms;
    bool plain;
};

#define AT(member) offsetof(struct sample, member)

/* clang-format off */
static const struct option_row rows[] = {
    {.name = "password-file", .kind = OPTION_TEXT, .offset = AT(password_file), .value = "FILE"},
    {.name = "port", .kind = OPTION_NUMBER, .offset = AT(port), .max = 65535, .fallback = "8443"},
    {.name = "size", .kind = OPTION_SIZE, .offset = AT(size), .min = 1, .max = INT64_MAX},
    {.name = "wait", .kind = OPTION_SECONDS, .offset = AT(wait_ms), .min = -1, .max = INT64_MAX},
    {.name = "transport", .kind = OPTION_CHOICE, .offset = AT(transport), .choices = "auto|ws|sse"},
    {.name = "guests", .kind = OPTION_YESNO, .offset = AT(guests)},
    {.name = "room", .kind = OPTION_LIST, .offset = AT(rooms), .fallback = "#lobby"},
    {.name = "plain", .kind = OPTION_FLAG, .offset = AT(plain), .argv_only = true},
};
/* clang-format on */

/* One line that a terminal can bear, whatever came in. */
static void
check_error(int result, const struct option_error *error)
{
    size_t len = strlen(error->message);

    if (result == 0) {
        assert(len == 0);
        return;
    }
    assert(len > 0);
    assert(text_is_utf8(error->message, len));
    for (size_t i = 0; i < len; i++) {
        assert((unsigned char)error->message[i] >= ' ' && error->message[i] != 0x7f);
    }
}

static void
check_config(const struct sample *config)
{
    assert(config->port >= 0 && config->port <= 65535);
    assert(config->size >= 0);
    assert(config->wait_ms >= 0);
    assert(config->transport >= 0 && config->transport <= 2);
    assert(config->guests >= -1 && config->guests <= 1);
    assert(config->rooms.count >= 1);
}

/* Tears text to words, in place. How many there are. */
static int
split(char *text, char **words)
{
    int count = 0;

    while (text != NULL && count < WORDS_MAX) {
        words[count++] = strsep(&text, "\n");
    }
    return count;
}

static int
parse_argv(struct sample *config, char *text, struct option_error *error)
{
    char *words[WORDS_MAX];
    char *operands[WORDS_MAX];
    int operand_count = 0;
    int word_count = split(text, words);

    int r = options_parse_argv(rows, ARRAY_LEN(rows), config, word_count, words, operands,
                               &operand_count, error);
    assert(operand_count >= 0 && operand_count < word_count);
    return r;
}

static int
parse_file(struct sample *config, const void *data, size_t len, struct option_error *error)
{
    static int fd = -1;
    char path[32];

    if (fd < 0) {
        fd = memfd_create("option", MFD_CLOEXEC);
    }
    if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, data, len, 0) != (ssize_t)len) {
        abort();
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

    return options_parse_file(rows, ARRAY_LEN(rows), config, path, "server", error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct sample config = {0};
    struct option_error error = {0};
    char *text = xstrndup((const char *)data, len);

    options_init(rows, ARRAY_LEN(rows), &config);
    options_next_source(rows, ARRAY_LEN(rows), &config);
    int r = strncmp(text, "argv\n", 5) == 0 ? parse_argv(&config, text, &error)
                                            : parse_file(&config, data, len, &error);
    check_error(r, &error);
    check_config(&config);
    options_fini(rows, ARRAY_LEN(rows), &config);
    free(text);

    return 0;
}
