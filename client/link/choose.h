/* auto: which way to take, which to try next, and for how long not to. Pure: it knows names and
 * times, and what became of each way; the caller has the connections and the clock. Times are
 * monotonic ms unless they are said to be of the wall.
 *
 * A way that died before it was of use, or did not prove itself, gets a strike and is left alone
 * for a moment; two strikes within choose_times.flap_ms demote it: from then on it is only probed,
 * ever more seldom, until a probe proves it. A way that the server or a proxy says it has not is
 * off until what is remembered of the host lapses. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define CHOOSE_MAX        8
#define CHOOSE_PROBES_MAX 8

struct choose_times {
    int64_t useful_ms;                   /* what died sooner after its opening was of no use */
    int64_t flap_ms;                     /* two strikes within this demote */
    int64_t second_ms;                   /* after the first strike, until it is tried again */
    int64_t good_ms;                     /* service so long forgets failed probes */
    int64_t memory_ms;                   /* of a host */
    int64_t probe_ms[CHOOSE_PROBES_MAX]; /* between probes; the last one that is not 0 repeats */
};

extern const struct choose_times choose_times;

struct choose_way {
    const char *name;
    unsigned liking; /* 0: liked best */
    bool is_quick;   /* gets through nearly everywhere, and fast */
    bool is_off;     /* the server or a proxy has it not */
    bool is_demoted;
    bool is_tried;         /* since the last wait */
    int64_t strike_ms;     /* the last one; -1: none */
    int64_t not_before_ms; /* no trial sooner */
    unsigned probes;       /* that failed */
    int64_t since_wall_ms; /* when off or demoted was remembered first; 0: not yet */
};

struct choose {
    struct choose_times times;
    struct choose_way ways[CHOOSE_MAX];
    size_t count;
    int first; /* what worked last time, or -1 */
};

/* names outlive it. Liked best is ws, then sse, longpoll, poll; with reads_only sse before ws.
 * Other names come last. */
void choose_init(struct choose *choose, const struct choose_times *times, const char *const *names,
                 size_t count, bool reads_only);

/* Nothing is connected: what to begin with. What worked last time, else the quick one, else what is
 * liked best, each way once until choose_again. -1: all were tried. */
int choose_start(struct choose *choose);
void choose_again(struct choose *choose);             /* a wait is over: all may be tried */
bool choose_is_hopeless(const struct choose *choose); /* every way is off */

/* current carries: what to try besides. Only what is liked better, or with is_failing anything
 * else. -1: nothing now; ret_next_ms tells when to ask again, -1: never. */
int choose_trial(const struct choose *choose, int current, bool is_failing, int64_t now_ms,
                 int64_t *ret_next_ms);
bool choose_likes(const struct choose *choose, int way, int other); /* better than the other */

void choose_works(struct choose *choose, int way);                    /* it proved itself */
void choose_served(struct choose *choose, int way, int64_t lived_ms); /* and is over */
void choose_strike(struct choose *choose, int way, int64_t now_ms);
void choose_off(struct choose *choose, int way, int64_t now_ms);
/* Where every way is off it is not the ways: nothing is off any more. */
void choose_pardon(struct choose *choose);
void choose_put_off(struct choose *choose, int way, int64_t until_ms); /* no fault of its own */

/* Appends what follows for the way: "demoted after two strikes, tried again in 1 min". */
void choose_say(struct buf *out, const struct choose *choose, int way, int64_t now_ms);

/* What is to be remembered of the host, as lines. */
void choose_keep(struct choose *choose, struct buf *out, int64_t wall_ms);
/* Takes what choose_keep gave; lines that are too old, of the future or malformed count for
 * nothing. */
void choose_recall(struct choose *choose, const char *text, int64_t wall_ms, int64_t now_ms);
