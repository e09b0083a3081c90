/* A chat over a fake link, with a face that keeps what it hears. */
#pragma once

#include "client/chat/chat.h"
#include "client/config.h"
#include "tests/support/fake_link.h"
#include "tests/support/temp_dir.h"

struct face_world {
    uv_loop_t loop;
    struct client_config config;
    char dir[TEMP_DIR_SIZE]; /* the state directory's parent */
    struct chat *chat;
    struct link *link;
    struct buf notes;   /* "home: text\n" a note, "!" in front of errors */
    struct buf overlay; /* the last: title, newline, text */
    struct buf alerts;  /* "#ops: text\n" */
    unsigned quit_count, refused_count;
};

/* User ann. plain: the face does not draw the model. */
void face_world_make(struct face_world *world, bool plain);
void face_world_end(struct face_world *world);
/* Connected; hello with these rooms (a JSON array). */
void face_world_greet(struct face_world *world, const char *rooms);
/* What was noted since the last call; lives until the next. */
const char *face_world_notes(struct face_world *world);
