/* What a script asks the person at the terminal, where there is one: a password, and whether a
 * certificate is to be believed. */
#pragma once

#include <stdbool.h>

struct chat;

struct script_person {
    unsigned asked_count; /* passwords */
};

/* The link has failed. true: it was helped and goes on; false: nobody can help, and why has been
 * said on standard error. */
bool script_person_helps(struct script_person *person, struct chat *chat);
