/* What one worker does once a minute for all: sessions that have lapsed end in the log, when the
 * others were last used is stored, and invitations that have lapsed go. */
#pragma once

struct worker;

void housekeeping_run(struct worker *worker);
