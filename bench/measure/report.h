/* The figures of one measurement: a small table for people, then one line of JSON for programs. */
#pragma once

struct report;

struct report *report_create(const char *name); /* name is borrowed */
void report_destroy(struct report *report);

/* key: its name in JSON; title and unit: for the table. unit is borrowed. */
void report_add(struct report *report, const char *key, const char *title, double value,
                const char *unit);

/* The same, with what is wanted of it. A figure that misses it is marked, no more: how fast a
 * machine is says nothing about whether the program is right. */
void report_add_at_most(struct report *report, const char *key, const char *title, double value,
                        const char *unit, double wanted);
void report_add_at_least(struct report *report, const char *key, const char *title, double value,
                         const char *unit, double wanted);

/* To standard output. */
void report_print(const struct report *report);
