/* Prints what the client's screen takes, for the comparison with its manual: the usage and the
 * other name of each command, or each key and what it does. Tabs between. */
#include <stdio.h>

#include "client/chat/input.h"
#include "client/ui/keys.h"
#include "common/buf.h"
#include "common/util.h"

static void
list_commands(void)
{
    for (const struct input_command *const *row = input_commands; *row != NULL; row++) {
        printf("%s\t%s\n", (*row)->usage, (*row)->alias != NULL ? (*row)->alias : "");
    }
}

static void
list_keys(void)
{
    struct buf text = BUF_INIT;

    keys_help(&text);
    fputs(buf_text(&text), stdout);
    buf_fini(&text);
}

int
main(int argc, char **argv)
{
    if (argc == 2 && str_equal(argv[1], "commands")) {
        list_commands();
    } else if (argc == 2 && str_equal(argv[1], "keys")) {
        list_keys();
    } else {
        fprintf(stderr, "usage: %s commands|keys\n", argv[0]);
        return 2;
    }

    return fflush(stdout) == 0 ? 0 : 1;
}
