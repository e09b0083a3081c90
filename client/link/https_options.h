/* What libcurl is told of a question: where, by which proxy, how long, with which heads, whom to
 * believe. */
#pragma once

#include "client/link/https.h"

#include <curl/curl.h>

/* Whose requests they are; it outlives them. */
struct https_owner {
    struct trust *trust;
    struct meter *meter; /* or NULL */
};

/* The caller frees the headers, after the transfer. */
void https_options_set(CURL *easy, const struct https_question *question, struct https_owner *owner,
                       struct curl_slist **ret_headers);
