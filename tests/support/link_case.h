/* A link_world of one way, the row "fake", and of little patience: for tests of the link's own
 * rules. */
#pragma once

#include "tests/support/link_world.h"

void link_case_set_up(void); /* and link_world_tear_down */
struct link_config link_case_config(void);

/* With a token, live at position 10. */
void link_case_live(void);
/* A reconnect, and hello. */
void link_case_come_back(const char *result, int cursor, int head);

/* Runs the loop until the link is in the state, or a line with this part was sent, at most 5 s. */
void link_case_run_until(enum link_state wanted);
void link_case_run_until_sent(const char *part);

void link_case_error(const char *id, const char *code, int retry_after_ms); /* the server's */
