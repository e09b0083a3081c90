/* How near two words are to each other, for "did you mean". */
#pragma once

#define NEAR_MAX 63 /* bytes of a word that are compared; ours are far shorter */

/* How many letters must be put in, left out, changed or swapped with their neighbour to make b of
 * a. Upper and lower case are the same. */
int near_distance(const char *a, const char *b);
