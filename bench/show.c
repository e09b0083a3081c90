#include "bench/show.h"

#include "bench/config.h"
#include "bench/result/result.h"
#include "bench/result/view.h"

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

unsigned
show_flags(const struct bench_config *config)
{
    return !config->ascii && strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? 0 : VIEW_ASCII;
}

static int
show(const struct result *result, const struct bench_config *config)
{
    if (config->json)
        return result_write_json(result, stdout);
    if (config->csv)
        return view_csv(result, stdout, show_flags(config));
    if (config->markdown)
        return view_markdown(result, stdout, show_flags(config));

    int error = view_table(result, stdout, show_flags(config));
    return error == 0 && config->plot ? view_plot(result, stdout, show_flags(config)) : error;
}

int
show_written(int error)
{
    if (error == 0 && fflush(stdout) == 0)
        return 0;

    fprintf(stderr, "rtchat-bench: cannot write to standard output\n");
    return 1;
}

/* 0, or 1 with a line on stderr. */
static int
write_page(const struct result *result, const char *path)
{
    FILE *out = fopen(path, "we");
    int error;

    if (out == NULL) {
        fprintf(stderr, "rtchat-bench: --html=%s: %s\n", path, strerror(errno));
        return 1;
    }
    error = view_html(result, out, 0);
    if (fclose(out) == 0 && error == 0)
        return 0;

    fprintf(stderr, "rtchat-bench: --html=%s: cannot be written\n", path);
    return 1;
}

int
show_result(const struct result *result, const struct bench_config *config)
{
    int code = show_written(show(result, config));

    return config->html != NULL && write_page(result, config->html) != 0 ? 1 : code;
}
