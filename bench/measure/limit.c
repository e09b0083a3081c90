/* What a fan-out costs at least when every message is written by itself: one thread, epoll and
 * OpenSSL, no chat. Whatever a client says is written to every client, by one SSL_write for each,
 * in the event's own shape and size so that the same load runs against this and against
 * rtchat-server. On SIGTERM or SIGINT it tells what that took, as one line of JSON. */
#include "bench/measure/certificate.h"
#include "bench/measure/wire.h"
#include "bench/open_files.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/util.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGES_KEPT 4096 /* a client that falls further behind is closed */
#define EVENTS_MAX    256
#define READ_SIZE     16384

enum client_state { CLIENT_TLS, CLIENT_UPGRADE, CLIENT_OPEN };

struct client {
    LIST_ENTRY(client) others;
    int fd;
    SSL *ssl;
    enum client_state state;
    bool choked;
    uint64_t next; /* the message that it gets next */
    struct buf in;
};

struct limit {
    int epoll_fd;
    int listen_fd;
    SSL_CTX *context;
    LIST_HEAD(, client) clients;
    struct buf messages[MESSAGES_KEPT]; /* frames, by number modulo MESSAGES_KEPT */
    uint64_t head;                      /* how many messages there were */
    uint64_t deliveries;
    int64_t cpu_before_us; /* what was spent before the first message */
};

static volatile sig_atomic_t stop_wanted;

static void
on_signal(int number)
{
    stop_wanted = 1;
}

static int64_t
cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void
watch(struct limit *limit, struct client *client, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = client};

    epoll_ctl(limit->epoll_fd, operation, client->fd, &event);
}

static void
client_destroy(struct client *client)
{
    LIST_REMOVE(client, others);
    ERR_clear_error(); /* else the next one's SSL_get_error would find it */
    SSL_free(client->ssl);
    close(client->fd);
    buf_fini(&client->in);
    free(client);
}

static void
accept_clients(struct limit *limit)
{
    int fd, one = 1;

    while ((fd = accept4(limit->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct client *client = xcalloc(1, sizeof(*client));

        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        client->fd = fd;
        client->ssl = SSL_new(limit->context);
        SSL_set_fd(client->ssl, fd);
        SSL_set_accept_state(client->ssl);
        LIST_INSERT_HEAD(&limit->clients, client, others);
        watch(limit, client, EPOLL_CTL_ADD, EPOLLIN);
    }
}

/* 0, also when the socket is full or has nothing; -EPIPE when the connection is over. */
static int
fault_of(const struct client *client, int result)
{
    int fault = SSL_get_error(client->ssl, result);

    return fault == SSL_ERROR_WANT_READ || fault == SSL_ERROR_WANT_WRITE ? 0 : -EPIPE;
}

/* Writes what the client has yet to get, each message by itself. */
static int
deliver(struct limit *limit, struct client *client)
{
    if (limit->head - client->next > MESSAGES_KEPT)
        return -EPIPE;
    while (client->next < limit->head) {
        const struct buf *frame = &limit->messages[client->next % MESSAGES_KEPT];
        int written = SSL_write(client->ssl, frame->data, (int)frame->len);

        if (written <= 0) {
            int result = fault_of(client, written);

            if (result == 0 && !client->choked)
                watch(limit, client, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            client->choked = true;
            return result;
        }
        client->next++;
        limit->deliveries++;
    }
    if (client->choked)
        watch(limit, client, EPOLL_CTL_MOD, EPOLLIN);
    client->choked = false;
    return 0;
}

/* A broadcast does not take clients off the list: the one who speaks is walked over too. One that
 * is gone shows itself by its next event. */
static void
broadcast(struct limit *limit)
{
    struct client *client;

    LIST_FOREACH(client, &limit->clients, others)
    if (client->state == CLIENT_OPEN && !client->choked)
        deliver(limit, client);
}

/* command: a say. Its text goes on as rtchat-server would send it. */
static void
publish(struct limit *limit, const char *command, size_t len)
{
    struct buf *frame = &limit->messages[limit->head % MESSAGES_KEPT];
    const char *text = memmem(command, len, "\"text\":", 7);
    char at[CLOCK_STAMP_SIZE];
    struct buf event = BUF_INIT;

    if (text == NULL)
        return;
    if (limit->head == 0)
        limit->cpu_before_us = cpu_us();
    limit->head++;
    clock_format(at, clock_wall_ms());
    buf_addf(&event,
             "{\"type\":\"message\",\"seq\":%" PRIu64 ",\"rseq\":%" PRIu64
             ",\"room\":\"#lobby\",\"from\":\"writer-0\",\"id\":\"m%" PRIu64
             "\",\"at\":\"%s\",\"action\":false,",
             limit->head, limit->head, limit->head, at);
    buf_add(&event, text, (size_t)(command + len - text));
    buf_clear(frame);
    wire_add(frame, WIRE_TEXT, event.data, event.len);
    buf_fini(&event);
    broadcast(limit);
}

/* False while the request's head is not whole. The key's answer is not computed: the load does not
 * look at it. */
static int
upgrade(struct client *client)
{
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                 "Connection: Upgrade\r\n\r\n";
    const char *end = memmem(buf_text(&client->in), client->in.len, "\r\n\r\n", 4);
    struct buf hello = BUF_INIT;
    int written;

    if (end == NULL)
        return 0;
    buf_consume(&client->in, (size_t)(end + 4 - client->in.data));
    client->state = CLIENT_OPEN;
    buf_add_str(&hello, answer);
    wire_add(&hello, WIRE_TEXT, "{\"type\":\"hello\"}", 16);
    written = SSL_write(client->ssl, hello.data, (int)hello.len);
    buf_fini(&hello);
    return written > 0 ? 0 : -EPIPE;
}

static int
take_frames(struct limit *limit, struct client *client)
{
    struct wire_frame frame;
    size_t len;

    while ((len = wire_read(buf_text(&client->in), client->in.len, &frame)) > 0) {
        char *payload = client->in.data + frame.head_len;

        if (frame.opcode == WIRE_CLOSE)
            return -EPIPE;
        wire_unmask(payload, &frame);
        if (frame.opcode == WIRE_TEXT)
            publish(limit, payload, frame.len);
        buf_consume(&client->in, len);
    }
    return 0;
}

static int
receive(struct limit *limit, struct client *client)
{
    char bytes[READ_SIZE];
    int result = 0, got;

    while (result == 0 && (got = SSL_read(client->ssl, bytes, sizeof(bytes))) > 0) {
        buf_add(&client->in, bytes, (size_t)got);
        if (client->state == CLIENT_UPGRADE) {
            result = upgrade(client);
            client->next = limit->head;
        }
        if (client->state == CLIENT_OPEN && result == 0)
            result = take_frames(limit, client);
    }
    return result < 0 ? result : fault_of(client, got);
}

static int
serve(struct limit *limit, struct client *client, uint32_t events)
{
    int result = 0;

    if (client->state == CLIENT_TLS) {
        result = SSL_do_handshake(client->ssl);
        if (result != 1)
            return fault_of(client, result);
        client->state = CLIENT_UPGRADE;
        result = 0;
    }
    if (events & EPOLLOUT)
        result = deliver(limit, client);
    return result < 0 ? result : receive(limit, client);
}

static int
listen_somewhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 4096) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        return -errno;
    printf("limit: listening on https://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* The signals come while it waits, and only then. */
static void
run(struct limit *limit)
{
    struct epoll_event events[EVENTS_MAX];
    sigset_t blocked, before;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    while (!stop_wanted) {
        int count = epoll_pwait(limit->epoll_fd, events, EVENTS_MAX, -1, &before);

        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;

            if (client == NULL)
                accept_clients(limit);
            else if (serve(limit, client, events[i].events) < 0)
                client_destroy(client);
        }
    }
}

static void
report(const struct limit *limit)
{
    int64_t spent_us = cpu_us() - limit->cpu_before_us;

    printf("{\"messages\":%" PRIu64 ",\"deliveries\":%" PRIu64 ",\"cpu_us\":%" PRId64
           ",\"cpu_us_per_delivery\":%.2f}\n",
           limit->head, limit->deliveries, spent_us,
           limit->deliveries == 0 ? 0.0 : (double)spent_us / (double)limit->deliveries);
}

int
main(void)
{
    static struct limit limit;
    struct sigaction action = {.sa_handler = on_signal};
    struct epoll_event event = {.events = EPOLLIN};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    open_files_raise();
    limit.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    limit.context = certificate_context();
    limit.listen_fd = listen_somewhere();
    if (limit.epoll_fd < 0 || limit.context == NULL || limit.listen_fd < 0 ||
        epoll_ctl(limit.epoll_fd, EPOLL_CTL_ADD, limit.listen_fd, &event) < 0) {
        fprintf(stderr, "limit: cannot listen on 127.0.0.1: %s\n", strerror(errno));
        return 1;
    }

    run(&limit);
    report(&limit);
    while (!LIST_EMPTY(&limit.clients))
        client_destroy(LIST_FIRST(&limit.clients));
    for (size_t i = 0; i < MESSAGES_KEPT; i++)
        buf_fini(&limit.messages[i]);
    close(limit.listen_fd);
    close(limit.epoll_fd);
    SSL_CTX_free(limit.context);
    return 0;
}
