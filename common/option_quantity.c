#include "common/option_quantity.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>

#include "common/buf.h"
#include "common/util.h"

/* Takes the digits at *text and leaves *text behind them. */
static int
take_digits(const char **text, int64_t *ret_number)
{
    int64_t number = 0;
    bool overflows = false;

    if (!isdigit((unsigned char)**text)) {
        return -EINVAL;
    }
    for (; isdigit((unsigned char)**text); (*text)++) {
        overflows = overflows || __builtin_mul_overflow(number, 10, &number) ||
                    __builtin_add_overflow(number, **text - '0', &number);
    }
    if (overflows) {
        return -ERANGE;
    }

    *ret_number = number;
    return 0;
}

static int64_t
size_unit(char letter)
{
    switch (letter) {
    case 'K':
    case 'k': return INT64_C(1) << 10;
    case 'M':
    case 'm': return INT64_C(1) << 20;
    case 'G':
    case 'g': return INT64_C(1) << 30;
    default: return 0;
    }
}

int
option_parse_size(const char *text, int64_t *ret_size)
{
    int64_t size;
    int64_t unit = 1;

    int r = take_digits(&text, &size);
    if (r == -EINVAL) {
        return r;
    }
    if (*text != '\0') {
        unit = size_unit(*text++);
    }
    if (unit == 0 || *text != '\0') {
        return -EINVAL;
    }
    if (r < 0 || __builtin_mul_overflow(size, unit, &size)) {
        return -ERANGE;
    }

    *ret_size = size;
    return 0;
}

/* Takes the digits behind the point at *text, as milliseconds. */
static int
take_fraction(const char **text, int64_t *ret_ms)
{
    int64_t ms = 0;

    if (!isdigit((unsigned char)**text)) {
        return -EINVAL;
    }
    for (int unit = 100; unit > 0 && isdigit((unsigned char)**text); unit /= 10) {
        ms += (*(*text)++ - '0') * unit;
    }
    if (isdigit((unsigned char)**text)) {
        return -EDOM;
    }

    *ret_ms = ms;
    return 0;
}

int
option_parse_seconds(const char *text, int64_t *ret_ms)
{
    int64_t seconds;
    int64_t fraction_ms = 0;
    int64_t ms;

    int r = take_digits(&text, &seconds);
    if (r < 0) {
        return r;
    }
    if (*text == '.') {
        text++;
        r = take_fraction(&text, &fraction_ms);
    }
    if (r < 0) {
        return r;
    }
    if (*text != '\0') {
        return -EINVAL;
    }
    if (__builtin_mul_overflow(seconds, 1000, &ms) ||
        __builtin_add_overflow(ms, fraction_ms, &ms)) {
        return -ERANGE;
    }

    *ret_ms = ms;
    return 0;
}

void
option_add_number(struct buf *out, int64_t number)
{
    buf_addf(out, "%lld", (long long)number);
}

void
option_add_size(struct buf *out, int64_t size)
{
    static const char letters[] = {'G', 'M', 'K'};

    for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
        int64_t unit = size_unit(letters[i]);
        if (size > 0 && size % unit == 0) {
            buf_addf(out, "%lld%c", (long long)(size / unit), letters[i]);
            return;
        }
    }
    option_add_number(out, size);
}

void
option_add_seconds(struct buf *out, int64_t ms)
{
    option_add_number(out, ms / 1000);
    if (ms % 1000 == 0) {
        return;
    }

    buf_addf(out, ".%03d", (int)(ms % 1000));
    while (out->data[out->len - 1] == '0') {
        out->data[--out->len] = '\0';
    }
}
