/* Which HTTP proxy stands between us and the server: decided here once, for libcurl and for
 * libwebsockets. The proxy is asked for a tunnel (CONNECT, RFC 9110 section 9.3.6) and sees no more
 * of what passes than where it goes. */
#pragma once

#include "client/link/url.h"

#include <stdbool.h>
#include <stddef.h>

#define PROXY_PORT      80 /* where its URL names none */
#define PROXY_USER_SIZE 96 /* "user:password", as libwebsockets bounds it */

struct proxy {
    char host[URL_HOST_MAX + 1]; /* "": there is none */
    int port;
    char user[PROXY_USER_SIZE]; /* "": no user and no password */
    char password[PROXY_USER_SIZE];
};

/* What the environment says; each may be NULL. */
struct proxy_environment {
    const char *https_proxy, *all_proxy, *no_proxy;
};

/* https_proxy, all_proxy and no_proxy, in small letters or else in capitals. */
void proxy_environment_read(struct proxy_environment *ret_environment);

/* Reads "[http://][user[:password]@]host[:port][/]"; user and password may be percent-encoded.
 * "none" is no proxy. 0, or -EINVAL with a sentence in why that never has the password. */
int proxy_parse(const char *text, struct proxy *ret_proxy, char *why, size_t why_size);

/* For a server: given (--proxy, or NULL) counts alone where it is set; else the environment does,
 * unless its no_proxy has the host. That is a list of names (of a host, or of a domain that it lies
 * in, with or without a dot in front), addresses, networks as ADDRESS/BITS, or "*". */
int proxy_choose(const char *given, const struct proxy_environment *environment, const char *host,
                 struct proxy *ret_proxy, char *why, size_t why_size);

bool proxy_is_used(const struct proxy *proxy); /* NULL: no */

/* What its answer to CONNECT means: "the proxy HOST:PORT wants a user name and a password (407)".
 */
void proxy_say_status(const struct proxy *proxy, int status, char *why, size_t why_size);
