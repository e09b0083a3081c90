#include "client/link/choose.h"

#include "common/buf.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define NEVER_MS  INT64_MAX

const struct choose_times choose_times = {
    .useful_ms = 10000,
    .flap_ms = 5 * MINUTE_MS,
    .second_ms = 15000,
    .good_ms = 5 * MINUTE_MS,
    .memory_ms = 24 * 60 * MINUTE_MS,
    .probe_ms = {1 * MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS},
};

static const struct {
    const char *name;
    unsigned liking, reading; /* the second where nothing is ever said */
    bool is_quick;
} kinds[] = {
    {"ws", 0, 1, false},
    {"sse", 1, 0, false},
    {"longpoll", 2, 2, true},
    {"poll", 3, 3, false},
};

static void
set_kind(struct choose_way *way, bool reads_only)
{
    way->liking = ARRAY_LEN(kinds);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_equal(kinds[i].name, way->name)) {
            way->liking = reads_only ? kinds[i].reading : kinds[i].liking;
            way->is_quick = kinds[i].is_quick;
        }
}

void
choose_init(struct choose *choose, const struct choose_times *times, const char *const *names,
            size_t count, bool reads_only)
{
    *choose = (struct choose){.times = *times, .count = MIN(count, CHOOSE_MAX), .first = -1};
    for (size_t i = 0; i < choose->count; i++) {
        choose->ways[i] = (struct choose_way){.name = names[i], .strike_ms = -1};
        set_kind(&choose->ways[i], reads_only);
    }
}

/* What a start likes: the higher, the better. */
static unsigned
start_rank(const struct choose *choose, size_t i)
{
    const struct choose_way *way = &choose->ways[i];

    if (way->is_demoted)
        return 1 + CHOOSE_MAX - way->liking;
    if ((int)i == choose->first)
        return 100;

    return way->is_quick ? 90 : 50 - way->liking;
}

int
choose_start(struct choose *choose)
{
    int best = -1;

    for (size_t i = 0; i < choose->count; i++)
        if (!choose->ways[i].is_off && !choose->ways[i].is_tried &&
            (best < 0 || start_rank(choose, i) > start_rank(choose, (size_t)best)))
            best = (int)i;

    if (best >= 0)
        choose->ways[best].is_tried = true;
    return best;
}

void
choose_again(struct choose *choose)
{
    for (size_t i = 0; i < choose->count; i++)
        choose->ways[i].is_tried = false;
}

bool
choose_is_hopeless(const struct choose *choose)
{
    for (size_t i = 0; i < choose->count; i++)
        if (!choose->ways[i].is_off)
            return false;

    return true;
}

bool
choose_likes(const struct choose *choose, int way, int other)
{
    return choose->ways[way].liking < choose->ways[other].liking;
}

int
choose_trial(const struct choose *choose, int current, bool is_failing, int64_t now_ms,
             int64_t *ret_next_ms)
{
    int64_t next_ms = NEVER_MS;
    int best = -1;

    for (int i = 0; i < (int)choose->count; i++) {
        const struct choose_way *way = &choose->ways[i];
        if (i == current || (!is_failing && !choose_likes(choose, i, current)))
            continue;
        if (way->not_before_ms > now_ms)
            next_ms = MIN(next_ms, way->not_before_ms);
        else if (best < 0 || choose_likes(choose, i, best))
            best = i;
    }

    *ret_next_ms = next_ms == NEVER_MS ? -1 : next_ms;
    return best;
}

void
choose_works(struct choose *choose, int way)
{
    choose_again(choose);
    choose->ways[way].is_off = false;
    choose->ways[way].is_demoted = false;
    choose->ways[way].not_before_ms = 0;
    choose->ways[way].since_wall_ms = 0;
    choose->first = way;
}

void
choose_served(struct choose *choose, int way, int64_t lived_ms)
{
    if (lived_ms >= choose->times.good_ms)
        choose->ways[way].probes = 0;
}

static int64_t
next_probe_ms(const struct choose *choose, unsigned probes)
{
    const int64_t *probe_ms = choose->times.probe_ms;
    unsigned last = 0;

    while (last + 1 < CHOOSE_PROBES_MAX && last < probes && probe_ms[last + 1] > 0)
        last++;
    return probe_ms[last];
}

static void
demote(struct choose *choose, struct choose_way *way, int64_t now_ms)
{
    way->is_demoted = true;
    way->strike_ms = -1;
    way->not_before_ms = now_ms + next_probe_ms(choose, way->probes);
    way->probes++;
}

void
choose_strike(struct choose *choose, int way, int64_t now_ms)
{
    struct choose_way *struck = &choose->ways[way];
    bool is_second = struck->strike_ms >= 0 && now_ms - struck->strike_ms <= choose->times.flap_ms;

    if (choose->first == way)
        choose->first = -1;
    if (struck->is_demoted || is_second) {
        demote(choose, struck, now_ms);
        return;
    }

    struck->strike_ms = now_ms;
    struck->not_before_ms = now_ms + choose->times.second_ms;
}

void
choose_off(struct choose *choose, int way, int64_t now_ms)
{
    choose->ways[way].is_off = true;
    choose->ways[way].not_before_ms = now_ms + choose->times.memory_ms;
    choose->ways[way].since_wall_ms = 0;
    if (choose->first == way)
        choose->first = -1;
}

void
choose_pardon(struct choose *choose)
{
    if (!choose_is_hopeless(choose))
        return;

    for (size_t i = 0; i < choose->count; i++) {
        choose->ways[i].is_off = false;
        choose->ways[i].not_before_ms = 0;
        choose->ways[i].since_wall_ms = 0;
    }
}

void
choose_put_off(struct choose *choose, int way, int64_t until_ms)
{
    choose->ways[way].not_before_ms = MAX(choose->ways[way].not_before_ms, until_ms);
}

static void
add_wait(struct buf *out, int64_t wait_ms)
{
    if (wait_ms >= MINUTE_MS)
        buf_addf(out, "tried again in %" PRId64 " min", (wait_ms + MINUTE_MS / 2) / MINUTE_MS);
    else
        buf_addf(out, "tried again in %" PRId64 " s", (MAX(wait_ms, 0) + 999) / 1000);
}

void
choose_say(struct buf *out, const struct choose *choose, int way, int64_t now_ms)
{
    const struct choose_way *row = &choose->ways[way];

    if (row->is_off) {
        buf_add_str(out, "it is off here and not tried again today");
        return;
    }
    if (row->is_demoted)
        buf_add_str(out, "two strikes, so it is ");
    add_wait(out, row->not_before_ms - now_ms);
}

void
choose_keep(struct choose *choose, struct buf *out, int64_t wall_ms)
{
    for (size_t i = 0; i < choose->count; i++) {
        struct choose_way *way = &choose->ways[i];
        if ((int)i == choose->first)
            buf_addf(out, "first %s %" PRId64 "\n", way->name, wall_ms);
        if (!way->is_off && !way->is_demoted)
            continue;
        if (way->since_wall_ms == 0)
            way->since_wall_ms = wall_ms;
        buf_addf(out, "%s %s %" PRId64 "\n", way->is_off ? "off" : "demoted", way->name,
                 way->since_wall_ms);
    }
}

static int
find(const struct choose *choose, const char *name)
{
    for (size_t i = 0; i < choose->count; i++)
        if (str_equal(choose->ways[i].name, name))
            return (int)i;

    return -1;
}

static void
recall(struct choose *choose, const char *what, int way, int64_t age_ms, int64_t now_ms)
{
    if (str_equal(what, "first"))
        choose->first = way;
    else if (str_equal(what, "off"))
        choose_off(choose, way, now_ms - age_ms);
    else if (str_equal(what, "demoted"))
        demote(choose, &choose->ways[way], now_ms);
}

void
choose_recall(struct choose *choose, const char *text, int64_t wall_ms, int64_t now_ms)
{
    char what[16], name[16];
    int64_t at_ms;

    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        bool is_whole = sscanf(line, "%15[a-z] %15[a-z] %" SCNd64, what, name, &at_ms) == 3;
        int way = is_whole ? find(choose, name) : -1;
        if (way >= 0 && at_ms >= 0 && at_ms <= wall_ms &&
            wall_ms - at_ms < choose->times.memory_ms) {
            recall(choose, what, way, wall_ms - at_ms, now_ms);
            if (choose->ways[way].is_off || choose->ways[way].is_demoted)
                choose->ways[way].since_wall_ms = at_ms;
        }
        line += len + (line[len] == '\n' ? 1 : 0);
    }
}
