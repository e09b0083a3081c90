/* The state that the log makes: rooms, topics, who is a member since when. Fed by events only, in
 * order; the judge has one and each worker a replica. Not thread-safe.
 *
 * A membership is a list of spans of seqs, so that "may this user see this event" has one answer
 * for live delivery and for replay. The join and the part that bound a span are within it. */
#pragma once

#include "common/event.h"
#include "server/chat/identity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct record;
struct store;

enum role { ROLE_MEMBER, ROLE_MODERATOR, ROLE_OWNER };
const char *role_name(enum role role);

struct rooms;
struct room;

struct rooms *rooms_create(void);
void rooms_destroy(struct rooms *rooms);
/* Reads the records "room/…" and "member/…" and each room's newest event. 0 or -errno. */
int rooms_load(struct rooms *rooms, struct store *store);

/* Takes one logged event in. seq and rseq are set; events of unknown rooms make the room (its
 * joiner owns it, a direct conversation has no owner). */
void rooms_apply(struct rooms *rooms, const struct event *event);

/* What was applied between begin and roll_back is taken back; commit forgets how. */
void rooms_begin(struct rooms *rooms);
void rooms_commit(struct rooms *rooms);
void rooms_roll_back(struct rooms *rooms);

struct room *rooms_find(const struct rooms *rooms, const char *key); /* NULL: none */
const char *room_key(const struct room *room);
const char *room_topic(const struct room *room); /* "" where none is set */
uint64_t room_last_rseq(const struct room *room);
uint64_t room_last_seq(const struct room *room);
size_t room_member_count(const struct room *room); /* who are members now */
bool room_has_member(const struct room *room, const char *user);
enum role room_role(const struct room *room, const char *user);

/* Calls each for every room that user is a member of now, or has a direct conversation in; then for
 * every member of a room. In no particular order; each must not change rooms. */
void rooms_each_of(const struct rooms *rooms, const struct identity *who,
                   void (*each)(void *context, const struct room *room), void *context);
void rooms_each(const struct rooms *rooms, void (*each)(void *context, const struct room *room),
                void *context); /* every room that is not a direct conversation */
void room_each_member(const struct room *room,
                      void (*each)(void *context, const char *user, enum role role), void *context);

/* May who see this event of the log: it was in the room at that seq, or it is one of the two. */
bool rooms_may_see(const struct rooms *rooms, const struct identity *who,
                   const struct event *event);

/* The records that hold a room ("room/#ops": topic) and a membership ("member/#ops/ann": role,
 * spans) as they are now, for the store. */
void rooms_record_room(const struct rooms *rooms, const char *key, struct record *ret_record);
void rooms_record_member(const struct rooms *rooms, const char *key, const char *user,
                         struct record *ret_record);
