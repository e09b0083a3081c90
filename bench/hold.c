#include "bench/hold.h"

#include "bench/config.h"
#include "bench/result/result.h"
#include "client/link/link_ops.h"
#include "client/measure/counts.h"
#include "common/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOLD_READERS 15

/* What an accepted socket is made of in the kernel, by the names of /proc/slabinfo. */
static const char *const slabs[] = {"TCP", "sock_inode_cache", "dentry", "filp", "eventpoll_epi"};

static double
object_size(FILE *file, const char *name)
{
    char line[512], read_name[64];
    unsigned size;

    rewind(file);
    while (fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "%63s %*u %*u %u", read_name, &size) == 2 && strcmp(read_name, name) == 0)
            return size;
    return 0;
}

/* Of one end of a connection without a byte on its way. 0: the kernel does not say. */
static double
kernel_bytes(void)
{
    FILE *file = fopen("/proc/slabinfo", "re");
    double bytes = 0;

    if (file == NULL)
        return 0;

    for (size_t i = 0; i < ARRAY_LEN(slabs); i++)
        bytes += object_size(file, slabs[i]);
    fclose(file);
    return bytes;
}

static void
plan(struct each *each, unsigned readers)
{
    each_plan(each);
    for (size_t i = 0; i < each->count; i++) {
        each->ones[i].run.plan.messages = 0;
        each->ones[i].run.plan.readers = readers;
        each->ones[i].run.plan.reader_url = NULL;
    }
}

static void
add(struct each *each, size_t number, int64_t rss_before_bytes)
{
    const struct each_one *one = &each->ones[number];
    uint64_t count = one->run.rally.opened.connections;
    struct result_row *row = bench_row(each->bench, one->variant, NULL);
    double kernel = kernel_bytes();

    if (count == 0)
        return;

    result_row_add(row, MEASURE_SERVER_RSS_BYTES,
                   (double)(one->run.server_rss_bytes - rss_before_bytes) / (double)count);
    if (kernel > 0)
        result_row_add(row, MEASURE_KERNEL_BYTES, kernel);
}

bool
hold_connections(struct each *each)
{
    int64_t before_bytes[VARIANTS_MAX];
    bool good;

    plan(each, 1); /* so that what is made once is made */
    good = each_run(each);
    for (size_t i = 0; i < each->count; i++)
        before_bytes[i] = stage_rss_bytes(each->ones[i].stage);
    plan(each, HOLD_READERS);
    good = good && each_run(each);
    if (kernel_bytes() == 0)
        result_note(each->bench->result, "the kernel's memory is left out: /proc/slabinfo is not "
                                         "to be read here");
    for (size_t i = 0; good && i < each->count; i++)
        add(each, i, before_bytes[i]);
    return good;
}
