#include "server/admin/admin_call.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/util.h"
#include "server/admin/admin_socket.h"
#include "server/admin/deed.h"
#include "server/config.h"
#include "server/house.h"
#include "server/log/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_WITHIN_S 60
#define STARTING_TRIES  20 /* a server that starts has the log before it has its socket */
#define STARTING_MS     50

struct call {
    const struct server_config *config;
    struct order *order;
    struct buf *said;
    char *why;
    size_t why_size;
};

int
admin_call_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (str_copy(address.sun_path, sizeof(address.sun_path), path) < 0)
        return -ENAMETOOLONG;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;

    int error = -errno;
    close(fd);
    return error;
}

static int
take_answer(struct call *call, const struct buf *line)
{
    char why[120];
    json_t *answer = json_parse(buf_text(line), line->len, why, sizeof(why));
    const char *said = json_member_string(answer, "said");
    const char *message = json_member_string(json_object_get(answer, "error"), "message");
    int result = said != NULL ? 0 : -EPERM;

    if (said != NULL)
        buf_add_str(call->said, said);
    else if (message != NULL)
        snprintf(call->why, call->why_size, "%s", message);
    else
        snprintf(call->why, call->why_size,
                 "the server ended before it answered; look whether it was done");
    json_decref(answer);
    return result;
}

/* Up to the end: an answer is a line, and the connection ends behind it. */
static int
read_all(int fd, struct buf *out)
{
    char bytes[4096];
    ssize_t count;

    do {
        count = read(fd, bytes, sizeof(bytes));
        if (count > 0)
            buf_add(out, bytes, (size_t)count);
    } while (count > 0 || (count < 0 && errno == EINTR));
    return count < 0 ? -errno : 0;
}

static int
ask_server(struct call *call, int fd)
{
    struct timeval patience = {.tv_sec = ANSWER_WITHIN_S};
    struct buf order = BUF_INIT, answer = BUF_INIT;
    int result;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    call->order->store = store_locate(call->config->store);
    order_encode(&order, call->order);
    result = write_all(fd, order.data, order.len);
    if (result == 0)
        result = read_all(fd, &answer);
    if (result < 0)
        snprintf(call->why, call->why_size, "the server does not answer: %s", strerror(-result));
    else
        result = take_answer(call, &answer);
    buf_fini(&order);
    buf_fini(&answer);
    return result;
}

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t news;
    bool is_done;
};

static void
on_done(struct deed *deed)
{
    struct waiting *waiting = deed->owner;

    pthread_mutex_lock(&waiting->lock);
    waiting->is_done = true;
    pthread_cond_signal(&waiting->news);
    pthread_mutex_unlock(&waiting->lock);
}

static void
start_and_wait(struct deed *deed)
{
    struct waiting waiting = {.is_done = false};

    pthread_mutex_init(&waiting.lock, NULL);
    pthread_cond_init(&waiting.news, NULL);
    deed->owner = &waiting;
    deed->done = on_done;
    deed_start(deed);

    pthread_mutex_lock(&waiting.lock);
    while (!waiting.is_done)
        pthread_cond_wait(&waiting.news, &waiting.lock);
    pthread_mutex_unlock(&waiting.lock);
    pthread_cond_destroy(&waiting.news);
    pthread_mutex_destroy(&waiting.lock);
}

static int
do_alone(struct call *call, struct house *house)
{
    struct deed deed;
    int result = 0;

    deed_init(&deed, house_server(house), call->order);
    start_and_wait(&deed);
    if (deed.refusal.code != REFUSAL_NONE) {
        snprintf(call->why, call->why_size, "%s", deed.refusal.message);
        result = -EPERM;
    } else {
        buf_add_str(call->said, buf_text(&deed.said));
    }
    deed_fini(&deed);
    return result;
}

/* The log must be there: one that was made here would be found by nobody. */
static int
open_alone(struct call *call, struct house **ret_house)
{
    char *located = store_locate(call->config->store);

    free(located);
    if (located == NULL) {
        snprintf(call->why, call->why_size,
                 "no server runs on %.100s, and there is no log at %.100s: wanted the server's "
                 "--data-dir, or one that was started once",
                 call->config->data_dir, call->config->store);
        return -ENOENT;
    }
    *ret_house = house_open_quiet(call->config, call->why, call->why_size);
    return *ret_house == NULL ? -EAGAIN : 0;
}

/* 0 when it was decided, with ret_result; -EAGAIN when somebody has the log and does not listen. */
static int
try_once(struct call *call, const char *path, int *ret_result)
{
    struct house *house;
    int fd = admin_call_connect(path);

    if (fd >= 0) {
        *ret_result = ask_server(call, fd);
        close(fd);
        return 0;
    }
    if (fd != -ENOENT && fd != -ECONNREFUSED && fd != -ENAMETOOLONG) {
        snprintf(call->why, call->why_size, "%s: %s", path, strerror(-fd));
        *ret_result = fd;
        return 0;
    }

    *ret_result = open_alone(call, &house);
    if (*ret_result < 0)
        return *ret_result == -EAGAIN ? -EAGAIN : 0;
    *ret_result = do_alone(call, house);
    house_close(house);
    return 0;
}

int
admin_call(const struct server_config *config, struct order *order, struct buf *ret_said, char *why,
           size_t why_size)
{
    static const struct timespec moment = {.tv_nsec = STARTING_MS * 1000000L};
    struct call call = {config, order, ret_said, why, why_size};
    char *path = xasprintf("%s/" ADMIN_SOCKET_NAME, config->data_dir);
    int result = -EAGAIN;

    for (int i = 0; i < STARTING_TRIES && try_once(&call, path, &result) == -EAGAIN; i++)
        nanosleep(&moment, NULL);
    order_fini(order);
    free(path);
    return result;
}
