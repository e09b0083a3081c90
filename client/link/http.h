/* Which HTTP the requests go by. A WebSocket is HTTP/1.1 whatever is wished for. */
#pragma once

enum http_wish {
    HTTP_AUTO, /* 2 where the server agrees to it in the handshake (ALPN), else 1.1 */
    HTTP_1_1,
    HTTP_2, /* where the server does not agree nothing is sent */
};

#define HTTP_CHOICES "auto|1.1|2"
