#include "common/near.h"

#include "common/util.h"

#include <ctype.h>
#include <string.h>

static bool
is_same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* The next row of a table of all front parts: now[j] is the distance of a's first i letters and b's
 * first j. What was swapped looks two rows back. */
static void
fill_row(const char *a, size_t i, const char *b, size_t b_len, int *now, const int *last,
         const int *before_last)
{
    now[0] = (int)i;
    for (size_t j = 1; j <= b_len; j++) {
        int changed = last[j - 1] + !is_same(a[i - 1], b[j - 1]);
        now[j] = MIN(changed, MIN(last[j], now[j - 1]) + 1);
        if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1]))
            now[j] = MIN(now[j], before_last[j - 2] + 1);
    }
}

int
near_distance(const char *a, const char *b)
{
    int rows[3][NEAR_MAX + 1] = {{0}};
    size_t a_len = strnlen(a, NEAR_MAX);
    size_t b_len = strnlen(b, NEAR_MAX);

    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = (int)j;
    for (size_t i = 1; i <= a_len; i++)
        fill_row(a, i, b, b_len, rows[i % 3], rows[(i + 2) % 3], rows[(i + 1) % 3]);

    return rows[a_len % 3][b_len];
}
