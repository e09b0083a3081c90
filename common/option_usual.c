/* The configuration files that count where none is named. */
#include "common/option.h"
#include "common/util.h"

#include <errno.h>
#include <stdlib.h>

/* The XDG base directory specification has relative paths ignored. */
static const char *
absolute_env(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] == '/' ? value : NULL;
}

static char *
personal_path(void)
{
    const char *base = absolute_env("XDG_CONFIG_HOME");
    if (base != NULL) {
        return xasprintf("%s/rtchat/rtchat.conf", base);
    }

    const char *home = absolute_env("HOME");
    return home != NULL ? xasprintf("%s/.config/rtchat/rtchat.conf", home) : NULL;
}

char *
options_config_path(int index)
{
    switch (index) {
    case 0: return xstrdup("/etc/rtchat/rtchat.conf");
    case 1: return personal_path();
    default: return NULL;
    }
}

static int
parse(const struct option_row *rows, size_t count, void *config, const char *path,
      const char *section, struct option_error *error)
{
    options_next_source(rows, count, config);
    return options_parse_file(rows, count, config, path, section, error);
}

int
options_parse_files(const struct option_row *rows, size_t count, void *config, const char *path,
                    const char *section, struct option_error *error)
{
    int result = 0;

    if (path != NULL)
        return parse(rows, count, config, path, section, error);

    for (int i = 0; i < 2 && result == 0; i++) {
        char *usual = options_config_path(i);
        if (usual != NULL)
            result = parse(rows, count, config, usual, section, error);
        if (result == -ENOENT)
            result = 0;
        free(usual);
    }

    return result;
}
