/* A logarithmic axis: from one round number to another, with round numbers between. */
#pragma once

#define SCALE_TICKS_MAX 48
#define SCALE_TEXT_SIZE 24

struct scale {
    double low, high; /* low < high */
    double ticks[SCALE_TICKS_MAX];
    int tick_count;
};

/* low and high are above 0. The axis goes to the next 1, 2 or 5 times a power of ten on both sides
 * at least. Ticks are powers of ten, or 1, 2 and 5 times those where there are few. */
void scale_init(struct scale *scale, double low, double high);

/* Where value lies: 0 at low, 1 at high; beyond where it is outside. */
double scale_at(const struct scale *scale, double value);

/* "1.5", "20", "1k", "2.5M": three digits at most. How long it is. */
int scale_format(double value, char dst[SCALE_TEXT_SIZE]);
