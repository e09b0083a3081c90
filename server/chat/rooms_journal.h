/* Inside the rooms module: how to take back what was applied since begin. Each note is made before
 * its change (of a thing that was made: after); outside of begin and commit notes are passed over.
 */
#pragma once

#include <stdbool.h>

struct member;
struct room;
struct room_table;

struct rooms_journal;
struct rooms_journal *rooms_journal_create(void);
void rooms_journal_destroy(struct rooms_journal *journal);

void rooms_journal_begin(struct rooms_journal *journal);
void rooms_journal_commit(struct rooms_journal *journal);
void rooms_journal_roll_back(struct rooms_journal *journal, struct room_table *table);

void rooms_journal_note_made_room(struct rooms_journal *journal, struct room *room);
void rooms_journal_note_seqs(struct rooms_journal *journal, struct room *room);
void rooms_journal_note_topic(struct rooms_journal *journal, struct room *room);
void rooms_journal_note_made_member(struct rooms_journal *journal, struct member *member);
void rooms_journal_note_member(struct rooms_journal *journal, struct member *member);
