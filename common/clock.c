#include "common/clock.h"

#include "common/util.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#define YEAR_0000_MS (-62167219200000)
#define YEAR_9999_MS 253402300799999 /* its last millisecond */

/* What tests set. Atomic, as a worker may look while a test's thread moves the clock. */
static atomic_bool is_set;
static _Atomic int64_t set_wall_ms;
static _Atomic int64_t set_mono_ms;

static int64_t
read_us(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_wall_ms(void)
{
    return is_set ? set_wall_ms : read_us(CLOCK_REALTIME) / 1000;
}

int64_t
clock_mono_ms(void)
{
    return clock_mono_us() / 1000;
}

int64_t
clock_mono_us(void)
{
    return is_set ? set_mono_ms * 1000 : read_us(CLOCK_MONOTONIC);
}

void
clock_set(int64_t wall_ms, int64_t mono_ms)
{
    set_wall_ms = wall_ms;
    set_mono_ms = mono_ms;
    is_set = true;
}

void
clock_advance(int64_t ms)
{
    set_wall_ms += ms;
    set_mono_ms += ms;
}

void
clock_release(void)
{
    is_set = false;
}

/* Writes value as width digits and the byte after them; gives back where to go on. */
static char *
put_digits(char *at, int width, int value, char after)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }

    at[width] = after;
    return at + width + 1;
}

void
clock_format(char dst[CLOCK_STAMP_SIZE], int64_t wall_ms)
{
    wall_ms = MIN(MAX(wall_ms, YEAR_0000_MS), YEAR_9999_MS);

    /* C divides toward zero, which would leave a negative fraction before 1970. */
    int fraction = (int)((wall_ms % 1000 + 1000) % 1000);
    time_t seconds = (time_t)((wall_ms - fraction) / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);

    char *at = put_digits(dst, 4, utc.tm_year + 1900, '-');
    at = put_digits(at, 2, utc.tm_mon + 1, '-');
    at = put_digits(at, 2, utc.tm_mday, 'T');
    at = put_digits(at, 2, utc.tm_hour, ':');
    at = put_digits(at, 2, utc.tm_min, ':');
    at = put_digits(at, 2, utc.tm_sec, '.');
    at = put_digits(at, 3, fraction, 'Z');
    *at = '\0';
}

static bool
take_digits(const char **at, int width, int *ret_value)
{
    int value = 0;

    for (int i = 0; i < width; i++) {
        char digit = (*at)[i];
        if (digit < '0' || digit > '9')
            return false;
        value = value * 10 + (digit - '0');
    }

    *at += width;
    *ret_value = value;
    return true;
}

static bool
take_byte(const char **at, char byte)
{
    if (**at != byte)
        return false;

    (*at)++;
    return true;
}

/* A point and 1-9 digits, or nothing. What is finer than a millisecond is cut off. */
static bool
take_fraction(const char **at, int *ret_ms)
{
    int ms = 0, count = 0, digit;

    if (!take_byte(at, '.')) {
        *ret_ms = 0;
        return true;
    }

    for (; take_digits(at, 1, &digit); count++)
        if (count < 3)
            ms = ms * 10 + digit;
    if (count < 1 || count > 9)
        return false;

    for (; count < 3; count++)
        ms *= 10;
    *ret_ms = ms;
    return true;
}

static bool
take_stamp(const char *at, struct tm *utc, int *ret_ms)
{
    return take_digits(&at, 4, &utc->tm_year) && take_byte(&at, '-') &&
           take_digits(&at, 2, &utc->tm_mon) && take_byte(&at, '-') &&
           take_digits(&at, 2, &utc->tm_mday) && take_byte(&at, 'T') &&
           take_digits(&at, 2, &utc->tm_hour) && take_byte(&at, ':') &&
           take_digits(&at, 2, &utc->tm_min) && take_byte(&at, ':') &&
           take_digits(&at, 2, &utc->tm_sec) && take_fraction(&at, ret_ms) && take_byte(&at, 'Z') &&
           *at == '\0';
}

int
clock_parse(const char *text, int64_t *ret_wall_ms)
{
    struct tm utc = {0};
    int ms;

    if (!take_stamp(text, &utc, &ms))
        return -EINVAL;

    utc.tm_year -= 1900;
    utc.tm_mon -= 1;

    /* timegm carries what is out of range into the next field, so a real date stays as it was. */
    struct tm carried = utc;
    int64_t seconds = timegm(&carried);
    if (carried.tm_mon != utc.tm_mon || carried.tm_mday != utc.tm_mday ||
        carried.tm_hour != utc.tm_hour || carried.tm_min != utc.tm_min ||
        carried.tm_sec != utc.tm_sec)
        return -EINVAL;

    *ret_wall_ms = seconds * 1000 + ms;
    return 0;
}
