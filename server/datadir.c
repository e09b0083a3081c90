#include "server/datadir.h"

#include "common/util.h"
#include "server/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
try_write(const char *path)
{
    char *probe = xasprintf("%s/.probe-XXXXXX", path);
    int fd = mkstemp(probe);
    int error = fd < 0 ? -errno : 0;

    if (fd >= 0) {
        close(fd);
        unlink(probe);
    }
    free(probe);
    return error;
}

int
datadir_prepare(const char *path, char *why, size_t why_size)
{
    struct stat status;
    int result = make_directories(path, 0700);

    if (result == 0 && stat(path, &status) < 0)
        result = -errno;
    if (result == 0 && !S_ISDIR(status.st_mode))
        result = -ENOTDIR;
    if (result == 0)
        result = try_write(path);
    if (result < 0)
        snprintf(why, why_size, "data directory %s: %s", path, strerror(-result));
    return result;
}

static int
find_own_pair(struct certificate *certificate, const char *data_dir, bool may_make, char *why,
              size_t why_size)
{
    certificate->cert_path = xasprintf("%s/cert.pem", data_dir);
    certificate->key_path = xasprintf("%s/key.pem", data_dir);
    if (!may_make ||
        (access(certificate->cert_path, F_OK) == 0 && access(certificate->key_path, F_OK) == 0))
        return 0;
    certificate->made = true;
    return tls_make_pair(certificate->cert_path, certificate->key_path, why, why_size);
}

int
certificate_find(struct certificate *certificate, const struct server_config *config, bool may_make,
                 char *why, size_t why_size)
{
    int result = 0;

    memset(certificate, 0, sizeof(*certificate));
    if (config->cert != NULL) {
        certificate->cert_path = xstrdup(config->cert);
        certificate->key_path = xstrdup(config->key);
    } else {
        result = find_own_pair(certificate, config->data_dir, may_make, why, why_size);
    }
    return result < 0 ? result : certificate_check(certificate, why, why_size);
}

int
certificate_check(struct certificate *certificate, char *why, size_t why_size)
{
    return tls_check_pair(certificate->cert_path, certificate->key_path, certificate->fingerprint,
                          why, why_size);
}

void
certificate_fini(struct certificate *certificate)
{
    free(certificate->cert_path);
    free(certificate->key_path);
}
