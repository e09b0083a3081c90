#include "client/link/meter_tls.h"

#include "client/link/meter.h"

#include <openssl/obj_mac.h>
#include <pthread.h>
#include <stdint.h>

#define TAG_LEN   16 /* of AES-GCM, AES-CCM and ChaCha20-Poly1305 */
#define TYPE_LEN  1  /* TLS 1.3: the real type, within (RFC 8446 section 5.2) */
#define NONCE_LEN 8  /* TLS 1.2 with AES-GCM or AES-CCM: what of it is sent (RFC 5288 section 3) */
#define CBC_LEN   16 /* a block of AES: the one in front, and padding, which is half of one */

static pthread_once_t once = PTHREAD_ONCE_INIT;
/* Of an SSL, each way: the length of the record whose type, in TLS 1.3, is yet to come. */
static int slots[METER_DIRECTIONS];

static void
make_slots(void)
{
    for (int way = 0; way < METER_DIRECTIONS; way++)
        slots[way] = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

static size_t
at_least_zero(size_t len, size_t less)
{
    return len > less ? len - less : 0;
}

/* Of a record of application data, in TLS 1.2 (RFC 5246 section 6.2.3). */
static size_t
overhead_1_2(const SSL *ssl)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);

    if (cipher == NULL)
        return 0;
    if (SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305)
        return TAG_LEN;
    if (SSL_CIPHER_is_aead(cipher))
        return NONCE_LEN + TAG_LEN;

    const EVP_MD *mac = EVP_get_digestbynid(SSL_CIPHER_get_digest_nid(cipher));
    return CBC_LEN + CBC_LEN / 2 + (mac == NULL ? 0 : (size_t)EVP_MD_get_size(mac));
}

/* In TLS 1.3 the type is only seen once the record is open; until then its length is kept. */
static void
on_head(struct meter *meter, enum meter_way way, const unsigned char *head, SSL *ssl)
{
    size_t len = (size_t)head[3] << 8 | head[4];
    bool is_data = head[0] == SSL3_RT_APPLICATION_DATA;
    bool is_1_3 = SSL_version(ssl) == TLS1_3_VERSION;

    meter_record(meter, way, SSL3_RT_HEADER_LENGTH + len,
                 is_data && !is_1_3 ? at_least_zero(len, overhead_1_2(ssl)) : 0);
    SSL_set_ex_data(ssl, slots[way], (void *)(uintptr_t)(is_data && is_1_3 ? len : 0));
}

static void
on_inner_type(struct meter *meter, enum meter_way way, int type, SSL *ssl)
{
    size_t len = (size_t)(uintptr_t)SSL_get_ex_data(ssl, slots[way]);

    if (type == SSL3_RT_APPLICATION_DATA)
        meter_record(meter, way, 0, at_least_zero(len, TYPE_LEN + TAG_LEN));
}

/* Who is the first to say that it has finished has still to hear it from the other. The client is
 * the last one in TLS 1.3, and in TLS 1.2 where a session is resumed. */
static void
on_finished(struct meter *meter, bool is_written, SSL *ssl)
{
    bool is_resumed = SSL_session_reused(ssl);
    bool is_client_last = SSL_version(ssl) == TLS1_3_VERSION || is_resumed;

    if (is_written == is_client_last)
        meter_count(meter, is_resumed ? METER_RESUMPTION : METER_HANDSHAKE);
}

/* Head and type come one right after the other for what is written. Of what is read the type comes
 * when the whole record is there, and records that are written may be in between. */
static void
on_message(int is_written, int version, int type, const void *data, size_t len, SSL *ssl,
           void *context)
{
    enum meter_way way = is_written ? METER_UP : METER_DOWN;
    const unsigned char *bytes = data;

    if (type == SSL3_RT_HEADER && len >= SSL3_RT_HEADER_LENGTH)
        on_head(context, way, bytes, ssl);
    else if (type == SSL3_RT_INNER_CONTENT_TYPE && len == 1)
        on_inner_type(context, way, bytes[0], ssl);
    else if (type == SSL3_RT_HANDSHAKE && len > 0 && bytes[0] == SSL3_MT_FINISHED)
        on_finished(context, is_written, ssl);
}

void
meter_tls_watch(struct meter *meter, SSL_CTX *context)
{
    if (meter == NULL)
        return;

    pthread_once(&once, make_slots);
    SSL_CTX_set_msg_callback(context, on_message);
    SSL_CTX_set_msg_callback_arg(context, meter);
}
