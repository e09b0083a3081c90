#include "server/chat/rooms_journal.h"

#include "common/util.h"
#include "server/chat/room_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum change {
    CHANGE_MADE_ROOM,
    CHANGE_SEQS,
    CHANGE_TOPIC,
    CHANGE_MADE_MEMBER,
    CHANGE_MEMBER,
};

/* What was there before one change. */
struct note {
    enum change change;
    struct room *room;
    struct member *member;
    uint64_t last_seq, last_rseq;
    char *topic; /* owned */
    enum role role;
    struct span *spans; /* owned */
    size_t span_count;
};

struct rooms_journal {
    bool open;
    struct note *notes;
    size_t count, size;
};

struct rooms_journal *
rooms_journal_create(void)
{
    return xcalloc(1, sizeof(struct rooms_journal));
}

void
rooms_journal_destroy(struct rooms_journal *journal)
{
    if (journal == NULL)
        return;

    rooms_journal_commit(journal);
    free(journal->notes);
    free(journal);
}

void
rooms_journal_begin(struct rooms_journal *journal)
{
    assert(!journal->open);

    journal->open = true;
}

void
rooms_journal_commit(struct rooms_journal *journal)
{
    for (size_t i = 0; i < journal->count; i++) {
        free(journal->notes[i].topic);
        free(journal->notes[i].spans);
    }

    journal->count = 0;
    journal->open = false;
}

static void
take_back(struct note *note, struct room_table *table)
{
    switch (note->change) {
    case CHANGE_MADE_ROOM: room_table_remove(table, note->room); break;
    case CHANGE_SEQS:
        note->room->last_seq = note->last_seq;
        note->room->last_rseq = note->last_rseq;
        break;
    case CHANGE_TOPIC:
        free(note->room->topic);
        note->room->topic = note->topic;
        note->topic = NULL;
        break;
    case CHANGE_MADE_MEMBER: room_table_remove_member(table, note->member); break;
    case CHANGE_MEMBER:
        note->member->role = note->role;
        member_set_spans(note->member, note->spans, note->span_count);
        note->spans = NULL;
        break;
    }
}

/* The newest first: a room that was made is removed after everything that was done in it. */
void
rooms_journal_roll_back(struct rooms_journal *journal, struct room_table *table)
{
    for (size_t i = journal->count; i-- > 0;)
        take_back(&journal->notes[i], table);

    rooms_journal_commit(journal);
}

static void
add_note(struct rooms_journal *journal, const struct note *note)
{
    if (journal->count == journal->size) {
        journal->size = MAX(64, journal->size * 2);
        journal->notes = xrealloc(journal->notes, journal->size * sizeof(struct note));
    }

    journal->notes[journal->count++] = *note;
}

void
rooms_journal_note_made_room(struct rooms_journal *journal, struct room *room)
{
    if (journal->open)
        add_note(journal, &(struct note){.change = CHANGE_MADE_ROOM, .room = room});
}

void
rooms_journal_note_seqs(struct rooms_journal *journal, struct room *room)
{
    if (journal->open)
        add_note(journal, &(struct note){
                              .change = CHANGE_SEQS,
                              .room = room,
                              .last_seq = room->last_seq,
                              .last_rseq = room->last_rseq,
                          });
}

void
rooms_journal_note_topic(struct rooms_journal *journal, struct room *room)
{
    if (journal->open)
        add_note(journal, &(struct note){
                              .change = CHANGE_TOPIC,
                              .room = room,
                              .topic = xstrdup(room->topic),
                          });
}

void
rooms_journal_note_made_member(struct rooms_journal *journal, struct member *member)
{
    if (journal->open)
        add_note(journal, &(struct note){.change = CHANGE_MADE_MEMBER, .member = member});
}

void
rooms_journal_note_member(struct rooms_journal *journal, struct member *member)
{
    if (!journal->open)
        return;

    struct note note = {
        .change = CHANGE_MEMBER,
        .member = member,
        .role = member->role,
        .span_count = member->span_count,
        .spans = xmalloc(member->span_count * sizeof(struct span)),
    };
    if (note.span_count > 0)
        memcpy(note.spans, member->spans, note.span_count * sizeof(struct span));
    add_note(journal, &note);
}
