/* Where a server is: an https URL taken apart (RFC 3986), as far as rtchat needs one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define URL_HOST_MAX       253 /* bytes, RFC 1035 section 2.3.4 */
#define URL_AUTHORITY_SIZE (URL_HOST_MAX + 2 + 6 + 1)
#define URL_PORT           443 /* where a URL names none */

struct url {
    char host[URL_HOST_MAX + 1]; /* lower-case name, or an address; IPv6 without its brackets */
    int port;                    /* 1-65535 */
};

/* Reads "https://host[:port][/]"; "https://" may be left out. Other schemes, user names, paths and
 * queries are refused: 0, or -EINVAL with a sentence in why of what was wrong and wanted. */
int url_parse(const char *text, struct url *ret_url, char *why, size_t why_size);

/* "host:port", with brackets around IPv6: for Host headers, for files of pins and accounts. */
void url_authority(char dst[URL_AUTHORITY_SIZE], const struct url *url);

/* Whether host is an IPv4 or IPv6 address and no name. */
bool url_host_is_address(const char *host);
