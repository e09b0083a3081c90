/* The asking end: an order goes to the server that serves on a data directory or, where there is
 * none, is carried out on the log that is opened for it. */
#pragma once

#include <stddef.h>

struct buf;
struct order;
struct server_config;

/* Takes the order. 0 with what there is to say added to ret_said; or -errno with why filled. */
int admin_call(const struct server_config *config, struct order *order, struct buf *ret_said,
               char *why, size_t why_size);

/* A descriptor that is connected to the socket at path, or -errno: -ENOENT or -ECONNREFUSED where
 * nobody listens, -ENAMETOOLONG where no socket can be. */
int admin_call_connect(const char *path);
