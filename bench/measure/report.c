#include "bench/measure/report.h"

#include "common/util.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define FIGURES_MAX 64

enum bound { BOUND_NONE, BOUND_AT_MOST, BOUND_AT_LEAST };

struct figure {
    char *key, *title;
    const char *unit;
    double value;
    enum bound bound;
    double wanted;
};

struct report {
    const char *name;
    struct figure figures[FIGURES_MAX];
    size_t count;
};

struct report *
report_create(const char *name)
{
    struct report *report = xcalloc(1, sizeof(*report));

    report->name = name;
    return report;
}

void
report_destroy(struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        free(report->figures[i].key);
        free(report->figures[i].title);
    }
    free(report);
}

static struct figure *
add(struct report *report, const char *key, const char *title, double value, const char *unit)
{
    struct figure *figure = &report->figures[report->count];

    assert(report->count < FIGURES_MAX);
    report->count++;
    *figure =
        (struct figure){.key = xstrdup(key), .title = xstrdup(title), .unit = unit, .value = value};
    return figure;
}

void
report_add(struct report *report, const char *key, const char *title, double value,
           const char *unit)
{
    add(report, key, title, value, unit);
}

void
report_add_at_most(struct report *report, const char *key, const char *title, double value,
                   const char *unit, double wanted)
{
    struct figure *figure = add(report, key, title, value, unit);

    figure->bound = BOUND_AT_MOST;
    figure->wanted = wanted;
}

void
report_add_at_least(struct report *report, const char *key, const char *title, double value,
                    const char *unit, double wanted)
{
    struct figure *figure = add(report, key, title, value, unit);

    figure->bound = BOUND_AT_LEAST;
    figure->wanted = wanted;
}

static bool
is_missed(const struct figure *figure)
{
    switch (figure->bound) {
    case BOUND_NONE: return false;
    case BOUND_AT_MOST: return figure->value > figure->wanted;
    case BOUND_AT_LEAST: return figure->value < figure->wanted;
    }
    abort();
}

static void
print_row(const struct figure *figure)
{
    int digits = fabs(figure->value) < 100 && figure->value != floor(figure->value) ? 2 : 0;

    printf("  %-52s %12.*f %-4s", figure->title, digits, figure->value, figure->unit);
    if (figure->bound != BOUND_NONE)
        printf("  %s: at %s %g", is_missed(figure) ? "MISSED" : "good",
               figure->bound == BOUND_AT_MOST ? "most" : "least", figure->wanted);
    printf("\n");
}

static void
print_json(const struct report *report)
{
    json_t *figures = json_object(), *missed = json_array();
    json_t *line =
        json_pack("{s:s, s:o, s:o}", "measure", report->name, "figures", figures, "missed", missed);

    for (size_t i = 0; i < report->count; i++) {
        const struct figure *figure = &report->figures[i];

        json_object_set_new(figures, figure->key, json_real(figure->value));
        if (is_missed(figure))
            json_array_append_new(missed, json_string(figure->key));
    }
    json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(line);
}

void
report_print(const struct report *report)
{
    printf("%s\n", report->name);
    for (size_t i = 0; i < report->count; i++)
        print_row(&report->figures[i]);
    print_json(report);
    fflush(stdout);
}
