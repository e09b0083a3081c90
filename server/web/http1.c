#include "server/web/http1.h"

#include "common/buf.h"
#include "common/util.h"
#include "server/web/answer.h"
#include "server/web/carrier.h"

static const char *
phrase_of(unsigned status)
{
    static const struct {
        unsigned status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {204, "No Content"},
        {207, "Multi-Status"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {503, "Service Unavailable"},
    };

    for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Other";
}

static void
add_fields(struct buf *out, const struct answer *answer, bool ends_connection)
{
    struct answer_head head;

    answer_make_head(&head, answer);
    buf_addf(out, "HTTP/1.1 %u %s\r\n", answer->status, phrase_of(answer->status));
    for (unsigned i = 0; i < head.count; i++)
        buf_addf(out, "%s: %s\r\n", head.fields[i].name, head.fields[i].value);
    if (ends_connection)
        buf_add_str(out, "Connection: close\r\n");
}

void
http1_add_answer(struct buf *out, const struct answer *answer, bool ends_connection)
{
    add_fields(out, answer, ends_connection);
    buf_add_str(out, "\r\n");
    if (!answer->without_body && answer->body_len > 0)
        buf_add(out, answer->body, answer->body_len);
}

void
http1_add_head(struct buf *out, const struct answer *answer, bool chunked, bool ends_connection)
{
    add_fields(out, answer, ends_connection);
    buf_add_str(out, chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
}

void
http1_add_chunk(struct buf *out, const void *bytes, size_t len)
{
    buf_addf(out, "%zx\r\n", len);
    buf_add(out, bytes, len);
    buf_add_str(out, "\r\n");
}

void
http1_add_last_chunk(struct buf *out)
{
    buf_add_str(out, "0\r\n\r\n");
}
