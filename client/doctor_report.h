/* What the doctor found, as a table for people or an object for machines. */
#pragma once

#include "client/link/exam.h"

#include <stddef.h>

struct buf;

/* Appends it. url is the server's. */
void doctor_add_table(struct buf *out, const struct exam_report *reports, size_t count);
void doctor_add_json(struct buf *out, const char *url, const struct exam_report *reports,
                     size_t count);
