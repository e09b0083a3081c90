#include "server/web/client_hello.h"

#include <stdbool.h>
#include <string.h>

#define RECORD_HEAD       5
#define RECORD_HANDSHAKE  22
#define RECORD_MAX        16384 /* of one in plain text (RFC 8446 section 5.1) */
#define CLIENT_HELLO      1
#define EXTENSION_ALPN    16
#define VERSION_AND_NONCE (2 + 32)

/* The handshake's bytes, which stand in one record after another. */
struct reader {
    const uint8_t *at;
    size_t left;        /* that have come, heads of records too */
    size_t record_left; /* of the record that is being read */
    bool bad;           /* it is no handshake */
    bool short_of;      /* more was wanted than has come */
};

static size_t
big_endian(const uint8_t *bytes, size_t count)
{
    size_t value = 0;

    for (size_t i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* What follows from bytes that are not there yet is no fault. */
static void
fault(struct reader *reader)
{
    reader->bad = reader->bad || !reader->short_of;
}

/* At the beginning of a record: reads its head. */
static void
enter_record(struct reader *reader)
{
    if (reader->left > 0 && reader->at[0] != RECORD_HANDSHAKE)
        fault(reader);
    if (reader->left > 1 && reader->at[1] != 3)
        fault(reader);
    if (reader->left < RECORD_HEAD) {
        reader->short_of = true;
        return;
    }
    reader->record_left = big_endian(reader->at + 3, 2);
    if (reader->record_left == 0 || reader->record_left > RECORD_MAX)
        fault(reader);
    reader->at += RECORD_HEAD;
    reader->left -= RECORD_HEAD;
}

/* The next count bytes as a number, of which only the last four matter; or 0 where they are not
 * there. */
static size_t
take(struct reader *reader, size_t count)
{
    size_t value = 0;

    while (count > 0) {
        size_t some;

        while (reader->record_left == 0 && !reader->bad && !reader->short_of)
            enter_record(reader);
        if (reader->bad || reader->short_of)
            return 0;
        some = count < reader->record_left ? count : reader->record_left;
        if (some > reader->left) {
            reader->short_of = true;
            return 0;
        }
        value = value << (some < 4 ? 8 * some : 0) | big_endian(reader->at, some < 4 ? some : 0);
        reader->at += some;
        reader->left -= some;
        reader->record_left -= some;
        count -= some;
    }
    return value;
}

/* Takes a part with its length in front, where no more than *left is left of what holds it. The
 * part's length, after its own head. */
static size_t
take_len(struct reader *reader, size_t head, size_t *left)
{
    size_t len;

    if (*left < head) {
        fault(reader);
        return 0;
    }
    len = take(reader, head);
    *left -= head;
    if (len > *left) {
        fault(reader);
        return 0;
    }
    *left -= len;
    return len;
}

static bool
is_over(const struct reader *reader)
{
    return reader->bad || reader->short_of;
}

/* The list of protocols in an ALPN extension of len bytes. */
static bool
offers_h2(struct reader *reader, size_t len)
{
    size_t left = len;
    size_t names = take_len(reader, 2, &left);
    bool found = false;

    if (left > 0)
        fault(reader);
    while (names > 0 && !is_over(reader)) {
        size_t name = take_len(reader, 1, &names);

        if (name == 2)
            found = take(reader, 2) == (size_t)('h' << 8 | '2') || found;
        else
            take(reader, name);
    }
    return found && !is_over(reader);
}

static bool
find_alpn(struct reader *reader, size_t left)
{
    while (left > 0 && !is_over(reader)) {
        size_t type, len;

        if (left < 2) {
            fault(reader);
            break;
        }
        type = take(reader, 2);
        left -= 2;
        len = take_len(reader, 2, &left);
        if (is_over(reader))
            break;
        if (type == EXTENSION_ALPN)
            return offers_h2(reader, len);
        take(reader, len);
    }
    return false;
}

static bool
look(struct reader *reader)
{
    size_t left, extensions;

    if (take(reader, 1) != CLIENT_HELLO) {
        fault(reader);
        return false;
    }
    left = take(reader, 3);
    if (left < VERSION_AND_NONCE)
        fault(reader);
    if (is_over(reader))
        return false;
    take(reader, VERSION_AND_NONCE);
    left -= VERSION_AND_NONCE;
    take(reader, take_len(reader, 1, &left)); /* session */
    take(reader, take_len(reader, 2, &left)); /* ciphers */
    take(reader, take_len(reader, 1, &left)); /* compression */
    extensions = take_len(reader, 2, &left);
    return !is_over(reader) && find_alpn(reader, extensions);
}

enum client_hello
client_hello_look(const uint8_t *bytes, size_t len)
{
    struct reader reader = {.at = bytes, .left = len};
    bool found = look(&reader);

    if (reader.bad)
        return CLIENT_HELLO_OTHER;
    if (reader.short_of)
        return CLIENT_HELLO_MORE;
    return found ? CLIENT_HELLO_H2 : CLIENT_HELLO_OTHER;
}
