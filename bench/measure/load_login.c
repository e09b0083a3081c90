#include "bench/http.h"
#include "bench/measure/load_parts.h"
#include "common/json.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

size_t
load_user_of(const struct load *load, size_t number)
{
    return number % load->plan.users;
}

void
load_room_name(const struct load *load, size_t number, char *dst, size_t size)
{
    if (load->plan.rooms == 1)
        snprintf(dst, size, "#lobby");
    else
        snprintf(dst, size, "#%s-%zu", load->plan.name, load_user_of(load, number) + 1);
}

static int
log_in(struct http *http, const char *name, size_t number, char **ret_token)
{
    char *body = xasprintf("{\"user\":\"%s-%zu\"}", name, number);
    struct buf answer = BUF_INIT;
    int status = http_post(http, "/v1/login", body, &answer);
    json_t *object = json_parse(buf_text(&answer), answer.len, (char[80]){0}, 80);
    const char *token = json_member_string(object, "token");

    if (token != NULL)
        *ret_token = xstrdup(token);
    else
        fprintf(stderr, "rtchat-measure: login of %s-%zu: status %d: %s\n", name, number, status,
                buf_text(&answer));
    json_decref(object);
    buf_fini(&answer);
    free(body);
    return token == NULL ? -EACCES : 0;
}

int
load_login(struct load *load)
{
    struct http *http = http_open(load->plan.port);
    int result = http == NULL ? -ECONNREFUSED : 0;

    if (http == NULL)
        fprintf(stderr, "rtchat-measure: nobody answers on port %d\n", load->plan.port);
    load->tokens = xcalloc(load->plan.users, sizeof(*load->tokens));
    for (size_t i = 0; i < load->plan.users && result == 0; i++)
        result = log_in(http, load->plan.name, i + 1, &load->tokens[i]);
    http_close(http);
    return result;
}
