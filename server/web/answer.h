/* The fields of an answer's head, the same over every version of HTTP. */
#pragma once

struct answer;

#define ANSWER_FIELDS_MAX  16
#define ANSWER_NUMBER_SIZE 24

struct answer_field {
    const char *name; /* as HTTP/1.1 writes it */
    const char *value;
};

/* The values are alive as long as the answer and this. */
struct answer_head {
    struct answer_field fields[ANSWER_FIELDS_MAX];
    unsigned count;
    char retry_after[ANSWER_NUMBER_SIZE], content_length[ANSWER_NUMBER_SIZE];
};

void answer_make_head(struct answer_head *head, const struct answer *answer);
