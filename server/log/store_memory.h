/* What the failing store borrows of the memory store. */
#pragma once

#include "server/log/batch.h"
#include "server/log/store.h"

/* How a store of the row store_memory appends, for one who puts another commit in its place. */
extern const struct batch_ops store_memory_batch;
