#include "client/link/token.h"

#include "client/link/small_file.h"
#include "common/buf.h"
#include "common/json.h"
#include "common/util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 4096

static char *
token_path(const char *state_dir, const char *account)
{
    return xasprintf("%s/tokens/%s", state_dir, account);
}

bool
token_is_valid(const char *text)
{
    size_t len = 0;

    for (; text[len] > ' ' && text[len] <= '~'; len++)
        ;

    return text[len] == '\0' && len > 0 && len < TOKEN_SIZE;
}

static int
take_token(const json_t *object, struct token *ret_token)
{
    const char *text = json_member_string(object, "token");

    if (text == NULL || !token_is_valid(text))
        return -EINVAL;

    str_copy(ret_token->text, sizeof(ret_token->text), text);
    ret_token->is_guest = json_member_bool(object, "guest", false);
    return 0;
}

int
token_load(const char *state_dir, const char *account, struct token *ret_token)
{
    struct buf text = BUF_INIT;
    char *path = token_path(state_dir, account);
    char why[100];

    int error = small_file_read(path, FILE_MAX, &text);
    if (error == 0) {
        json_t *object = json_parse(buf_text(&text), text.len, why, sizeof(why));
        error = take_token(object, ret_token);
        json_decref(object);
    }

    buf_fini(&text);
    free(path);
    return error;
}

int
token_save(const char *state_dir, const char *account, const struct token *token)
{
    struct buf text = BUF_INIT;
    char *path = token_path(state_dir, account);

    buf_add_str(&text, "{\"token\":");
    buf_add_json(&text, token->text);
    buf_addf(&text, ",\"guest\":%s}\n", token->is_guest ? "true" : "false");
    int error = small_file_write(path, text.data, text.len);

    buf_fini(&text);
    free(path);
    return error;
}

void
token_forget(const char *state_dir, const char *account)
{
    char *path = token_path(state_dir, account);

    unlink(path);
    free(path);
}
