/* The forms in which a result is shown: one file each. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct result;

enum view_flags {
    VIEW_ASCII = 1, /* nothing but ASCII comes out */
};

/* Text of the run that a terminal must not obey (a file of others may hold anything) is made
 * harmless. 0, or -EIO when out takes no more. */
int view_table(const struct result *result, FILE *out, unsigned flags); /* 80 columns at most */
int view_plot(const struct result *result, FILE *out, unsigned flags);  /* the same */
int view_markdown(const struct result *result, FILE *out, unsigned flags);
/* A line a measure of a row: transport,http,varied,measure,unit,rounds,median,min,max. A word such
 * as the state behind a fault stands where the median would. */
int view_csv(const struct result *result, FILE *out, unsigned flags);
/* One page with all of it, pictures too; it asks for nothing else. flags do not count. */
int view_html(const struct result *result, FILE *out, unsigned flags);
