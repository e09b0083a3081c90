#include "tests/support/face_world.h"

#include "client/chat/model.h"
#include "common/util.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
heard_note(void *context, const struct window *window, const struct line *line)
{
    struct face_world *world = context;

    buf_addf(&world->notes, "%s%s: %s\n", line->error ? "!" : "", window->name, line->text);
}

static void
heard_overlay(void *context, const char *title, const char *text)
{
    struct face_world *world = context;

    buf_clear(&world->overlay);
    buf_addf(&world->overlay, "%s\n%s", title, text);
}

static void
heard_alert(void *context, const struct window *window, const struct line *line)
{
    struct face_world *world = context;

    buf_addf(&world->alerts, "%s: %s\n", window->name, line->text);
}

static void
heard_refused(void *context, const struct outbox_item *item)
{
    ((struct face_world *)context)->refused_count++;
}

static void
heard_quit(void *context)
{
    ((struct face_world *)context)->quit_count++;
}

void
face_world_make(struct face_world *world, bool plain)
{
    char why[300];
    const struct chat_face face = {
        .context = world,
        .note = heard_note,
        .overlay = heard_overlay,
        .alert = heard_alert,
        .refused = heard_refused,
        .quit = heard_quit,
    };

    *world = (struct face_world){.config = {.plain = plain}};
    world->config.user = xstrdup("ann");
    temp_dir_make(world->dir);
    setenv("XDG_STATE_HOME", world->dir, 1);
    uv_loop_init(&world->loop);
    world->chat = chat_create(&world->loop, &world->config, NULL, &face, why, sizeof(why));
    ck_assert_msg(world->chat != NULL, "%s", why);
    world->link = chat_link(world->chat);
}

void
face_world_end(struct face_world *world)
{
    chat_destroy(world->chat);
    uv_loop_close(&world->loop);
    free(world->config.user);
    buf_fini(&world->notes);
    buf_fini(&world->overlay);
    buf_fini(&world->alerts);
    temp_dir_remove(world->dir);
}

void
face_world_greet(struct face_world *world, const char *rooms)
{
    char *hello = xasprintf("{\"type\":\"hello\",\"epoch\":\"a\",\"cursor\":\"a-10\","
                            "\"head\":\"a-10\",\"result\":\"new\",\"guest\":true,\"rooms\":%s}",
                            rooms);

    chat_start(world->chat);
    fake_live(world->link);
    fake_event(world->link, hello);
    free(hello);
}

const char *
face_world_notes(struct face_world *world)
{
    static char text[4096];

    snprintf(text, sizeof(text), "%s", buf_text(&world->notes));
    buf_clear(&world->notes);
    return text;
}
