/* Inside of link_lws.h: what lws_base.c and link_lws.c share. */
#pragma once

#include "client/link/link_lws.h"
#include "client/link/lws_pipe.h"
#include "client/link/meter.h"

#include <libwebsockets.h>
#include <openssl/ssl.h>

#define LWS_READ_SIZE 16384 /* a TLS record */

struct way_base {
    uv_loop_t *loop;
    struct lws_context *context;
    struct lws_pipe pipe;
    SSL_CTX *tls;
    struct meter *meter; /* or NULL */
    struct wire *first;  /* wires that lws has not let go of */
    uv_idle_t round;     /* never started: its closing counts the loop's turns */
    unsigned rounds_left;
};

extern const struct lws_protocols lws_adaptor[];

/* What is left of the wires when lws is gone; they tell nobody. */
void wires_mute(struct way_base *base);
void wires_free(struct way_base *base);
