/* Prints the made-up run, with text in it that wants to be more: as "html" or as "json". */
#include <string.h>

#include "bench/result/result.h"
#include "bench/result/view.h"
#include "tests/unit/bench_profile.h"

#define HOSTILE "<script>alert(1)</script>\"' onload=x&\033[2J"

int
main(int argc, char **argv)
{
    struct result *result = bench_profile();
    struct facts varied = {0};
    int err;

    facts_set_text(&result->environment, "kernel", HOSTILE);
    facts_set_text(&result->environment, HOSTILE, "x");
    facts_set_text(&result->parameters, "url", "https://elsewhere.example/");
    result_note(result, "%s", "a note " HOSTILE);
    facts_set_text(&varied, "use", HOSTILE);
    result_row_add(result_row(result, HOSTILE, "1.1", &varied), MEASURE_DELIVERY_P50_MS, 1);
    result_row_add(result_row(result, HOSTILE, HOSTILE, NULL), MEASURE_SERVER_RSS_BYTES, 1);
    facts_fini(&varied);
    err = argc == 2 && strcmp(argv[1], "json") == 0 ? result_write_json(result, stdout)
                                                    : view_html(result, stdout, 0);
    result_destroy(result);
    return err == 0 ? 0 : 1;
}
