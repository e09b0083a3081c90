#include "bench/stage.h"

#include "bench/config.h"
#include "bench/http.h"
#include "bench/on_path.h"
#include "bench/scratch_dir.h"
#include "common/id.h"
#include "common/names.h"
#include "common/question.h"
#include "common/secret.h"
#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSWORD_SIZE 1025
#define MEMORY_DIR    "/dev/shm"

static char *
beside_this_program(void)
{
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
    char *slash;

    if (len < 0)
        return NULL;

    path[len] = '\0';
    slash = strrchr(path, '/');
    *slash = '\0';
    return xasprintf("%s/rtchat-server", path);
}

/* The caller frees it. NULL with a line on stderr. */
static char *
find_server(const struct bench_config *config)
{
    char *found = config->server != NULL ? xstrdup(config->server) : beside_this_program();

    if (found != NULL && access(found, X_OK) == 0)
        return found;
    if (config->server != NULL) {
        fprintf(stderr, "rtchat-bench: --server=%s: %s\n", config->server, strerror(errno));
        free(found);
        return NULL;
    }

    free(found);
    found = on_path_find("rtchat-server");
    if (found == NULL)
        fprintf(stderr, "rtchat-bench: no rtchat-server beside this program or on the PATH: "
                        "--server=FILE names it\n");
    return found;
}

/* A connection to learn the certificate by, as a person compares it. */
static int
learn_fingerprint(struct stage *stage)
{
    struct http *http = http_open(stage->child.port);

    if (http == NULL) {
        fprintf(stderr, "rtchat-bench: the server does not answer\n");
        return -1;
    }

    stage->fingerprint = xcalloc(1, HTTP_FINGERPRINT_SIZE);
    http_fingerprint(http, stage->fingerprint);
    http_close(http);
    return 0;
}

/* Limits are off, since the load says what is too much. */
static int
start_server(struct stage *stage, const struct bench_config *config)
{
    char *program = find_server(config);
    char *data_dir = xasprintf("--data-dir=%s", stage->dir);
    char *log_path = xasprintf("%s/log", stage->dir);
    char *argv[] = {
        program,
        data_dir,
        xstrdup("--config=/dev/null"),
        xstrdup("--port=0"),
        xstrdup("--bind=127.0.0.1"),
        xstrdup("--guests=yes"),
        xstrdup("--connections-per-address=0"),
        xstrdup("--rate=0"),
        xstrdup("--presence-grace=60"),
        NULL,
    };
    int result = program == NULL ? -1 : child_start(&stage->child, argv, log_path);

    for (size_t i = 0; i + 1 < ARRAY_LEN(argv); i++)
        free(argv[i]);
    free(log_path);
    if (result < 0)
        return -1;

    stage->url = xasprintf("https://127.0.0.1:%d", stage->child.port);
    /* Its certificate is known: that each link reads all authorities of the system would only make
     * the opening longer. */
    setenv("SSL_CERT_FILE", "/dev/null", 1);
    setenv("SSL_CERT_DIR", "/nonexistent", 1);
    return learn_fingerprint(stage);
}

static int
open_own(struct stage *stage, const struct bench_config *config)
{
    stage->is_own = true;
    stage->user = xstrdup("bench");
    stage->dir = scratch_dir_create(config->dir);
    return stage->dir == NULL ? -1 : start_server(stage, config);
}

static int
find_password(struct stage *stage, const struct bench_config *config)
{
    char password[PASSWORD_SIZE], prompt[80];
    int result;

    snprintf(prompt, sizeof(prompt), "Password of %s: ", stage->user);
    if (config->password_file != NULL)
        result = secret_read(config->password_file, password, sizeof(password));
    else
        result = question_secret(prompt, password, sizeof(password));
    if (result == 0)
        stage->password = xstrdup(password);
    else if (config->password_file != NULL)
        fprintf(stderr, "rtchat-bench: --password-file=%s: %s\n", config->password_file,
                result == -EINVAL ? "wanted a password in its first line" : strerror(-result));
    else
        fprintf(stderr, "rtchat-bench: nobody can be asked for a password: give "
                        "--password-file=FILE\n");
    explicit_bzero(password, sizeof(password));
    return result;
}

static char *
copy(const char *text)
{
    return text == NULL ? NULL : xstrdup(text);
}

static int
open_url(struct stage *stage, const struct bench_config *config, const char *url)
{
    stage->url = xstrdup(url);
    stage->user = xstrdup(config->user);
    stage->fingerprint = copy(config->fingerprint);
    stage->ca_file = copy(config->ca_file);
    stage->proxy = copy(config->proxy);
    return find_password(stage, config);
}

static char *
make_room(void)
{
    char id[ULID_SIZE], name[ROOM_SIZE];

    ulid_make(id);
    snprintf(name, sizeof(name), "#bench-%s", id);
    name_lower(name, sizeof(name), name);
    return xstrdup(name);
}

int
stage_open(struct stage *stage, const struct bench_config *config, const char *url)
{
    *stage = (struct stage){.room = make_room()};
    stage->links_dir = scratch_dir_create(access(MEMORY_DIR, W_OK) == 0 ? MEMORY_DIR : config->dir);

    int result = stage->links_dir == NULL ? -1
                 : url == NULL            ? open_own(stage, config)
                                          : open_url(stage, config, url);
    if (result < 0)
        stage_close(stage);
    return result < 0 ? -1 : 0;
}

void
stage_close(struct stage *stage)
{
    child_stop(&stage->child);
    scratch_dir_remove(stage->dir);
    scratch_dir_remove(stage->links_dir);
    if (stage->password != NULL)
        explicit_bzero(stage->password, strlen(stage->password));
    free(stage->password);
    free(stage->url);
    free(stage->fingerprint);
    free(stage->ca_file);
    free(stage->proxy);
    free(stage->user);
    free(stage->room);
    *stage = (struct stage){0};
}

void
stage_fill(const struct stage *stage, struct link_config *link)
{
    link->url = stage->url;
    link->user = stage->user;
    link->password = stage->password;
    link->state_dir = stage->links_dir;
    link->ca_file = stage->ca_file;
    link->fingerprint = stage->fingerprint;
    link->proxy = stage->is_own ? "none" : stage->proxy;
}

int64_t
stage_cpu_us(const struct stage *stage)
{
    return stage->is_own ? child_cpu_us(&stage->child) : 0;
}

int64_t
stage_rss_bytes(const struct stage *stage)
{
    char *path = xasprintf("/proc/%d/statm", (int)stage->child.pid);
    FILE *file = stage->is_own ? fopen(path, "re") : NULL;
    long pages = 0;

    if (file != NULL && fscanf(file, "%*s %ld", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    free(path);
    return pages * sysconf(_SC_PAGESIZE);
}
