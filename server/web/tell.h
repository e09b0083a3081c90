/* What readers are told of others that is not in the log: who is there, and who is typing. It goes
 * to the readers of those who share a room of at most TELL_MEMBERS_MAX members or a direct
 * conversation with him: in bigger rooms everybody's coming would be as many events as there are
 * pairs. What a reader cannot take at once is lost to it. Worker's thread only. */
#pragma once

#define TELL_MEMBERS_MAX 100

struct identity;
struct worker;

/* One round: what has changed since the last, to the readers of all workers. One worker calls it
 * every now and then. */
void tell_presence(struct worker *worker);

/* who types in the room of this key: to all others in it, on all workers. */
void tell_typing(struct worker *worker, const struct identity *who, const char *key);
