/* The machine and the programs that figures depend on. */
#pragma once

struct facts;

void environment_add(struct facts *environment);
