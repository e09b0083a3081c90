/* The list of ways to a server. */
#include "client/link/link_ops.h"

#define ROW(NAME) &link_##NAME,

const struct link_ops *const link_rows[] = {LINK_ROWS(ROW) NULL};
