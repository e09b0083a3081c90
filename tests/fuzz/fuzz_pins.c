/* libFuzzer target: the file of pins, whatever stands in it. A damaged one is told of; a pin that
 * is set is found again, and every other stays as it was. */
#include "client/link/pins.h"

#include "client/link/small_file.h"
#include "common/buf.h"
#include "tests/fuzz/scratch.h"

#define OURS  "localhost:8443"
#define OTHER "127.0.0.1:8443"

static const char fingerprint[] =
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/* By another reading of the format: lines of a place, a blank, and 64 lower-case hex digits. */
static bool
is_pin(const char *line, size_t len)
{
    const char *blank = memchr(line, ' ', len);

    if (blank == NULL || blank == line || memchr(line, '\0', len) != NULL)
        return false;

    const char *digits = blank + 1, *end = line + len;
    for (const char *at = digits; at < end; at++)
        if (!(*at >= '0' && *at <= '9') && !(*at >= 'a' && *at <= 'f'))
            return false;

    return end - digits == FINGERPRINT_SIZE - 1;
}

static bool
are_pins(const char *text, size_t len)
{
    for (const char *end = text + len; text < end;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t line_len = (size_t)((newline != NULL ? newline : end) - text);
        if (!is_pin(text, line_len))
            return false;
        text += line_len + 1;
    }

    return true;
}

/* 0 or -errno as pins_find. */
static int
find(const char *path, const char *where, char ret_fingerprint[FINGERPRINT_SIZE])
{
    char why[200] = "";
    int error = pins_find(path, where, ret_fingerprint, why, sizeof(why));

    if (error == 0)
        MUST(strlen(ret_fingerprint) == 0 || strlen(ret_fingerprint) == FINGERPRINT_SIZE - 1);
    else
        MUST(is_sentence(why));
    return error;
}

static void
set_one(const char *path, const uint8_t *data, size_t size)
{
    char before[FINGERPRINT_SIZE] = "", after[FINGERPRINT_SIZE] = "", ours[FINGERPRINT_SIZE] = "";
    struct buf text = BUF_INIT;
    bool is_good = find(path, OTHER, before) == 0;

    MUST(is_good == are_pins((const char *)data, size));
    int error = pins_set(path, OURS, fingerprint);
    MUST(error == 0 || !is_good);
    if (is_good) {
        MUST(find(path, OURS, ours) == 0 && strcmp(ours, fingerprint) == 0);
        MUST(find(path, OTHER, after) == 0 && strcmp(before, after) == 0);
    } else {
        MUST(find(path, OTHER, after) < 0); /* it is for a person to mend */
    }
    if (error < 0) {
        MUST(small_file_read(path, size, &text) == 0 && text.len == size);
        MUST(memcmp(text.data, data, size) == 0);
    }
    buf_fini(&text);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    scratch_make();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[128], found[FINGERPRINT_SIZE] = "";

    snprintf(path, sizeof(path), "%s/pins", scratch_path);
    scratch_clear();
    MUST(find(path, OURS, found) == 0 && found[0] == '\0');
    scratch_write("pins", data, size);
    set_one(path, data, size);
    return 0;
}
