/* A network that loses packets: a network namespace of this process's own, whose loopback the
 * kernel's netem makes so, by tc(8). All that is started after lives in it too. It is gone with the
 * last of them. */
#pragma once

#include <stddef.h>

/* Moves the process there; before it has threads, as root or where users may have namespaces. 0;
 * -1 with why filled: what failed, and what is wanted. */
int lossy_enter(char *why, size_t why_size);

/* From now on so many packets of a hundred are lost, each way. 0; -1 with why filled. */
int lossy_set(double percent, char *why, size_t why_size);
