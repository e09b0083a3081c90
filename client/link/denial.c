#include "client/link/denial.h"

#include "common/json.h"

#include <stdio.h>

/* The contract's {"error":{"code":…,"message":…}}, as a new reference; else NULL. */
static json_t *
read_error(const char *body, size_t len)
{
    char ignored[100];
    json_t *whole = json_parse(body, len, ignored, sizeof(ignored));
    json_t *error = json_incref(json_object_get(whole, "error"));
    bool is_one =
        json_member_string(error, "code") != NULL && json_member_string(error, "message") != NULL;

    json_decref(whole);
    if (is_one)
        return error;

    json_decref(error);
    return NULL;
}

bool
denial_is_foreign(int status, const char *body, size_t len)
{
    if (status != 401 && status != 403)
        return false;

    json_t *error = read_error(body, len);
    json_decref(error);
    return error == NULL;
}

enum way_end
denial_end(int status, const char *body, size_t len)
{
    return denial_is_foreign(status, body, len) ? WAY_FOREIGN : WAY_REFUSED;
}

void
denial_say_foreign(int status, char *why, size_t why_size)
{
    snprintf(why, why_size, "%d by something in between", status);
}

void
denial_say(int status, const char *body, size_t len, const char *what, char *why, size_t why_size)
{
    json_t *error = read_error(body, len);
    const char *message = json_member_string(error, "message");

    if (denial_is_foreign(status, body, len))
        denial_say_foreign(status, why, why_size);
    else
        snprintf(why, why_size, "the server answered %d to %s%s%.200s", status, what,
                 message == NULL ? "" : ": ", message == NULL ? "" : message);
    json_decref(error);
}
