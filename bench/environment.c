#include "bench/environment.h"

#include "bench/result/facts.h"
#include "client/link/versions.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The first that /proc/cpuinfo names; not every kind of processor has that line. */
static void
add_cpu(struct facts *environment)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256], name[200];

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "model name : %199[^\n]", name) == 1) {
            facts_set_text(environment, "cpu", name);
            break;
        }
    if (file != NULL)
        fclose(file);
}

static void
add_version(void *context, const char *name, const char *version)
{
    facts_set_text(context, name, version);
}

void
environment_add(struct facts *environment)
{
    struct utsname system;

    if (uname(&system) == 0)
        facts_set_text(environment, "kernel", system.release);
    add_cpu(environment);
    facts_set_number(environment, "cores", (double)sysconf(_SC_NPROCESSORS_ONLN));
    facts_set_text(environment, "rtchat", RTCHAT_VERSION);
    link_versions(add_version, environment);
    facts_set_text(environment, "sqlite", sqlite3_libversion());
}
