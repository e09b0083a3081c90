/* Inside the claims: a judge for each statement, and what they share. */
#pragma once

#include "bench/result/claims.h"
#include "bench/result/measures.h"

struct result_row;

/* claims_poll.c */
enum claim_verdict claim_judge_delay(const struct result *result, struct buf *figures);
enum claim_verdict claim_judge_idle_poll(const struct result *result, struct buf *figures);
enum claim_verdict claim_judge_rare_news(const struct result *result, struct buf *figures);
enum claim_verdict claim_judge_longpoll_saves(const struct result *result, struct buf *figures);
enum claim_verdict claim_judge_longpoll_pays(const struct result *result, struct buf *figures);

/* claims_push.c */
enum claim_verdict claim_judge_sse_returns(const struct result *result, struct buf *figures);
enum claim_verdict claim_judge_sse_http2(const struct result *result, struct buf *figures);
enum claim_verdict claim_judge_ws_says(const struct result *result, struct buf *figures);
enum claim_verdict claim_judge_reading(const struct result *result, struct buf *figures);

/* claims_choice.c */
enum claim_verdict claim_judge_matrix(const struct result *result, struct buf *figures);
enum claim_verdict claim_judge_choice(const struct result *result, struct buf *figures);

/* claims_figures.c: appends "NAME: TITLE 12.3 UNIT" with its newline, or nothing where row is NULL
 * or has not measured it. */
void claim_add_figure(const struct result_row *row, enum measure measure, struct buf *figures);
/* The bytes of both directions, as "NAME: 384 B a delivery". False: not measured. */
bool claim_bytes(const struct result_row *row, enum flow flow, double *ret_bytes);
void claim_add_bytes(const struct result_row *row, enum flow flow, struct buf *figures);
/* The load's row where it has the measure, else the reading one, else any of that transport; http
 * NULL: any. NULL where none has it. */
const struct result_row *claim_row_with(const struct result *result, const char *transport,
                                        const char *http, enum measure measure);
