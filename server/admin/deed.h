/* What an administrator can have done to a chat: a table of deeds, each of which turns an order
 * into a job for the appender and then says what became of it. The same for a server that serves
 * and for a log that was opened for it alone. */
#pragma once

#include "common/buf.h"
#include "common/refusal.h"
#include "server/admin/order.h"

#include <stddef.h>

struct append_job;
struct deed;
struct server;
struct session;

struct deed_ops {
    const char *name;
    /* Checks the order. 0, with deed->job set where something is to be appended; or -1 with
     * deed->refusal. What it says is taken back if the job is refused. */
    int (*begin)(struct deed *deed);
    /* The job was accepted. On the appender's thread. NULL: there is nothing more to say. */
    void (*end)(struct deed *deed);
};

struct deed {
    const struct server *server;
    struct order order;
    void (*done)(struct deed *deed); /* said and refusal are as they will stay */
    void *owner;                     /* the caller's */

    struct refusal refusal; /* REFUSAL_NONE: it is done */
    struct buf said;        /* lines for the administrator; empty when it was refused */

    const struct deed_ops *ops;
    struct append_job *job;
    const struct session **sessions; /* that end with it; references */
    size_t session_count;
};

/* The deed takes the order. server is borrowed until done. */
void deed_init(struct deed *deed, const struct server *server, struct order *order);
void deed_fini(struct deed *deed);
/* done is set. It is called once: now, or on the appender's thread. */
void deed_start(struct deed *deed);

extern const struct deed_ops deed_user_add, deed_user_password, deed_user_list, deed_user_ban,
    deed_user_unban, deed_invite, deed_invite_list, deed_invite_revoke;
