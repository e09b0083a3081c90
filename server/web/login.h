/* The ways into the chat and out of it: login, registration, logout. */
#pragma once

struct exchange;
struct server;
struct session;
struct worker;

void login_serve(struct exchange *exchange);
void login_serve_register(struct exchange *exchange);
void login_serve_logout(struct exchange *exchange);
