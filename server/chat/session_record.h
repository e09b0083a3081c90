/* A session as the log keeps it, the record "session/<key>"; its key is the SHA-256 of the token,
 * which is made here and stands nowhere but with its holder. */
#pragma once

#include "server/chat/sessions.h"

#define SESSION_PREFIX "session/"

struct session_facts {
    struct identity identity;
    int64_t made_ms, used_ms; /* on the wall clock */
};

/* The key of a token, whatever its length. */
void session_token_key(char dst[SESSION_KEY_SIZE], const char *token);

void session_record_make(const char *key, const struct session_facts *facts,
                         struct record *ret_record);
/* 0, or -EBADMSG. */
int session_record_parse(const char *value, struct session_facts *ret_facts);

/* A fresh token and the record that makes it a session. */
void session_make(const struct identity *identity, char ret_token[TOKEN_SIZE],
                  struct record *ret_record);
void session_record_gone(const struct session *session, struct record *ret_record);
