#include "bench/show.h"

#include "bench/config.h"
#include "bench/result.h"
#include "bench/view.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>

static unsigned
flags(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? 0 : VIEW_ASCII;
}

static int
show(const struct result *result, const struct bench_config *config)
{
    if (config->json)
        return result_write_json(result, stdout);
    if (config->csv)
        return view_csv(result, stdout, flags());
    if (config->markdown)
        return view_markdown(result, stdout, flags());

    int error = view_table(result, stdout, flags());
    return error == 0 && config->plot ? view_plot(result, stdout, flags()) : error;
}

int
show_result(const struct result *result, const struct bench_config *config)
{
    if (show(result, config) == 0 && fflush(stdout) == 0)
        return 0;

    fprintf(stderr, "rtchat-bench: cannot write to standard output\n");
    return 1;
}
