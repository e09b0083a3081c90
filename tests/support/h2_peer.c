#include "tests/support/h2_peer.h"

#include <check.h>
#include <ctype.h>
#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/util.h"

#define FIELDS_MAX 8

struct stream {
    char *method, *path;
    struct buf body;
    struct h2_answer answer;
    size_t given; /* of the answer's body */
    int32_t id;
    bool is_whole; /* and not looked at yet */
    struct stream *next;
};

struct speech {
    struct h2_peer *peer;
    SSL *ssl;
    nghttp2_session *session;
    struct stream *first, **end;
    bool is_over;
};

int
h2_peer_select(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
               unsigned in_len, void *context)
{
    unsigned char *chosen = NULL;

    if (nghttp2_select_next_protocol(&chosen, out_len, in, in_len) != 1)
        return SSL_TLSEXT_ERR_NOACK;

    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

int
h2_peer_is_on(SSL *ssl)
{
    const unsigned char *protocol = NULL;
    unsigned len = 0;

    SSL_get0_alpn_selected(ssl, &protocol, &len);
    return len == 2;
}

static ssize_t
send_bytes(nghttp2_session *session, const uint8_t *data, size_t len, int flags, void *user)
{
    struct speech *speech = user;

    return SSL_write(speech->ssl, data, (int)len) == (int)len ? (ssize_t)len
                                                              : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int
on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct speech *speech = user;
    struct stream *stream = xcalloc(1, sizeof(*stream));

    stream->id = frame->hd.stream_id;
    *speech->end = stream;
    speech->end = &stream->next;
    return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
}

static int
on_field(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
         const uint8_t *value, size_t value_len, uint8_t flags, void *user)
{
    struct stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);

    if (strcmp((const char *)name, ":method") == 0)
        stream->method = xstrdup((const char *)value);
    else if (strcmp((const char *)name, ":path") == 0)
        stream->path = xstrdup((const char *)value);
    return 0;
}

static int
on_chunk(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t len,
         void *user)
{
    struct stream *stream = nghttp2_session_get_stream_user_data(session, id);

    buf_add(&stream->body, data, len);
    return 0;
}

static ssize_t
read_body(nghttp2_session *session, int32_t id, uint8_t *dst, size_t size, uint32_t *flags,
          nghttp2_data_source *source, void *user)
{
    struct stream *stream = source->ptr;
    size_t left = strlen(stream->answer.body) - stream->given;
    size_t len = MIN(left, size);

    if (left == 0 && stream->answer.after != H2_ENDS)
        return NGHTTP2_ERR_DEFERRED;

    memcpy(dst, stream->answer.body + stream->given, len);
    stream->given += len;
    if (len == left && stream->answer.after == H2_ENDS)
        *flags = NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)len;
}

static size_t
add_field(nghttp2_nv *fields, size_t count, const char *name, char *value)
{
    ck_assert_uint_lt(count, FIELDS_MAX);
    fields[count] = (nghttp2_nv){(uint8_t *)xstrdup(name), (uint8_t *)value, strlen(name),
                                 strlen(value), NGHTTP2_NV_FLAG_NONE};
    for (size_t i = 0; i < strlen(name); i++)
        fields[count].name[i] = (uint8_t)tolower(fields[count].name[i]);
    return count + 1;
}

static size_t
fill_fields(nghttp2_nv *fields, const struct h2_answer *answer)
{
    size_t count = add_field(fields, 0, ":status", xasprintf("%.3s", answer->status));
    size_t len = strlen(answer->body) + (answer->after == H2_RESETS ? 1 : 0);

    if (answer->after == H2_ENDS || answer->after == H2_RESETS)
        count = add_field(fields, count, "content-length", xasprintf("%zu", len));
    for (const char *at = answer->extra; *at != '\0'; at = strchr(at, '\n') + 1) {
        const char *colon = strchr(at, ':');
        char *name = xasprintf("%.*s", (int)(colon - at), at);
        count = add_field(fields, count, name,
                          xasprintf("%.*s", (int)strcspn(colon + 2, "\r"), colon + 2));
        free(name);
    }
    return count;
}

static void
submit(struct speech *speech, struct stream *stream)
{
    nghttp2_nv fields[FIELDS_MAX];
    nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = read_body};
    size_t count = fill_fields(fields, &stream->answer);

    nghttp2_submit_response(speech->session, stream->id, fields, count, &provider);
    for (size_t i = 0; i < count; i++) {
        free(fields[i].name);
        free(fields[i].value);
    }
}

/* What follows the answer, when that has left. */
static void
follow(struct speech *speech, int32_t id, enum h2_after after)
{
    nghttp2_session *session = speech->session;

    nghttp2_session_send(session);
    if (after == H2_RESETS)
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_INTERNAL_ERROR);
    else if (after == H2_GOES)
        nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR, NULL, 0);
    else if (after == H2_CUTS)
        speech->is_over = true;
}

static void
take_request(struct speech *speech, struct stream *stream)
{
    struct h2_peer *peer = speech->peer;
    char *text = xasprintf("%s %s HTTP/1.1\r\n\r\n%s", stream->method, stream->path,
                           buf_text(&stream->body));

    stream->answer = peer->answer(peer->context, text);
    free(text);
    if (stream->answer.after == H2_REFUSES)
        nghttp2_submit_rst_stream(speech->session, NGHTTP2_FLAG_NONE, stream->id,
                                  NGHTTP2_REFUSED_STREAM);
    else if (stream->answer.after != H2_HANGS)
        submit(speech, stream);
    follow(speech, stream->id, stream->answer.after);
}

static void
take_requests(struct speech *speech)
{
    for (struct stream *stream = speech->first; stream != NULL; stream = stream->next)
        if (stream->is_whole) {
            stream->is_whole = false;
            take_request(speech, stream);
        }
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct speech *speech = user;
    struct stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    bool is_request = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;

    if (frame->hd.type == NGHTTP2_RST_STREAM)
        atomic_fetch_add(&speech->peer->resets, 1);
    else if (is_request && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
        stream->is_whole = true;
    return 0;
}

static nghttp2_session *
new_session(struct speech *speech)
{
    nghttp2_session *session;
    nghttp2_session_callbacks *callbacks;

    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_send_callback(callbacks, send_bytes);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_field);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_server_new(&session, callbacks, speech);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, NULL, 0);
    return session;
}

static void
free_streams(struct speech *speech)
{
    while (speech->first != NULL) {
        struct stream *stream = speech->first;
        speech->first = stream->next;
        free(stream->method);
        free(stream->path);
        free(stream->answer.body);
        buf_fini(&stream->body);
        free(stream);
    }
}

void
h2_peer_serve(struct h2_peer *peer, SSL *ssl)
{
    struct speech speech = {.peer = peer, .ssl = ssl, .end = &speech.first};
    uint8_t data[16384];
    int len;

    speech.session = new_session(&speech);
    nghttp2_session_send(speech.session);
    while (!speech.is_over && (len = SSL_read(ssl, data, sizeof(data))) > 0) {
        if (nghttp2_session_mem_recv(speech.session, data, (size_t)len) < 0)
            break;
        take_requests(&speech);
        if (nghttp2_session_send(speech.session) != 0)
            break;
    }
    nghttp2_session_del(speech.session);
    free_streams(&speech);
}
