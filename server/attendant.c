#include "server/attendant.h"

#define LOG_MODULE "main"
#include "common/log.h"
#include "common/util.h"
#include "server/admin/admin_socket.h"
#include "server/house.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <uv.h>

static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

struct attendant {
    struct attendant_config config;
    uv_loop_t loop;
    uv_signal_t signals[ARRAY_LEN(signals)];
    struct admin_socket *admin; /* NULL: there is none */
    int ended_by;
};

static void
on_signal(uv_signal_t *handle, int number)
{
    struct attendant *attendant = handle->data;

    if (number == SIGHUP) {
        attendant->config.hangup(attendant->config.context);
        return;
    }
    attendant->ended_by = number;
    uv_stop(&attendant->loop);
}

static void
start_signals(struct attendant *attendant)
{
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        uv_signal_t *handle = &attendant->signals[i];

        handle->data = attendant;
        if (uv_signal_init(&attendant->loop, handle) != 0 ||
            uv_signal_start(handle, on_signal, signals[i]) != 0)
            abort(); /* no descriptors at start */
    }
}

struct attendant *
attendant_create(const struct attendant_config *config)
{
    struct attendant *attendant = xcalloc(1, sizeof(*attendant));
    char why[300];

    attendant->config = *config;
    if (uv_loop_init(&attendant->loop) != 0)
        abort(); /* no descriptors at start */
    start_signals(attendant);
    attendant->admin = admin_socket_open(&attendant->loop, house_server(config->house),
                                         config->data_dir, why, sizeof(why));
    if (attendant->admin == NULL)
        log_warn("nobody can administer this server while it runs: %s", why);
    return attendant;
}

static void
unblock_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaddset(&set, signals[i]);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int
attendant_run(struct attendant *attendant)
{
    unblock_signals();
    uv_run(&attendant->loop, UV_RUN_DEFAULT);

    /* What they did before is what they do again: the second one ends the program. */
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        uv_signal_stop(&attendant->signals[i]);
    signal(SIGHUP, SIG_IGN);
    return attendant->ended_by;
}

void
attendant_destroy(struct attendant *attendant)
{
    admin_socket_close(attendant->admin);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        uv_close((uv_handle_t *)&attendant->signals[i], NULL);
    uv_run(&attendant->loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&attendant->loop) != 0)
        log_warn("a handle was left open");
    free(attendant);
}
