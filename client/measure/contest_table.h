/* What a contest found, as a table for people. */
#pragma once

#include "client/measure/rally.h"

#include <stddef.h>

#define CONTEST_ROWS_MAX 8

struct buf;

struct contest_row {
    const char *transport; /* borrowed */
    const char *http;      /* "1.1" or "2" */
    char why[120];         /* why there are no figures; "" there are */
    double delivery_p50_ms, delivery_p95_ms, receipt_p50_ms;
    double up, down; /* bytes a message on the wire, of both links, TCP/IP's heads in it */
    uint64_t requests, connections;
    uint64_t lost, repeated;
};

struct contest_table {
    struct contest_row rows[CONTEST_ROWS_MAX];
    size_t count;
};

void contest_table_add(struct contest_table *table, const char *transport,
                       const struct rally_result *result);
void contest_table_write(const struct contest_table *table, unsigned messages, size_t text_len,
                         double rate, struct buf *out);
