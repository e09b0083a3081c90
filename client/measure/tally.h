/* What one reader has of the lines of a rally: each carries its number in its text, so that what is
 * lost, came twice or out of order is seen by looking. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TALLY_TAG_SIZE 17
#define TALLY_TEXT_MIN 40 /* the tag, the number and what stands around them */

struct tally {
    unsigned char *seen; /* by number: how often, 255 at most */
    unsigned count;      /* of the lines that there are */
    unsigned came;       /* different ones */
    unsigned repeated;   /* times that one came again */
    unsigned disordered; /* times that one came after a later one */
    unsigned next;       /* one more than the highest that came */
};

void tally_init(struct tally *tally, unsigned count);
void tally_fini(struct tally *tally);
void tally_add(struct tally *tally, unsigned number);

/* The text of a line: len bytes, at least TALLY_TEXT_MIN, for dst of more than that. tag tells
 * one rally from another in the same room. */
void tally_text(char *dst, size_t len, const char *tag, unsigned number);
/* Its number, which is below count; -1: it is none of this rally's. */
int64_t tally_number(const char *text, const char *tag, unsigned count);
