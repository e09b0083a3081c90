/* How soon the client's screen stands, how soon it is connected, and what it costs to let it lie.
 */
#include "bench/http.h"
#include "bench/measure/measure.h"
#include "bench/measure/report.h"
#include "bench/measure/rig.h"
#include "bench/measure/samples.h"
#include "bench/measure/terminal.h"
#include "common/util.h"

#include <stdio.h>
#include <stdlib.h>

#define STARTS      7
#define PATIENCE_MS 10000
#define SETTLE_MS   1000
#define IDLE_MS     4000
#define SCREEN_WORD "[1:home]" /* the list of windows: the whole screen is drawn with it */
#define LIVE_WORD   "#lobby"   /* a room: the server said hello */

struct outcome {
    struct samples screen_ms, live_ms, idle_permille;
};

/* From its start until it is connected, 0; or -1 with a line on stderr. */
static int
watch_start(struct terminal *terminal, const char *program, struct outcome *outcome)
{
    int64_t screen_us = terminal_wait_for(terminal, SCREEN_WORD, PATIENCE_MS);
    int64_t live_us = terminal_wait_for(terminal, LIVE_WORD, PATIENCE_MS);

    if (screen_us < 0 || live_us < 0) {
        fprintf(stderr, "rtchat-measure: %s %s\n", program,
                screen_us < 0 ? "drew no screen" : "did not connect");
        return -1;
    }
    samples_add(&outcome->screen_ms, (double)screen_us / 1000);
    samples_add(&outcome->live_ms, (double)live_us / 1000);
    return 0;
}

static void
watch_idle(struct terminal *terminal, struct outcome *outcome)
{
    terminal_idle(terminal, SETTLE_MS);
    samples_add(&outcome->idle_permille, (double)terminal_idle(terminal, IDLE_MS) / IDLE_MS);
}

/* The same person again and again: a token is there after the first time. */
static int
run_clients(char *const argv[], char *const env[], struct outcome *outcome)
{
    int result = 0;

    for (int i = 0; i < STARTS && result == 0; i++) {
        struct terminal terminal;

        if (terminal_start(&terminal, argv, env) < 0)
            return -1;
        result = watch_start(&terminal, argv[0], outcome);
        if (result == 0 && i == STARTS - 1)
            watch_idle(&terminal, outcome);
        terminal_stop(&terminal);
    }
    return result;
}

static int
run_against(const struct rig *rig, const struct settings *settings, struct outcome *outcome)
{
    char fingerprint[HTTP_FINGERPRINT_SIZE];
    struct http *http = http_open(rig->child.port);
    char *argv[8] = {settings->client, NULL};
    char *env[8] = {NULL};
    int argc = 1, envc = 0, result;

    if (http == NULL)
        return -1;
    http_fingerprint(http, fingerprint);
    http_close(http);
    argv[argc++] = xasprintf("https://localhost:%d", rig->child.port);
    argv[argc++] = xasprintf("--fingerprint=%s", fingerprint);
    argv[argc++] = xstrdup("--user=measured");
    argv[argc++] = xstrdup("--config=/dev/null");
    env[envc++] = xstrdup("TERM=xterm");
    env[envc++] = xstrdup("LC_ALL=C.UTF-8");
    env[envc++] = xstrdup("NO_COLOR=1");
    env[envc++] = xasprintf("HOME=%s", rig->dir);
    env[envc++] = xasprintf("XDG_STATE_HOME=%s/state", rig->dir);

    result = run_clients(argv, env, outcome);
    while (argc-- > 1)
        free(argv[argc]);
    while (envc-- > 0)
        free(env[envc]);
    return result;
}

static void
print(const struct outcome *outcome)
{
    struct report *report = report_create("start");

    report_add_at_most(report, "screen_ms", "client: start -> first screen",
                       samples_median(&outcome->screen_ms), "ms", 200);
    report_add(report, "live_ms", "client: start -> connected", samples_median(&outcome->live_ms),
               "ms");
    report_add_at_most(report, "idle_permille", "client: CPU when nothing happens, of a core",
                       samples_median(&outcome->idle_permille), "\xe2\x80\xb0", 5);
    report_print(report);
    report_destroy(report);
}

int
measure_start(const struct settings *settings)
{
    struct outcome outcome = {0};
    struct rig rig;
    int result;

    if (rig_open_server(&rig, settings, "memory:", NULL) < 0)
        return 1;
    result = run_against(&rig, settings, &outcome);
    rig_close(&rig);
    if (result == 0)
        print(&outcome);
    return result < 0 ? 1 : 0;
}
