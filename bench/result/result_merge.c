/* Several results as one, for a page or a profile of all that was measured. */
#include "bench/result/result.h"

#include "bench/result/facts.h"
#include "common/buf.h"

#include <string.h>

static void
merge_facts(struct facts *into, const struct facts *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct fact *fact = &from->items[i];

        if (facts_find(into, fact->key) != NULL)
            continue;
        if (fact->text != NULL)
            facts_set_text(into, fact->key, fact->text);
        else
            facts_set_number(into, fact->key, fact->number);
    }
}

/* Rounds of two runs are never mixed: a measure that is there stays as it is. */
static void
merge_row(struct result *into, const struct result_row *from)
{
    struct result_row *row = result_row(into, from->transport, from->http, &from->varied);

    for (int i = 0; i < MEASURE_COUNT; i++) {
        if (result_row_has(row, (enum measure)i))
            continue;
        for (size_t k = 0; k < from->measures[i].count; k++)
            result_row_add(row, (enum measure)i, from->measures[i].items[k]);
    }
    merge_facts(&row->words, &from->words);
}

/* What is not the same in both, of the environment and of the parameters that both have. */
static void
add_differences(const struct facts *into, const struct facts *from, struct buf *out)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct fact *other = facts_find(into, from->items[i].key);

        if (other == NULL || fact_equal(other, &from->items[i]))
            continue;
        buf_addf(out, "%s %s ", out->len > 0 ? "," : "; there", from->items[i].key);
        fact_add_value(&from->items[i], out);
    }
}

void
result_merge(struct result *into, const struct result *from)
{
    struct buf differences = BUF_INIT;

    add_differences(&into->environment, &from->environment, &differences);
    add_differences(&into->parameters, &from->parameters, &differences);
    result_note(into, "with %s of %s, seed %llu%s", from->kind, from->at,
                (unsigned long long)from->seed, buf_text(&differences));
    buf_fini(&differences);
    merge_facts(&into->environment, &from->environment);
    merge_facts(&into->parameters, &from->parameters);
    for (size_t i = 0; i < from->row_count; i++)
        merge_row(into, from->rows[i]);
    for (size_t i = 0; i < from->note_count; i++)
        result_note(into, "%s", from->notes[i]);
    into->complete &= from->complete;
}
