#include "client/link/versions.h"

#include <curl/curl.h>
#include <libwebsockets.h>
#include <openssl/crypto.h>

void
link_versions(void (*tell)(void *context, const char *name, const char *version), void *context)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);

    tell(context, "openssl", OpenSSL_version(OPENSSL_VERSION_STRING));
    tell(context, "libwebsockets", lws_get_library_version());
    tell(context, "libcurl", curl->version);
    if (curl->age >= CURLVERSION_SIXTH && curl->nghttp2_version != NULL)
        tell(context, "nghttp2", curl->nghttp2_version);
}
