/* Prints one thing that is made of a program's option table. */
#include "common/util.h"
#include "contrib/tables/program.h"

static const struct {
    const char *name;
    void (*write)(const struct program *program, FILE *out);
} writers[] = {
    {"bash", write_bash}, {"zsh", write_zsh},   {"fish", write_fish},
    {"conf", write_conf}, {"list", write_list}, {"verbs", write_verbs},
};

int
main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < ARRAY_LEN(writers); i++) {
        if (str_equal(argv[1], writers[i].name)) {
            writers[i].write(&this_program, stdout);
            return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
        }
    }

    fprintf(stderr, "usage: %s bash|zsh|fish|conf|list|verbs\n", argv[0]);
    return 2;
}
