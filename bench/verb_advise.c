/* advise: which way to take, from a profile. */
#include "bench/config.h"
#include "bench/result/advice.h"
#include "bench/result/result.h"
#include "bench/result_load.h"
#include "bench/show.h"
#include "bench/verbs.h"

#include <stdio.h>
#include <unistd.h>

static double
from_milli(int64_t milli)
{
    return (double)milli / 1000;
}

/* Without --said, each message that a user says reaches ten. */
static struct advice_question
question_of(const struct bench_config *config)
{
    double read_per_min = from_milli(config->rate_milli);

    return (struct advice_question){
        .users = (double)config->users,
        .read_per_min = read_per_min,
        .said_per_min = config->read_only        ? 0
                        : config->said_milli > 0 ? from_milli(config->said_milli)
                                                 : read_per_min / 10,
        .delay_s = from_milli(config->delay_ms),
        .rtt_ms = (double)config->rtt_ms,
        .margin = (double)config->margin_percent / 100,
        .is_mobile = config->mobile,
        .network = (enum advice_network)config->network,
        .prices =
            {
                .core_month = from_milli(config->price_core),
                .gib_memory = from_milli(config->price_memory),
                .gib_traffic = from_milli(config->price_traffic),
                .million_requests = from_milli(config->price_requests),
                .radio_hour = from_milli(config->price_radio),
            },
    };
}

/* Those that are asked for, or the one that is installed. NULL with a line on stderr. */
static struct result *
load_profile(const struct bench_config *config)
{
    char installed[] = RTCHAT_PROFILE, *path = installed;

    if (config->profiles.count > 0)
        return result_load(config->profiles.items, config->profiles.count);
    if (access(path, R_OK) == 0)
        return result_load(&path, 1);

    fprintf(stderr,
            "rtchat-bench: there is no profile at %s; wanted --profile=FILE, what compare and idle "
            "print with --json\n",
            path);
    return NULL;
}

int
verb_advise(const struct bench_config *config)
{
    struct advice_question question = question_of(config);
    struct result *profile = load_profile(config);
    struct advice advice;
    char why[200];
    int code = 1;

    if (profile == NULL)
        return 1;
    if (advice_make(profile, &question, &advice, why, sizeof(why)) < 0)
        fprintf(stderr, "rtchat-bench: the profile says too little: %s\n", why);
    else if (config->json)
        code = show_written(advice_write_json(&question, &advice, stdout));
    else
        code = show_written(
            advice_show(profile, &question, &advice, config->explain, show_flags(config), stdout));
    result_destroy(profile);
    return code;
}
