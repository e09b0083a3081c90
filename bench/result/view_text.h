/* What the views in plain text share. */
#pragma once

struct buf;
struct result;
struct sheet;

#include <stdio.h>

int view_columns(const char *text); /* how wide it is on a terminal */

/* "compare of 2026-11-24T12:00:00Z against https://…, seed 7" */
void view_add_head(const struct result *result, struct buf *out);
/* Parameters, environment and notes, wrapped at 80 columns; that it was stopped, if it was. */
void view_add_foot(const struct result *result, struct buf *out);

/* One line of words, indented and wrapped at 80 columns. */
void view_add_wrapped(const char *text, struct buf *out);

/* A sheet under its title, split where it is wider than 80 columns. */
void view_add_sheet(const struct sheet *sheet, struct buf *out);

/* Writes lines made harmless for a terminal (with VIEW_ASCII: as ASCII), and empties text. 0 or
 * -EIO. */
int view_write_visible(struct buf *text, unsigned flags, FILE *out);
