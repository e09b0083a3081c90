/* Where a new password comes from. Never the command line, which others can see. */
#pragma once

#include "server/chat/accounts.h"

#include <stddef.h>

#define PASSWORD_GENERATED_SIZE 25 /* 24 characters of base 32, 120 bits, and their NUL */

/* Each fills dst with one that keeps password_fault's rule, or returns -errno with why filled. */

/* Twice, from the terminal of this process, without echo. */
int password_ask(const char *name, char dst[PASSWORD_MAX + 1], char *why, size_t why_size);
/* The first line of a file; "-" is standard input. */
int password_read(const char *path, char dst[PASSWORD_MAX + 1], char *why, size_t why_size);
void password_generate(char dst[PASSWORD_GENERATED_SIZE]);
