#include "server/chat/identity.h"

#include "common/util.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

void
identity_make(struct identity *ret_identity, const char *name, bool guest, uint64_t since)
{
    *ret_identity = (struct identity){.guest = guest, .since = since};

    int error = str_copy(ret_identity->name, sizeof(ret_identity->name), name);
    assert(error == 0);
    (void)error;

    /* "~" is in no name, so a guest's ids never meet an account's. */
    if (guest)
        snprintf(ret_identity->owner, sizeof(ret_identity->owner), "%s~%" PRIu64,
                 ret_identity->name, since);
    else
        snprintf(ret_identity->owner, sizeof(ret_identity->owner), "%s", ret_identity->name);
}
