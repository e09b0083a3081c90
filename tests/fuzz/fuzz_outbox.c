/* libFuzzer target: the files of an outbox, whatever a crash or a hand left in them. Input is up to
 * four files of clients that are gone, a record separator (0x1e) between them. */
#include "client/link/outbox.h"

#include "common/buf.h"
#include "common/log.h"
#include "common/util.h"
#include "tests/fuzz/scratch.h"

#define ACCOUNT   "ann@localhost:8443"
#define FILES_MAX 4

static struct outbox *
open_it(void)
{
    char why[200] = "";
    struct outbox *outbox = outbox_open(scratch_path, ACCOUNT, why, sizeof(why));

    MUST(outbox != NULL);
    return outbox;
}

/* What is in it, as text, and what it says of itself holds. */
static void
describe(struct buf *out, const struct outbox *outbox)
{
    size_t counts[OUTBOX_REFUSED + 1] = {0};

    for (struct outbox_item *item = outbox_first(outbox); item != NULL; item = item->next) {
        counts[item->state]++;
        buf_addf(out, "%d %lld %d %s: ", (int)item->state, (long long)item->at_ms,
                 (int)item->refusal.code, item->refusal.message);
        command_encode(out, &item->command);
        buf_add_byte(out, '\n');
        MUST(outbox_find(outbox, item->command.id) != NULL);
    }
    for (int state = OUTBOX_QUEUED; state <= OUTBOX_REFUSED; state++)
        MUST(outbox_count(outbox, (enum outbox_state)state) == counts[state]);
    MUST(counts[OUTBOX_SENT] == 0);
    MUST(outbox_is_empty(outbox) == (counts[OUTBOX_QUEUED] == 0));
    buf_addf(out, "draft %s\n",
             outbox_draft(outbox, "#lobby") ? outbox_draft(outbox, "#lobby") : "-");
}

static void
must_still_be(const struct buf *wanted)
{
    struct outbox *outbox = open_it();
    struct buf now = BUF_INIT;

    MUST(outbox_damage(outbox) == NULL);
    describe(&now, outbox);
    MUST(strcmp(buf_text(wanted), buf_text(&now)) == 0);
    buf_fini(&now);
    outbox_close(outbox);
}

/* A line is added behind all that was there, and kept. */
static void
add_one(void)
{
    struct outbox *outbox = open_it();
    struct command command = {.type = COMMAND_SAY, .id = "fresh:1", .room = "#lobby"};
    struct buf text = BUF_INIT;
    char why[200];

    command.text = xstrdup("hi");
    struct outbox_item *item = outbox_add(outbox, &command, why, sizeof(why));
    MUST(item != NULL && item->next == NULL && command.text == NULL);
    outbox_sent(outbox, item);
    outbox_save_draft(outbox, "#lobby", "half a li");
    outbox_requeue_sent(outbox);
    describe(&text, outbox);
    outbox_close(outbox);

    must_still_be(&text);
    buf_fini(&text);
}

/* What was receipted is gone for good, what was refused stays refused. */
static void
empty_it(void)
{
    struct outbox *outbox = open_it();
    struct buf text = BUF_INIT;
    struct refusal refusal;
    size_t count = 0;

    refuse(&refusal, REFUSAL_NOT_MEMBER, "you are not a member");
    for (struct outbox_item *item = outbox_first(outbox), *next; item != NULL; item = next) {
        next = item->next;
        if (next == NULL)
            outbox_refuse(outbox, item, &refusal);
        else
            outbox_remove(outbox, item);
    }
    for (struct outbox_item *item = outbox_first(outbox); item != NULL; item = item->next)
        count++;
    MUST(count == 1 && outbox_is_empty(outbox));
    describe(&text, outbox);
    outbox_close(outbox);

    must_still_be(&text);
    buf_fini(&text);
}

static size_t
write_files(const char *data, size_t size)
{
    const char *end = data + size;
    size_t count = 0;
    char name[64];

    for (; data <= end && count < FILES_MAX; count++) {
        const char *mark = memchr(data, 0x1e, (size_t)(end - data));
        size_t len = (size_t)((mark != NULL ? mark : end) - data);
        snprintf(name, sizeof(name), ACCOUNT "~0000000000000000000000000%zu.jsonl", count);
        scratch_write(name, data, len);
        data += len + 1;
    }
    scratch_write(ACCOUNT "~00000000000000000000000009.jsonl.new", "{", 1);
    return count;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    scratch_make();
    log_open("/dev/null"); /* damage is logged, and most inputs are damaged */
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = BUF_INIT;

    scratch_clear();
    size_t file_count = write_files((const char *)data, size);
    struct outbox *outbox = open_it();
    size_t damaged_count = scratch_count(".damaged");
    MUST((outbox_damage(outbox) != NULL) == (damaged_count > 0));
    MUST(damaged_count <= file_count);
    MUST(scratch_count(".jsonl") == 1 && scratch_count(".new") == 0);
    describe(&text, outbox);
    outbox_close(outbox);

    must_still_be(&text);
    add_one();
    empty_it();
    buf_fini(&text);
    return 0;
}
