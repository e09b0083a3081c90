#include "bench/result/claims.h"

#include "bench/result/claims_judges.h"
#include "bench/result/result.h"
#include "bench/result/view_text.h"
#include "common/buf.h"
#include "common/util.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

/* clang-format off */
const struct claim claim_rows[CLAIM_COUNT] = {
    {1, "HTTP alone cannot push: a message waits for the next question, half the interval on average",
     claim_judge_delay, "delivery times of poll at two intervals"},
    {2, "Short polling asks 1,200 times an hour every 3 s, and most answers are empty",
     claim_judge_idle_poll, "an idle hour of poll"},
    {3, "Short polling is fine where news is rare and a late answer does no harm",
     claim_judge_rare_news, "bytes a delivery and an idle hour, of poll and of ws or sse"},
    {4, "Long polling wastes far fewer requests than short polling",
     claim_judge_longpoll_saves, "an idle hour of poll and of longpoll"},
    {5, "Long polling still pays a request an answer, and without keep-alive a handshake too",
     claim_judge_longpoll_pays, "requests and bytes a delivery of longpoll, ws and sse"},
    {6, "SSE stays open, and comes back by itself without a loss",
     claim_judge_sse_returns, "a recovery of sse after a cut"},
    {7, "SSE is better over HTTP/2: the stream and the POSTs share a connection",
     claim_judge_sse_http2, "connections of sse over HTTP/1.1 and HTTP/2"},
    {8, "WebSocket says a message without an HTTP exchange",
     claim_judge_ws_says, "requests and bytes a message said of ws and sse"},
    {9, "To read alone, SSE does as well as WebSocket",
     claim_judge_reading, "two of delay, bytes, CPU and memory, of ws and sse that read"},
    {10, "Where networks are in the way, SSE or long polling get through where WebSocket does not",
     claim_judge_matrix, "the matrix"},
    {11, "Rare news: short poll. Reading alone: SSE. Both sides at once: WebSocket. Hostile network: "
         "SSE or long poll",
     claim_judge_choice, "a profile for advise, with the matrix in it"},
};
/* clang-format on */

const char *
claim_verdict_name(enum claim_verdict verdict)
{
    static const char *const names[] = {
        [CLAIM_UNKNOWN] = "not measured", [CLAIM_HOLDS] = "holds", [CLAIM_FAILS] = "does not hold"};

    return names[verdict];
}

int
claims_count_failures(const struct result *result)
{
    int failures = 0;

    for (size_t i = 0; i < CLAIM_COUNT; i++) {
        struct buf figures = BUF_INIT;

        failures += claim_rows[i].judge(result, &figures) == CLAIM_FAILS ? 1 : 0;
        buf_fini(&figures);
    }
    return failures;
}

/* Each line by itself: the next one's beginning, or NULL behind the last. */
static const char *
next_line(const char *at, char *dst, size_t size)
{
    size_t len = strcspn(at, "\n");

    snprintf(dst, size, "%.*s", (int)len, at);
    return at[len] == '\0' || at[len + 1] == '\0' ? NULL : at + len + 1;
}

static void
add_claim(const struct claim *claim, const struct result *result, struct buf *out)
{
    struct buf figures = BUF_INIT;
    enum claim_verdict verdict = claim->judge(result, &figures);
    char line[400], *title = xasprintf("%u. %s: %s", claim->number, claim->statement,
                                       claim_verdict_name(verdict));

    buf_add_byte(out, '\n');
    view_add_wrapped(title, out);
    if (verdict == CLAIM_UNKNOWN)
        buf_addf(out, "     wanted: %s\n", claim->wants);
    for (const char *at = figures.len > 0 ? buf_text(&figures) : NULL; at != NULL;) {
        at = next_line(at, line, sizeof(line));
        buf_addf(out, "     %s\n", line);
    }
    free(title);
    buf_fini(&figures);
}

int
claims_show(const struct result *result, FILE *out, unsigned flags)
{
    struct buf text = BUF_INIT;

    view_add_head(result, &text);
    for (size_t i = 0; i < CLAIM_COUNT; i++)
        add_claim(&claim_rows[i], result, &text);
    return view_write_visible(&text, flags, out);
}

static json_t *
claim_to_json(const struct claim *claim, const struct result *result)
{
    struct buf figures = BUF_INIT;
    enum claim_verdict verdict = claim->judge(result, &figures);
    json_t *lines = json_array();
    char line[400];

    for (const char *at = figures.len > 0 ? buf_text(&figures) : NULL; at != NULL;) {
        at = next_line(at, line, sizeof(line));
        json_array_append_new(lines, json_string(line));
    }
    buf_fini(&figures);
    return json_pack("{s:i, s:s, s:s, s:o}", "number", (int)claim->number, "statement",
                     claim->statement, "verdict", claim_verdict_name(verdict), "figures", lines);
}

int
claims_write_json(const struct result *result, FILE *out)
{
    json_t *claims = json_array(), *whole = json_pack("{s:o}", "claims", claims);
    int err;

    for (size_t i = 0; i < CLAIM_COUNT; i++)
        json_array_append_new(claims, claim_to_json(&claim_rows[i], result));
    err = json_dumpf(whole, out, JSON_INDENT(1));
    json_decref(whole);
    return err < 0 || fputc('\n', out) == EOF || fflush(out) != 0 ? -EIO : 0;
}
