#include "server/chat/session_record.h"

#include "common/clock.h"
#include "common/id.h"
#include "common/json.h"
#include "common/util.h"
#include "server/log/append.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define TOKEN_BYTES  32
#define DIGEST_BYTES 32

static void
make_token(char ret_token[TOKEN_SIZE])
{
    uint8_t bytes[TOKEN_BYTES];

    random_bytes(bytes, sizeof(bytes));
    hex_encode(ret_token, bytes, sizeof(bytes));
}

void
session_token_key(char dst[SESSION_KEY_SIZE], const char *token)
{
    uint8_t digest[DIGEST_BYTES] = {0};

    EVP_Digest(token, strlen(token), digest, NULL, EVP_sha256(), NULL);
    hex_encode(dst, digest, sizeof(digest));
}

void
session_record_make(const char *key, const struct session_facts *facts, struct record *ret_record)
{
    const struct identity *who = &facts->identity;

    snprintf(ret_record->key, sizeof(ret_record->key), SESSION_PREFIX "%s", key);
    ret_record->value = xasprintf("{\"user\":\"%s\",\"guest\":%s,\"since\":%" PRIu64
                                  ",\"made\":%" PRId64 ",\"used\":%" PRId64 "}",
                                  who->name, who->guest ? "true" : "false", who->since,
                                  facts->made_ms, facts->used_ms);
}

int
session_record_parse(const char *value, struct session_facts *ret_facts)
{
    uint64_t since, made_ms, used_ms;
    char why[200];

    json_t *object = json_parse(value, strlen(value), why, sizeof(why));
    const char *user = json_member_string(object, "user");
    bool is_whole =
        user != NULL && user_name_fault(user) == NULL && json_member_u64(object, "since", &since) &&
        json_member_u64(object, "made", &made_ms) && json_member_u64(object, "used", &used_ms);
    if (is_whole) {
        identity_make(&ret_facts->identity, user, json_member_bool(object, "guest", true), since);
        ret_facts->made_ms = (int64_t)made_ms;
        ret_facts->used_ms = (int64_t)used_ms;
    }
    json_decref(object);

    return is_whole ? 0 : -EBADMSG;
}

void
session_make(const struct identity *identity, char ret_token[TOKEN_SIZE], struct record *ret_record)
{
    int64_t now_ms = clock_wall_ms();
    struct session_facts facts = {.identity = *identity, .made_ms = now_ms, .used_ms = now_ms};
    char key[SESSION_KEY_SIZE];

    make_token(ret_token);
    session_token_key(key, ret_token);
    session_record_make(key, &facts, ret_record);
}

void
session_record_gone(const struct session *session, struct record *ret_record)
{
    snprintf(ret_record->key, sizeof(ret_record->key), SESSION_PREFIX "%s", session->key);
    ret_record->value = NULL;
}
