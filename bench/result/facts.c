#include "bench/result/facts.h"

#include "common/buf.h"
#include "common/util.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
facts_fini(struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        free(facts->items[i].key);
        free(facts->items[i].text);
    }
    free(facts->items);
    *facts = (struct facts){0};
}

/* The one of that key, made where there is none, without its text. */
static struct fact *
fresh(struct facts *facts, const char *key)
{
    struct fact *fact;

    for (size_t i = 0; i < facts->count; i++) {
        fact = &facts->items[i];
        if (strcmp(fact->key, key) == 0) {
            free(fact->text);
            fact->text = NULL;
            return fact;
        }
    }
    facts->items = xrealloc(facts->items, (facts->count + 1) * sizeof(*facts->items));
    fact = &facts->items[facts->count++];
    *fact = (struct fact){.key = xstrdup(key)};
    return fact;
}

void
facts_set_text(struct facts *facts, const char *key, const char *text)
{
    char *copy = xstrdup(text);

    fresh(facts, key)->text = copy;
}

void
facts_set_number(struct facts *facts, const char *key, double number)
{
    if (isfinite(number))
        fresh(facts, key)->number = number;
}

void
facts_copy(struct facts *into, const struct facts *from)
{
    for (size_t i = 0; from != NULL && i < from->count; i++) {
        const struct fact *fact = &from->items[i];

        if (fact->text != NULL)
            facts_set_text(into, fact->key, fact->text);
        else
            facts_set_number(into, fact->key, fact->number);
    }
}

const struct fact *
facts_find(const struct facts *facts, const char *key)
{
    for (size_t i = 0; i < facts->count; i++)
        if (strcmp(facts->items[i].key, key) == 0)
            return &facts->items[i];
    return NULL;
}

const char *
facts_text(const struct facts *facts, const char *key)
{
    const struct fact *fact = facts_find(facts, key);

    return fact == NULL ? NULL : fact->text;
}

double
facts_number(const struct facts *facts, const char *key, double fallback)
{
    const struct fact *fact = facts_find(facts, key);

    return fact == NULL || fact->text != NULL ? fallback : fact->number;
}

bool
fact_equal(const struct fact *a, const struct fact *b)
{
    if ((a->text == NULL) != (b->text == NULL))
        return false;
    return a->text != NULL ? strcmp(a->text, b->text) == 0 : a->number == b->number;
}

bool
facts_equal(const struct facts *a, const struct facts *b)
{
    static const struct facts none;

    a = a == NULL ? &none : a;
    b = b == NULL ? &none : b;
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct fact *other = facts_find(b, a->items[i].key);

        if (other == NULL || !fact_equal(&a->items[i], other))
            return false;
    }
    return true;
}

void
fact_add_value(const struct fact *fact, struct buf *out)
{
    if (fact->text != NULL)
        buf_add_str(out, fact->text);
    else
        buf_addf(out, "%.10g", fact->number);
}
