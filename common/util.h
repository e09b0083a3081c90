/* Small helpers that every file may use: allocation that cannot fail, bounded string copies. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/param.h> /* MIN and MAX; uv.h brings them too */

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The struct that holds *ptr as its member. */
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Like their namesakes, but print what was wanted and abort when memory has run out. Everything
 * that comes from outside is bounded before it is used as a size, so running out is not a peer's
 * doing. xcalloc returns zeroed memory; all are released with free(). */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *ptr, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t len);

/* snprintf into fresh memory; the caller frees it. */
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Copies text and its NUL into dst of size bytes. 0, or -ENAMETOOLONG with dst untouched. */
int str_copy(char *dst, size_t size, const char *text);

/* True when both are equal; either may be NULL, and NULL equals only NULL. */
bool str_equal(const char *a, const char *b);

/* Parses all of text as a decimal number in min..max. 0, -EINVAL (not a number) or -ERANGE. */
int parse_i64(const char *text, int64_t min, int64_t max, int64_t *ret_value);
int parse_u64(const char *text, uint64_t *ret_value);

/* Writes all of it, going on after EINTR and short writes. 0 or -errno. */
int write_all(int fd, const void *data, size_t len);

/* Makes path and its missing parents, each with mode. 0 (also when it is there) or -errno. */
int make_directories(const char *path, unsigned mode);
