#include "server/web/http1.h"

#include "common/buf.h"
#include "common/util.h"
#include "server/web/carrier.h"

#include <inttypes.h>

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

/* What lets a page read the answer, and what an answer to its preflight lets it send (the Fetch
 * standard's CORS protocol). */
static void
add_origin(struct buf *out, const struct answer *answer)
{
    if (answer->origin == NULL)
        return;
    buf_addf(out, "Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n", answer->origin);
    if (answer->status == 204 && answer->allow != NULL)
        buf_addf(out,
                 "Access-Control-Allow-Methods: %s\r\n"
                 "Access-Control-Allow-Headers: Authorization, Content-Type, Last-Event-ID\r\n"
                 "Access-Control-Max-Age: 7200\r\n",
                 answer->allow);
    else
        buf_add_str(out, "Access-Control-Expose-Headers: Retry-After\r\n");
}

static void
add_fields(struct buf *out, const struct answer *answer, bool ends_connection)
{
    buf_addf(out, "HTTP/1.1 %u %s\r\n", answer->status, phrase_of(answer->status));
    if (answer->content_type != NULL)
        buf_addf(out, "Content-Type: %s\r\n", answer->content_type);
    if (answer->allow != NULL)
        buf_addf(out, "Allow: %s\r\n", answer->allow);
    if (answer->status == 401)
        buf_add_str(out, "WWW-Authenticate: Bearer\r\n");
    if (answer->retry_after_s > 0)
        buf_addf(out, "Retry-After: %" PRId64 "\r\n", answer->retry_after_s);
    add_origin(out, answer);
    if (ends_connection)
        buf_add_str(out, "Connection: close\r\n");
    buf_add_str(out, answer->flows ? "Cache-Control: no-cache, no-transform\r\n"
                                     "X-Accel-Buffering: no\r\n"
                                   : "Cache-Control: no-store\r\n");
    buf_add_str(out, "X-Content-Type-Options: nosniff\r\n");
}

void
http1_add_answer(struct buf *out, const struct answer *answer, bool ends_connection)
{
    add_fields(out, answer, ends_connection);
    if (answer->status != 204)
        buf_addf(out, "Content-Length: %zu\r\n", answer->body_len);
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
