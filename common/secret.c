#include "common/secret.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int
secret_read(const char *path, char *dst, size_t size)
{
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return -errno;

    char *read = fgets(dst, (int)size, file);
    bool whole = read != NULL && (strchr(dst, '\n') != NULL || feof(file));
    fclose(file);
    if (read != NULL)
        dst[strcspn(dst, "\r\n")] = '\0';
    return whole && dst[0] != '\0' ? 0 : -EINVAL;
}
