/* The session's token of an account on this machine, kept so that a restart goes on with the
 * session: a guest gets its name back, a registered user is not asked for the password again. */
#pragma once

#include <stdbool.h>

#define TOKEN_SIZE 513

struct token {
    char text[TOKEN_SIZE]; /* 1-512 printable ASCII bytes without a blank; "": none */
    bool is_guest;
};

/* Whether text may stand in an Authorization header as a token. */
bool token_is_valid(const char *text);

/* account: "user@host:port". 0 with ret_token filled; -ENOENT: none is kept; -EINVAL: what is kept
 * is no token; or another -errno. */
int token_load(const char *state_dir, const char *account, struct token *ret_token);
/* On disk (0600) when it returns. 0 or -errno. */
int token_save(const char *state_dir, const char *account, const struct token *token);
void token_forget(const char *state_dir, const char *account);
