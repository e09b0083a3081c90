/* Libwebsockets' context of one worker, a guest on its loop. Inside web/. */
#pragma once

struct context;
struct lws_vhost;
struct uv_loop_s;

/* On the main thread, one after another. NULL when it fails (the library says why in the log). */
struct context *context_create(struct uv_loop_s *loop, const char *cert_path, const char *key_path);
struct lws_vhost *context_vhost(const struct context *context);
/* Runs the loop until nothing of the library is left on it. NULL is fine. */
void context_destroy(struct context *context);
/* The library looks at its timers and flow control before the loop sleeps. */
void context_nudge(struct context *context);
void context_renew_certificate(struct context *context, const char *cert_path,
                               const char *key_path);
/* What the library says goes to our log: its errors while it starts are faults of the set-up, later
 * they are mostly faults of peers. Process-wide. */
void context_log_start(void);
void context_log_serving(void);
