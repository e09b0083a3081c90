/* One link of a rally: whose it is, and what it hears. */
#include "client/link/outbox.h"
#include "client/measure/rally_parts.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned
number_of(const struct player *player)
{
    return (unsigned)(player - player->rally->players);
}

static void
on_status(void *context, const struct link_status *status)
{
    struct player *player = context;

    player->rally->has_news = true;
    if (status->state == LINK_ENDED)
        player->is_ended = true;
    if (status->state == LINK_FAILED)
        rally_break(player->rally, "%s: %s", link_user(player->link), status->why);
}

static void
take_recovery(struct player *player, unsigned number)
{
    struct rally *rally = player->rally;

    if (!player->is_marked || rally_due_us(rally, number) < rally->mark_us)
        return;

    player->is_marked = false;
    histogram_add(&rally->result.recovery, rally->came_us - rally->mark_us);
}

static void
take_line(struct player *player, unsigned number)
{
    struct rally *rally = player->rally;

    rally->came_us = clock_mono_us();
    tally_add(&player->tally, number);
    if (number_of(player) == 0)
        return;

    histogram_add(&rally->result.delivery, rally->came_us - rally_due_us(rally, number));
    take_recovery(player, number);
}

static void
on_event(void *context, const struct event *event, const char *json, size_t len)
{
    struct player *player = context;
    struct rally *rally = player->rally;

    if (event->type != EVENT_MESSAGE || event->text == NULL || !str_equal(event->room, rally->room))
        return;

    int64_t number = tally_number(event->text, rally->tag, rally->messages);
    if (number < 0)
        return;

    take_line(player, (unsigned)number);
    rally->has_news = true;
}

static void
on_receipt(void *context, const struct outbox_item *item, uint64_t seq, const char *json,
           size_t len)
{
    struct player *player = context;
    struct rally *rally = player->rally;

    rally->has_news = true;
    if (item->command.type == COMMAND_JOIN) {
        player->is_ready = true;
        return;
    }

    int64_t number = tally_number(item->command.text, rally->tag, rally->messages);
    if (number < 0)
        return;

    rally->receipts++;
    rally->came_us = clock_mono_us();
    histogram_add(&rally->result.receipt, rally->came_us - rally_due_us(rally, (unsigned)number));
}

static void
on_outbox(void *context, const struct outbox_item *item)
{
    struct player *player = context;

    if (item->state != OUTBOX_REFUSED)
        return;

    player->rally->has_news = true;
    if (item->command.type == COMMAND_SAY)
        player->rally->result.refused++;
    else
        rally_break(player->rally, "%s: %s", item->command.room, item->refusal.message);
}

static void
on_note(void *context, const char *text)
{
}

int
player_start(struct player *player, const struct rally_plan *plan, char *why, size_t why_size)
{
    const struct link_listener listener = {
        .context = player,
        .status = on_status,
        .event = on_event,
        .outbox = on_outbox,
        .receipt = on_receipt,
        .note = on_note,
    };
    struct link_config config = plan->link;
    unsigned number = number_of(player);
    char *user = number == 0 || plan->has_account
                     ? xstrdup(plan->link.user)
                     : xasprintf("%.*s-%u", USER_MAX - 5, plan->link.user, number);
    char *state_dir = xasprintf("%s/%u", plan->link.state_dir, number);

    if (number > 0 && plan->reader_url != NULL)
        config.url = plan->reader_url;
    config.user = user;
    config.state_dir = state_dir;
    player->link = link_create(player->rally->loop, &config, &listener, why, why_size);
    free(user);
    free(state_dir);
    return player->link == NULL ? -1 : 0;
}

void
player_join(struct player *player)
{
    struct command command;
    char why[200];

    if (player->is_asked || link_status(player->link)->state != LINK_LIVE)
        return;

    player->is_asked = true;
    command_init(&command);
    command.type = COMMAND_JOIN;
    str_copy(command.room, sizeof(command.room), player->rally->room);
    if (link_say(player->link, &command, why, sizeof(why)) == NULL)
        rally_break(player->rally, "%s", why);
}

bool
player_say(struct player *player, unsigned number)
{
    struct rally *rally = player->rally;
    struct command command;
    char text[TEXT_MAX + 1], why[200];

    tally_text(text, rally->text_len, rally->tag, number);
    command_init(&command);
    command.type = COMMAND_SAY;
    command.text = xstrdup(text);
    str_copy(command.room, sizeof(command.room), rally->room);
    if (link_say(player->link, &command, why, sizeof(why)) != NULL)
        return true;

    rally_break(rally, "%s", why);
    return false;
}

void
player_close(struct player *player)
{
    if (player->link != NULL)
        link_close(player->link, player->rally->logs_out);
}

void
player_destroy(struct player *player)
{
    link_destroy(player->link);
    player->link = NULL;
    tally_fini(&player->tally);
}
