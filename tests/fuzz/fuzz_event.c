/* libFuzzer target: an event from outside is refused with a sentence, or its members keep their
 * rules and it is the same event when it is written and read again. */
#include "common/event.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/util.h"
#include "tests/fuzz/must.h"

static void
look_at_logged(const struct event *event)
{
    MUST(event->seq > 0 && event->rseq > 0);
    MUST(event->room[0] == '#' || event->room[0] == '@');
    MUST(user_name_fault(event->from) == NULL);
    MUST(id_is_valid(event->id));
    MUST(event->text != NULL || event->type == EVENT_JOIN || event->type == EVENT_PART);
}

static void
look_at(const struct event *event)
{
    MUST(event->type < EVENT_TYPE_COUNT);
    MUST(json_is_object(event->json));
    MUST(!event->guest);
    MUST(event->text == NULL || text_is_utf8(event->text, strlen(event->text)));
    if (event->type != EVENT_UNKNOWN) {
        MUST(strcmp(json_member_string(event->json, "type"), event_type_name(event->type)) == 0);
        if (event_type_is_logged(event->type))
            look_at_logged(event);
    }
    if (event->type == EVENT_HELLO || event->type == EVENT_PONG)
        MUST(event->head.epoch[0] == '\0' || epoch_is_valid(event->head.epoch));
    if (event->type == EVENT_ERROR)
        MUST(text_is_utf8(event->refusal.message, strlen(event->refusal.message)));
}

static bool
is_same_cursor(const struct cursor *a, const struct cursor *b)
{
    return strcmp(a->epoch, b->epoch) == 0 && a->seq == b->seq;
}

static void
must_be_same(const struct event *a, const struct event *b)
{
    MUST(a->type == b->type && a->seq == b->seq && a->rseq == b->rseq && a->at_ms == b->at_ms);
    MUST(strcmp(a->room, b->room) == 0 && strcmp(a->from, b->from) == 0);
    MUST(strcmp(a->user, b->user) == 0 && a->presence == b->presence);
    MUST(strcmp(a->id, b->id) == 0 && strcmp(a->nonce, b->nonce) == 0);
    MUST(str_equal(a->text, b->text) && a->action == b->action);
    MUST(is_same_cursor(&a->cursor, &b->cursor) && is_same_cursor(&a->head, &b->head));
    MUST(a->gap_from == b->gap_from && a->gap_to == b->gap_to && a->gap_reason == b->gap_reason);
    MUST(a->result == b->result && a->delay_ms == b->delay_ms);
    MUST(a->refusal.code == b->refusal.code);
    MUST(a->refusal.retry_after_ms == b->refusal.retry_after_ms);
    MUST(strcmp(a->refusal.message, b->refusal.message) == 0);
}

static void
write_and_read_again(const struct event *event)
{
    struct event again;
    struct buf line = BUF_INIT;
    char why[100] = "";

    event_encode(&line, event);
    MUST(memchr(line.data, '\n', line.len) == NULL);
    MUST(event_decode(line.data, line.len, &again, why, sizeof(why)) == 0);
    must_be_same(event, &again);

    event_fini(&again);
    buf_fini(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event event = {.seq = 77};
    char why[100] = "";

    if (event_decode((const char *)data, size, &event, why, sizeof(why)) < 0) {
        MUST(event.seq == 77 && event.json == NULL);
        MUST(is_sentence(why));
        return 0;
    }

    look_at(&event);
    if (event.type != EVENT_HELLO && event.type != EVENT_UNKNOWN)
        write_and_read_again(&event);
    event_fini(&event);
    return 0;
}
