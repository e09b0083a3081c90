/* What is known to cause a fault that the doctor sees, and the line that mends it. */
#pragma once

#include "client/link/exam.h"

#include <stddef.h>

struct doctor_remedy {
    const char *program; /* "nginx" */
    const char *line;    /* of its configuration */
};

struct doctor_advice {
    const char *cause; /* a sentence without a full stop */
    struct doctor_remedy remedies[4];
};

#define DOCTOR_REMEDY_COUNT 4

/* NULL: nothing is known, or nothing is wrong. */
const struct doctor_advice *doctor_advice(const struct exam_report *report);
