/* What advise says. */
#include "bench/result/advice.h"

#include "bench/result/result.h"
#include "bench/result/sheet.h"
#include "bench/result/view.h"
#include "bench/result/view_text.h"
#include "common/buf.h"
#include "common/util.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *
number(double value, int decimals)
{
    struct buf out = BUF_INIT;

    measure_add_number(value, fabs(value) >= 1000 ? 0 : decimals, &out);
    return buf_take(&out, NULL);
}

static char *
name_of(const struct advice_cost *cost)
{
    const char *http = strcmp(cost->way.http, "2") == 0 ? " HTTP/2" : "";

    if (cost->interval_s > 0)
        return xasprintf("%s%s every %.3g s", cost->way.transport, http, cost->interval_s);
    return xasprintf("%s%s", cost->way.transport, http);
}

static const char *
verdict(const struct advice *advice, const struct advice_cost *cost)
{
    if (!cost->gets_through)
        return "blocked";
    if (!cost->meets_delay)
        return "too late";
    if (cost == advice->choice)
        return "chosen";
    return cost == advice->next ? "next best" : "good";
}

static void
add_hour_line(struct sheet *sheet, const struct advice *advice, const struct advice_cost *cost)
{
    char *label = name_of(cost);
    struct sheet_line *line = sheet_add_line(sheet, "", label);
    size_t i = 0;

    line->cells[i++] = xstrdup(verdict(advice, cost));
    line->cells[i++] = number(cost->delay_ms, 1);
    line->cells[i++] = number(cost->delay_worst_ms, 1);
    line->cells[i++] = number(cost->requests, 0);
    line->cells[i++] = number(cost->connections, 2);
    line->cells[i++] = number(cost->handshakes, 1);
    line->cells[i++] = number(advice_bytes(cost, DIRECTION_UP), 0);
    line->cells[i++] = number(advice_bytes(cost, DIRECTION_DOWN), 0);
    line->cells[i++] = number(cost->cpu_ms, 2);
    line->cells[i++] = number(cost->memory_bytes, 0);
    line->cells[i++] = number(cost->radio_s, 0);
    line->cells[i++] = number(cost->money_month * 1000, 3);
    free(label);
}

static void
add_hour(const struct advice *advice, struct buf *out)
{
    struct sheet sheet;

    sheet_init(&sheet, "an hour of one user, and a month of a thousand in money");
    sheet_add_column(&sheet, "", "");
    sheet_add_column(&sheet, "half in", "ms");
    sheet_add_column(&sheet, "99 % in", "ms");
    sheet_add_column(&sheet, "requests", "");
    sheet_add_column(&sheet, "connections", "held");
    sheet_add_column(&sheet, "handshakes", "");
    sheet_add_column(&sheet, "up", "B");
    sheet_add_column(&sheet, "down", "B");
    sheet_add_column(&sheet, "CPU", "ms");
    sheet_add_column(&sheet, "memory", "B");
    sheet_add_column(&sheet, "radio on", "s");
    sheet_add_column(&sheet, "money", "");
    for (size_t i = 0; i < advice->count; i++)
        add_hour_line(&sheet, advice, &advice->costs[i]);
    view_add_sheet(&sheet, out);
    sheet_fini(&sheet);
}

static void
add_layers(const struct advice *advice, enum direction direction, const char *title,
           struct buf *out)
{
    struct sheet sheet;

    sheet_init(&sheet, title);
    for (int layer = 0; layer < LAYERS; layer++)
        sheet_add_column(
            &sheet, measure_rows[measure_bytes(FLOW_HOUR, direction, (enum layer)layer)].heading,
            "B");
    for (size_t i = 0; i < advice->count; i++) {
        char *label = name_of(&advice->costs[i]);
        struct sheet_line *line = sheet_add_line(&sheet, "", label);

        for (int layer = 0; layer < LAYERS; layer++)
            line->cells[layer] = number(advice->costs[i].bytes[direction][layer], 0);
        free(label);
    }
    view_add_sheet(&sheet, out);
    sheet_fini(&sheet);
}

/* A figure of both scales. */
static void
add_pair(struct sheet *sheet, const char *label, double here, double million, int decimals)
{
    struct sheet_line *line = sheet_add_line(sheet, "", label);

    line->cells[0] = number(here, decimals);
    line->cells[1] = number(million, decimals);
}

static void
add_scale(const struct advice_cost *cost, double users, struct buf *out)
{
    struct advice_scale here, million;
    char *heading = number(users, 0), *name = name_of(cost);
    char *title = xasprintf("by %s, all users at once", name);
    struct sheet sheet;

    advice_scale(cost, users, &here);
    advice_scale(cost, 1e6, &million);
    sheet_init(&sheet, title);
    sheet_add_column(&sheet, heading, "users");
    sheet_add_column(&sheet, "1,000,000", "users");
    add_pair(&sheet, "connections", here.connections, million.connections, 0);
    add_pair(&sheet, "memory, MiB", here.memory_bytes / 1048576, million.memory_bytes / 1048576, 1);
    add_pair(&sheet, "cores kept busy", here.cores, million.cores, 3);
    add_pair(&sheet, "up, Mbit/s", here.up_bits_per_s / 1e6, million.up_bits_per_s / 1e6, 2);
    add_pair(&sheet, "down, Mbit/s", here.down_bits_per_s / 1e6, million.down_bits_per_s / 1e6, 2);
    add_pair(&sheet, "requests/s", here.requests_per_s, million.requests_per_s, 1);
    add_pair(&sheet, "handshakes/s", here.handshakes_per_s, million.handshakes_per_s, 1);
    add_pair(&sheet, "handshakes/s when all return in 5 min", here.return_handshakes_per_s,
             million.return_handshakes_per_s, 1);
    if (cost->way.knows_handshake)
        add_pair(&sheet, "cores for these", here.return_cores, million.return_cores, 3);
    add_pair(&sheet, "money a month", here.money_month, million.money_month, 2);
    view_add_sheet(&sheet, out);
    sheet_fini(&sheet);
    free(heading);
    free(title);
    free(name);
}

static void
add_question(const struct advice_question *question, struct buf *out)
{
    static const char *const networks[] = {"an open network", "networks with proxies",
                                           "hostile networks"};
    char *users = number(question->users, 0);

    buf_addf(out, "%s users, each is told %g and says %g messages a minute, at most %g s late,\n",
             users, question->read_per_min, question->said_per_min, question->delay_s);
    buf_addf(out, "over %s of %g ms round trip%s\n", networks[question->network], question->rtt_ms,
             question->is_mobile ? ", on phones" : "");
    free(users);
}

static void
add_why_not(const struct advice *advice, const struct advice_cost *cost, const char *name,
            struct buf *out)
{
    double times = cost->money_month / advice->choice->money_month;

    if (!cost->gets_through)
        buf_addf(out, "  %s gets through %.0f of 100 networks\n", name, 100 * cost->way.reach);
    else if (!cost->meets_delay)
        buf_addf(out, "  %s is too late: 99 of 100 within %.0f ms\n", name, cost->delay_worst_ms);
    else if (times >= 1.995)
        buf_addf(out, "  %s costs %.1f times as much\n", name, times);
    else if (times >= 1)
        buf_addf(out, "  %s costs %.0f %% more\n", name, 100 * (times - 1));
    else
        buf_addf(out, "  %s costs %.0f %% less, but it is less simple\n", name, 100 * (1 - times));
}

static void
add_choice(const struct advice *advice, struct buf *out)
{
    char *name;

    if (advice->choice == NULL) {
        buf_add_str(out, "\nnothing that was measured does it\n");
        return;
    }
    name = name_of(advice->choice);
    buf_addf(out, "\ntake %s\n", name);
    free(name);
    for (size_t i = 0; i < advice->count; i++) {
        if (&advice->costs[i] == advice->choice)
            continue;
        name = name_of(&advice->costs[i]);
        add_why_not(advice, &advice->costs[i], name, out);
        free(name);
    }
}

static void
add_source(const struct result *profile, const struct advice_question *question,
           const struct advice *advice, struct buf *out)
{
    const char *cpu = facts_text(&profile->environment, "cpu");
    struct buf line = BUF_INIT;

    buf_addf(&line, "Measured %s%s%s; the rest is calculated, --explain shows how.", profile->at,
             cpu != NULL ? " on " : "", cpu != NULL ? cpu : "");
    if (question->network == ADVICE_PROXIED ||
        (question->network == ADVICE_HOSTILE && !advice->has_matrix))
        buf_addf(&line,
                 " How many networks each gets through is an assumption; %.0f of 100 are wanted.",
                 100 * ADVICE_REACH_WANTED);
    buf_add_byte(out, '\n');
    view_add_wrapped(buf_text(&line), out);
    buf_fini(&line);
}

/* "requests 60 x 396 + told …" */
static void
add_sum(const char *what, const struct advice_cost *cost, const struct advice_question *question,
        const double units[5], const char *unit, double sum, struct buf *out)
{
    static const char *const names[] = {"requests", "told", "said", "idle", "handshakes"};
    const double times[] = {cost->polls + cost->pings, question->read_per_min * 60,
                            question->said_per_min * 60, 1, cost->handshakes};
    bool is_first = true;

    buf_addf(out, "  %s =", what);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (times[i] * units[i] == 0)
            continue;
        buf_addf(out, "%s %s %.6g x %.6g", is_first ? "" : " +", names[i], times[i], units[i]);
        is_first = false;
    }
    buf_addf(out, "%s = %.6g %s\n", is_first ? " 0" : "", sum, unit);
}

static double
unit_bytes(const struct advice_unit *unit, enum direction direction)
{
    double sum = 0;

    for (int layer = 0; layer < LAYERS; layer++)
        sum += unit->bytes[direction][layer];
    return sum;
}

static void
explain_sums(const struct advice_cost *cost, const struct advice_question *question,
             struct buf *out)
{
    const struct advice_way *way = &cost->way;
    const struct advice_unit *units[] = {&way->poll, &way->delivery, &way->said, &way->idle_hour,
                                         &way->handshake};
    double up[5], down[5], cpu[5];

    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        up[i] = unit_bytes(units[i], DIRECTION_UP);
        down[i] = unit_bytes(units[i], DIRECTION_DOWN);
        cpu[i] = units[i]->cpu_us / 1000;
    }
    add_sum("up", cost, question, up, "B", advice_bytes(cost, DIRECTION_UP), out);
    add_sum("down", cost, question, down, "B", advice_bytes(cost, DIRECTION_DOWN), out);
    add_sum("CPU", cost, question, cpu, "ms", cost->cpu_ms, out);
}

/* A ping's answer ends a long poll. */
static double
explained_wait(const struct advice_cost *cost)
{
    return cost->pings > 0 ? fmin(cost->way.wait_s, 3600 / cost->pings) : cost->way.wait_s;
}

static void
explain_polls(const struct advice_cost *cost, const struct advice_question *question,
              struct buf *out)
{
    if (cost->interval_s > 0)
        buf_addf(
            out,
            "  interval = max(1, delay %g - RTT %g) = %.6g s; polls = 3600 / interval = %.6g\n",
            question->delay_s, question->rtt_ms / 1000, cost->interval_s, cost->polls);
    else if (cost->way.holds)
        buf_addf(out, "  polls = 3600 / ((1 - e^(-m W)) / m + RTT) = %.6g, m = %g/60, W = %g s\n",
                 cost->polls, question->read_per_min, explained_wait(cost));
    if (cost->pings > 0)
        buf_addf(out, "  requests = polls + pings %.6g = %.6g\n", cost->pings,
                 cost->polls + cost->pings);
}

static void
explain_money(const struct advice_cost *cost, const struct advice_question *question,
              struct buf *out)
{
    const struct advice_prices *prices = &question->prices;

    buf_addf(out, "  memory = %.6g connections x %.6g B = %.6g B\n", cost->connections,
             cost->way.memory_bytes, cost->memory_bytes);
    buf_addf(out,
             "  money = CPU / 3600000 ms x %g + memory / GiB x %g\n"
             "        + down x 730 h / GiB x %g + requests x 730 h / 1000000 x %g",
             prices->core_month, prices->gib_memory, prices->gib_traffic, prices->million_requests);
    if (question->is_mobile)
        buf_addf(out, "\n        + radio %.6g s / 3600 x 730 h x %g", cost->radio_s,
                 prices->radio_hour);
    buf_addf(out, " = %.6g\n", cost->money_month);
}

static void
add_explanation(const struct advice *advice, const struct advice_question *question,
                struct buf *out)
{
    buf_add_str(out, "\nan hour of one user\n");
    for (size_t i = 0; i < advice->count; i++) {
        const struct advice_cost *cost = &advice->costs[i];
        char *name = name_of(cost);

        buf_addf(out, "%s\n", name);
        explain_polls(cost, question, out);
        explain_sums(cost, question, out);
        explain_money(cost, question, out);
        free(name);
    }
    buf_add_str(out, "all users at once = users x these; a second = an hour / 3600\n");
}

int
advice_show(const struct result *profile, const struct advice_question *question,
            const struct advice *advice, bool explain, unsigned flags, FILE *out)
{
    struct buf text = BUF_INIT;

    add_question(question, &text);
    add_choice(advice, &text);
    add_hour(advice, &text);
    add_layers(advice, DIRECTION_UP, "bytes up in that hour", &text);
    add_layers(advice, DIRECTION_DOWN, "bytes down in that hour", &text);
    if (advice->choice != NULL)
        add_scale(advice->choice, question->users, &text);
    if (explain)
        add_explanation(advice, question, &text);
    add_source(profile, question, advice, &text);
    return view_write_visible(&text, flags, out);
}
