/* libFuzzer target: a command from outside is refused as the contract says, or it keeps every rule
 * and is the same command when it is written and read again. */
#include "common/command.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/util.h"
#include "tests/fuzz/must.h"

/* Nothing of a refused command is to be used but its id. */
static void
look_at_refused(const json_t *object, const struct command *command, const struct refusal *refusal)
{
    const char *id = json_member_string(object, "id");
    bool has_id = id != NULL && id_is_valid(id);

    MUST(refusal->code == REFUSAL_BAD_REQUEST || refusal->code == REFUSAL_UNKNOWN_COMMAND ||
         refusal->code == REFUSAL_INVALID);
    MUST((refusal->code == REFUSAL_BAD_REQUEST) == !json_is_object(object));
    MUST(refusal->message[0] != '\0');
    MUST(text_is_utf8(refusal->message, strlen(refusal->message)));
    MUST(strcmp(command->id, has_id ? id : "") == 0);
    MUST(command->room[0] == '\0' && command->text == NULL && command->nonce[0] == '\0');
}

static void
look_at_text(const char *text, size_t max)
{
    struct buf normal = BUF_INIT;

    MUST(text_normalise(&normal, text, strlen(text), max) == NULL);
    MUST(strcmp(buf_text(&normal), text) == 0);
    buf_fini(&normal);
}

static void
look_at(const struct command *command)
{
    switch (command->type) {
    case COMMAND_SAY:
        MUST(target_name_fault(command->room) == NULL);
        look_at_text(command->text, TEXT_MAX);
        break;
    case COMMAND_TOPIC:
        MUST(command->text != NULL);
        if (command->text[0] != '\0')
            look_at_text(command->text, TOPIC_MAX);
        MUST(room_name_fault(command->room) == NULL);
        break;
    case COMMAND_JOIN:
    case COMMAND_PART: MUST(room_name_fault(command->room) == NULL && command->text == NULL); break;
    case COMMAND_PING: MUST(id_is_valid(command->nonce) && command->room[0] == '\0'); return;
    case COMMAND_AWAY:
        MUST(command->room[0] == '\0');
        if (command->text != NULL && command->text[0] != '\0')
            look_at_text(command->text, AWAY_MAX);
        return;
    case COMMAND_TYPING:
        MUST(target_name_fault(command->room) == NULL && command->text == NULL);
        return;
    case COMMAND_TYPE_COUNT: MUST(false);
    }
    MUST(id_is_valid(command->id));
    MUST(command->nonce[0] == '\0');
    MUST(command->type == COMMAND_SAY || !command->action);
}

static void
write_and_read_again(const struct command *command)
{
    struct command again;
    struct refusal refusal;
    struct buf line = BUF_INIT;
    char why[100];

    command_encode(&line, command);
    MUST(memchr(line.data, '\n', line.len) == NULL);
    json_t *object = json_parse(line.data, line.len, why, sizeof(why));
    MUST(object != NULL);
    MUST(command_decode(object, &again, &refusal) == 0);
    MUST(again.type == command->type && again.action == command->action);
    MUST(strcmp(again.id, command->id) == 0 && strcmp(again.room, command->room) == 0);
    MUST(str_equal(again.text, command->text) && strcmp(again.nonce, command->nonce) == 0);

    command_fini(&again);
    json_decref(object);
    buf_fini(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[100];
    json_t *object = json_parse((const char *)data, size, why, sizeof(why));
    struct command command;
    struct refusal refusal = {0};

    if (object == NULL)
        return 0;

    if (command_decode(object, &command, &refusal) < 0) {
        look_at_refused(object, &command, &refusal);
    } else {
        look_at(&command);
        write_and_read_again(&command);
    }
    command_fini(&command);
    json_decref(object);
    return 0;
}
