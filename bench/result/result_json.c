#include "bench/result/result.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "rtchat-bench/1"

static json_t *
facts_to_json(const struct facts *facts)
{
    json_t *object = json_object();

    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *fact = &facts->items[i];

        json_object_set_new(object, fact->key,
                            fact->text != NULL ? json_string(fact->text) : json_real(fact->number));
    }
    return object;
}

static json_t *
row_to_json(const struct result_row *row)
{
    json_t *measures = json_object();

    for (size_t i = 0; i < MEASURE_COUNT; i++) {
        const struct result_values *values = &row->measures[i];
        json_t *array = json_array();

        for (size_t k = 0; k < values->count; k++)
            json_array_append_new(array, json_real(values->items[k]));
        if (values->count > 0)
            json_object_set(measures, measure_rows[i].key, array);
        json_decref(array);
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "transport", row->transport, "http", row->http,
                     "varied", facts_to_json(&row->varied), "measures", measures, "words",
                     facts_to_json(&row->words));
}

int
result_write_json(const struct result *result, FILE *out)
{
    json_t *rows = json_array(), *notes = json_array(), *whole;
    int err;

    for (size_t i = 0; i < result->row_count; i++)
        json_array_append_new(rows, row_to_json(result->rows[i]));
    for (size_t i = 0; i < result->note_count; i++)
        json_array_append_new(notes, json_string(result->notes[i]));
    whole = json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:b}", "format", FORMAT, "kind",
                      result->kind, "at", result->at, "seed", (json_int_t)result->seed,
                      "environment", facts_to_json(&result->environment), "parameters",
                      facts_to_json(&result->parameters), "rows", rows, "notes", notes, "complete",
                      (int)result->complete);
    err = whole == NULL ? -1 : json_dumpf(whole, out, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
    json_decref(whole);
    if (err < 0 || fputc('\n', out) == EOF || fflush(out) != 0)
        return -EIO;
    return 0;
}

static void
facts_from_json(struct facts *facts, const json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (json_is_string(value))
            facts_set_text(facts, key, json_string_value(value));
        else if (json_is_number(value))
            facts_set_number(facts, key, json_number_value(value));
    }
}

/* 0, or -EINVAL with why. */
static int
values_from_json(struct result_row *row, const char *key, const json_t *array, char *why,
                 size_t size)
{
    enum measure measure = measure_find(key);
    json_t *value;
    size_t i;

    if (measure == MEASURE_COUNT)
        return 0;
    if (!json_is_array(array) || json_array_size(array) > RESULT_VALUES_MAX) {
        snprintf(why, size, "%s: wanted an array of at most %d numbers", key, RESULT_VALUES_MAX);
        return -EINVAL;
    }
    json_array_foreach(array, i, value)
    {
        if (!json_is_number(value)) {
            snprintf(why, size, "%s: value %zu is no number", key, i + 1);
            return -EINVAL;
        }
        result_row_add(row, measure, json_number_value(value));
    }
    return 0;
}

static int
row_from_json(struct result *result, const json_t *object, char *why, size_t size)
{
    const char *transport = json_member_string(object, "transport");
    const char *http = json_member_string(object, "http");
    struct facts varied = {0};
    struct result_row *row;
    const char *key;
    json_t *value;

    if (transport == NULL || http == NULL) {
        snprintf(why, size, "row %zu: wanted \"transport\" and \"http\"", result->row_count + 1);
        return -EINVAL;
    }
    facts_from_json(&varied, json_object_get(object, "varied"));
    row = result_row(result, transport, http, &varied);
    facts_fini(&varied);
    facts_from_json(&row->words, json_object_get(object, "words"));
    json_object_foreach(json_object_get(object, "measures"), key, value)
    {
        if (values_from_json(row, key, value, why, size) < 0)
            return -EINVAL;
    }
    return 0;
}

static int
rows_from_json(struct result *result, const json_t *array, char *why, size_t size)
{
    json_t *value;
    size_t i;

    if (!json_is_array(array) || json_array_size(array) > RESULT_ROWS_MAX) {
        snprintf(why, size, "rows: wanted an array of at most %d", RESULT_ROWS_MAX);
        return -EINVAL;
    }
    json_array_foreach(array, i, value)
    {
        if (row_from_json(result, value, why, size) < 0)
            return -EINVAL;
    }
    return 0;
}

static struct result *
from_json(const json_t *whole, char *why, size_t size)
{
    const char *format = json_member_string(whole, "format");
    const char *kind = json_member_string(whole, "kind"), *at = json_member_string(whole, "at");
    struct result *result;
    uint64_t seed = 0;
    json_t *note;
    size_t i;

    if (!str_equal(format, FORMAT) || kind == NULL || at == NULL) {
        snprintf(why, size, "not a result of rtchat-bench; wanted \"format\":\"" FORMAT "\"");
        return NULL;
    }
    json_member_u64(whole, "seed", &seed);
    result = result_create(kind, seed);
    free(result->at);
    result->at = xstrdup(at);
    result->complete = json_member_bool(whole, "complete", false);
    facts_from_json(&result->environment, json_object_get(whole, "environment"));
    facts_from_json(&result->parameters, json_object_get(whole, "parameters"));
    json_array_foreach(json_object_get(whole, "notes"), i, note)
    {
        if (json_is_string(note))
            result_note(result, "%s", json_string_value(note));
    }
    if (rows_from_json(result, json_object_get(whole, "rows"), why, size) == 0)
        return result;
    result_destroy(result);
    return NULL;
}

struct result *
result_parse_json(const char *text, size_t len, char *why, size_t why_size)
{
    json_t *whole = json_parse(text, len, why, why_size);
    struct result *result = whole == NULL ? NULL : from_json(whole, why, why_size);

    json_decref(whole);
    return result;
}

/* All of the file, or -errno. */
static int
read_file(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "re");
    char chunk[16384];
    size_t len;
    int err = 0;

    if (file == NULL)
        return -errno;
    while (out->len <= RESULT_FILE_MAX && (len = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_add(out, chunk, len);
    if (ferror(file))
        err = -errno;
    else if (out->len > RESULT_FILE_MAX)
        err = -EFBIG;
    fclose(file);
    return err;
}

struct result *
result_read_json(const char *path, char *why, size_t why_size)
{
    struct buf text = BUF_INIT;
    struct result *result = NULL;
    char reason[200];
    int err = read_file(path, &text);

    if (err < 0)
        snprintf(why, why_size, "%s: %s", path, strerror(-err));
    else if ((result = result_parse_json(buf_text(&text), text.len, reason, sizeof(reason))) ==
             NULL)
        snprintf(why, why_size, "%s: %s", path, reason);
    buf_fini(&text);
    return result;
}
