/* Bounds on what costs a peer next to nothing and us something: each kind is a bucket that fills
 * with time. Honest clients come nowhere near (a browser that leaves a page resets all its streams
 * at once; a reader acknowledges what it got by window updates). */
#include "server/web/h2_inside.h"

#include "common/clock.h"
#include "common/util.h"

#define MILLI 1000

/* clang-format off */
static const struct {
    int64_t burst;
    int64_t a_second;
} rows[H2_KIND_COUNT] = {
    [H2_RESETS]    = {.burst = 200,  .a_second = 20},  /* CVE-2023-44487, CVE-2025-8671 */
    [H2_PINGS]     = {.burst = 100,  .a_second = 10},  /* CVE-2019-9512 */
    [H2_SETTINGS]  = {.burst = 32,   .a_second = 1},   /* CVE-2019-9515 */
    [H2_EMPTY]     = {.burst = 200,  .a_second = 20},  /* CVE-2019-9518 */
    [H2_WINDOWS]   = {.burst = 1000, .a_second = 200}, /* and what h2_earn adds */
    [H2_IDLE_TALK] = {.burst = 500,  .a_second = 100},
};
/* clang-format on */

/* What was earned beyond the burst stays. */
static void
fill(struct h2_connection *connection, enum h2_kind kind)
{
    int64_t now_ms = clock_mono_ms();
    int64_t full = rows[kind].burst * MILLI;
    int64_t left = connection->credits[kind].left_milli;

    if (connection->credits[kind].filled_ms == 0)
        left += full;
    else if (left < full)
        left =
            MIN(left + (now_ms - connection->credits[kind].filled_ms) * rows[kind].a_second, full);
    connection->credits[kind].left_milli = left;
    connection->credits[kind].filled_ms = now_ms;
}

bool
h2_may(struct h2_connection *connection, enum h2_kind kind)
{
    fill(connection, kind);
    if (connection->credits[kind].left_milli < MILLI)
        return false;
    connection->credits[kind].left_milli -= MILLI;
    return true;
}

void
h2_earn(struct h2_connection *connection, enum h2_kind kind, unsigned count)
{
    connection->credits[kind].left_milli += (int64_t)count * MILLI;
}
