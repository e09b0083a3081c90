#include "bench/result/scale.h"

#include "common/util.h"

#include <math.h>
#include <stdio.h>

static const double steps[] = {1, 2, 5};

/* The largest round number that is not above value. */
static double
round_down(double value)
{
    double power = pow(10, floor(log10(value) + 1e-9));
    double best = power;

    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (steps[i] * power <= value * (1 + 1e-9))
            best = steps[i] * power;
    return best;
}

static double
round_up(double value)
{
    double power = pow(10, floor(log10(value) + 1e-9));

    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (steps[i] * power >= value * (1 - 1e-9))
            return steps[i] * power;
    return 10 * power;
}

static void
add_ticks(struct scale *scale, size_t step_count)
{
    double power = pow(10, floor(log10(scale->low) + 1e-9));

    scale->tick_count = 0;
    for (; power <= scale->high * (1 + 1e-9); power *= 10) {
        for (size_t i = 0; i < step_count && scale->tick_count < SCALE_TICKS_MAX; i++) {
            double tick = steps[i] * power;

            if (tick >= scale->low * (1 - 1e-9) && tick <= scale->high * (1 + 1e-9))
                scale->ticks[scale->tick_count++] = tick;
        }
    }
}

void
scale_init(struct scale *scale, double low, double high)
{
    scale->low = round_down(low);
    scale->high = round_up(high);
    if (!(scale->high > scale->low * 1.5)) {
        scale->low = round_down(scale->low / 2);
        scale->high = round_up(scale->low * 4);
    }
    add_ticks(scale, log10(scale->high / scale->low) > 2.5 ? 1 : ARRAY_LEN(steps));
}

double
scale_at(const struct scale *scale, double value)
{
    return log(value / scale->low) / log(scale->high / scale->low);
}

int
scale_format(double value, char dst[SCALE_TEXT_SIZE])
{
    static const char *const units[] = {"", "k", "M", "G", "T"};
    size_t unit = 0;

    while (value >= 999.5 && unit + 1 < ARRAY_LEN(units)) {
        value /= 1000;
        unit++;
    }
    return snprintf(dst, SCALE_TEXT_SIZE, "%.3g%s", value, units[unit]);
}
