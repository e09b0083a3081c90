#include "server/admin/password_source.h"

#include "common/id.h"
#include "common/question.h"
#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is too long is read on, and known by its length. 0 or -errno. */
static int
read_line(int fd, char *dst, size_t size)
{
    size_t len = 0;
    char byte = '\0';

    for (;;) {
        ssize_t count = read(fd, &byte, 1);
        if (count < 0 && errno != EINTR)
            return -errno;
        if (count == 0 || (count == 1 && byte == '\n'))
            break;
        if (count == 1 && len + 1 < size)
            dst[len] = byte;
        len += count == 1;
    }
    dst[MIN(len, size - 1)] = '\0';
    return len < size ? 0 : -EMSGSIZE;
}

/* What reading it came to, and whether it will do. */
static int
check(int result, const char *password, const char *where, char *why, size_t why_size)
{
    const char *fault = result == -EMSGSIZE ? "password too long: wanted at most 256 bytes"
                        : result == -EPIPE  ? "no password was given"
                        : result == 0       ? password_fault(password)
                                            : strerror(-result);

    if (fault == NULL)
        return 0;
    snprintf(why, why_size, "%s%s", where, fault);
    return result < 0 ? result : -EINVAL;
}

int
password_ask(const char *name, char dst[PASSWORD_MAX + 1], char *why, size_t why_size)
{
    char prompt[80], again[PASSWORD_MAX + 1] = "";
    int result;

    snprintf(prompt, sizeof(prompt), "New password for %s: ", name);
    result = question_secret(prompt, dst, PASSWORD_MAX + 1);
    if (result == -ENXIO) {
        snprintf(why, why_size,
                 "no terminal to ask for the password: give --password-file or --generate");
        return result;
    }
    result = check(result, dst, "", why, why_size);
    if (result < 0)
        return result;
    result = question_secret("And again: ", again, sizeof(again));
    if (result < 0 || strcmp(dst, again) != 0) {
        snprintf(why, why_size, "the two passwords differ");
        result = -EINVAL;
    }
    explicit_bzero(again, sizeof(again));
    return result;
}

int
password_read(const char *path, char dst[PASSWORD_MAX + 1], char *why, size_t why_size)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    int result = fd < 0 ? -errno : read_line(fd, dst, PASSWORD_MAX + 1);
    char *where = xasprintf("%s: ", path);

    if (result == 0)
        dst[strcspn(dst, "\r")] = '\0';
    if (fd >= 0 && !is_stdin)
        close(fd);
    result = check(result, dst, where, why, why_size);
    free(where);
    return result;
}

void
password_generate(char dst[PASSWORD_GENERATED_SIZE])
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char bytes[PASSWORD_GENERATED_SIZE - 1];

    random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        dst[i] = digits[bytes[i] % 32];
    dst[sizeof(bytes)] = '\0';
    explicit_bzero(bytes, sizeof(bytes));
}
