#include "common/refusal.h"

#include "common/util.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

/* clang-format off */
static const struct {
    const char *name;
    int status;
} rows[REFUSAL_COUNT] = {
    [REFUSAL_NONE]            = {"none",               200},
    [REFUSAL_BAD_REQUEST]     = {"bad_request",        400},
    [REFUSAL_UNAUTHORIZED]    = {"unauthorized",       401},
    [REFUSAL_FORBIDDEN]       = {"forbidden",          403},
    [REFUSAL_NOT_MEMBER]      = {"not_member",         403},
    [REFUSAL_NOT_FOUND]       = {"not_found",          404},
    [REFUSAL_METHOD]          = {"method_not_allowed", 405},
    [REFUSAL_CONFLICT]        = {"conflict",           409},
    [REFUSAL_LENGTH_REQUIRED] = {"length_required",    411},
    [REFUSAL_TOO_LARGE]       = {"too_large",          413},
    [REFUSAL_INVALID]         = {"invalid",            422},
    [REFUSAL_UNKNOWN_COMMAND] = {"unknown_command",    422},
    [REFUSAL_RATE_LIMITED]    = {"rate_limited",       429},
    [REFUSAL_UNAVAILABLE]     = {"unavailable",        503},
};
/* clang-format on */

/* A message may quote what a peer sent and may have been cut inside of a character, but it goes out
 * as JSON: whatever is not UTF-8 becomes a question mark. */
static void
mend_utf8(char *text)
{
    utf8proc_int32_t code_point;

    while (*text != '\0') {
        utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &code_point);
        if (len < 1) {
            *text = '?';
            len = 1;
        }
        text += len;
    }
}

int
refuse(struct refusal *refusal, enum refusal_code code, const char *format, ...)
{
    va_list args;

    *refusal = (struct refusal){.code = code};
    va_start(args, format);
    vsnprintf(refusal->message, sizeof(refusal->message), format, args);
    va_end(args);
    mend_utf8(refusal->message);

    return -1;
}

const char *
refusal_name(enum refusal_code code)
{
    assert(code < REFUSAL_COUNT);
    return rows[code].name;
}

int
refusal_status(enum refusal_code code)
{
    assert(code < REFUSAL_COUNT);
    return rows[code].status;
}

enum refusal_code
refusal_from_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return (enum refusal_code)i;

    return REFUSAL_NONE;
}
