#include "common/id.h"

#include "common/clock.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ULID_LEN      (ULID_SIZE - 1)
#define ULID_TIME_LEN 6 /* bytes of 16 that are the time, big-endian */

bool
id_is_valid(const char *id)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789-_:.";
    size_t len = strspn(id, allowed);

    return id[len] == '\0' && len >= 1 && len <= ID_MAX;
}

/* One more, as a big-endian number. Where all 80 random bits were set this runs over into the time,
 * so that order holds even then. */
static void
increment(uint8_t number[16])
{
    for (int i = 15; i >= 0; i--)
        if (++number[i] != 0)
            return;
}

static void
next_ulid(uint8_t dst[16])
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static uint8_t last[16];
    uint8_t now[ULID_TIME_LEN];
    uint64_t ms = (uint64_t)clock_wall_ms();

    for (int i = 0; i < ULID_TIME_LEN; i++)
        now[i] = (uint8_t)(ms >> (8 * (ULID_TIME_LEN - 1 - i)));

    pthread_mutex_lock(&lock);
    if (memcmp(last, now, sizeof(now)) == 0) {
        increment(last);
    } else {
        memcpy(last, now, sizeof(now));
        random_bytes(last + sizeof(now), sizeof(last) - sizeof(now));
    }
    memcpy(dst, last, sizeof(last));
    pthread_mutex_unlock(&lock);
}

void
ulid_make(char dst[ULID_SIZE])
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint8_t bytes[16];

    next_ulid(bytes);

    /* 128 bits fill 26 digits of 5 bits with two to spare; those stand empty in front. */
    unsigned pending = 0;
    int pending_bits = 2;
    size_t at = 0;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        pending = (pending << 8 | bytes[i]) & 0xfff;
        pending_bits += 8;
        for (; pending_bits >= 5; pending_bits -= 5)
            dst[at++] = digits[pending >> (pending_bits - 5) & 31];
    }

    assert(at == ULID_LEN);
    dst[at] = '\0';
}

void
random_bytes(void *dst, size_t len)
{
    uint8_t *at = dst;

    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            fprintf(stderr, "no random bytes: %s\n", strerror(errno));
            abort();
        }

        at += got;
        len -= (size_t)got;
    }
}

uint64_t
random_below(uint64_t bound)
{
    assert(bound > 0);

    /* 2^64 is seldom a multiple of bound: the values below the remainder are drawn again. */
    uint64_t remainder = -bound % bound, value;
    do
        random_bytes(&value, sizeof(value));
    while (value < remainder);

    return value % bound;
}

void
hex_encode(char *dst, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;

    for (size_t i = 0; i < len; i++) {
        *dst++ = digits[from[i] >> 4];
        *dst++ = digits[from[i] & 15];
    }
    *dst = '\0';
}

static int
hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;

    return -1;
}

int
hex_decode(void *dst, size_t len, const char *hex)
{
    uint8_t *to = dst;

    for (size_t i = 0; i < len; i++) {
        if (i > 0 && *hex == ':')
            hex++;

        int high = hex_value(hex[0]);
        int low = high < 0 ? -1 : hex_value(hex[1]);
        if (low < 0)
            return -EINVAL;

        to[i] = (uint8_t)(high << 4 | low);
        hex += 2;
    }

    return *hex == '\0' ? 0 : -EINVAL;
}
