/* Who somebody is to the chat. A guest's name may be another person's tomorrow, so an identity is
 * more than its name. */
#pragma once

#include "common/names.h"
#include "server/log/append.h"

#include <stdbool.h>
#include <stdint.h>

struct identity {
    char name[USER_SIZE];
    bool guest;
    uint64_t since; /* sees no event up to this seq: whoever had the name then was somebody else.
                       The log's head when a guest came or an account was made */
    char owner[OWNER_SIZE]; /* whose command ids: the name, for a guest with its since ("ann~4120")
                             */
};

void identity_make(struct identity *ret_identity, const char *name, bool guest, uint64_t since);
