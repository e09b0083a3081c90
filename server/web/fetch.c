#include "server/web/fetch.h"

#include "common/util.h"
#include "server/log/store.h"
#include "server/server.h"
#include "server/web/conn.h"
#include "server/web/errand.h"
#include "server/web/worker.h"

#include <stdlib.h>

#define PAGE_ENTRIES 128

struct fetch {
    struct errand errand;
    struct conn *conn; /* NULL: it has gone */
    uint64_t after;
    struct store_page page;
    int result;
};

static void
fetch_run(struct errand *errand)
{
    struct fetch *fetch = container_of(errand, struct fetch, errand);
    struct store *store = worker_server(errand->worker)->store;

    fetch->result = store->ops->read(store, fetch->after, PAGE_ENTRIES, &fetch->page);
}

static void
fetch_done(struct errand *errand)
{
    struct fetch *fetch = container_of(errand, struct fetch, errand);

    if (fetch->conn != NULL)
        conn_take_page(fetch->conn, fetch->result, &fetch->page);
    if (fetch->result == 0)
        store_page_fini(&fetch->page);
    free(fetch);
}

struct fetch *
fetch_begin(struct conn *conn)
{
    struct fetch *fetch = xcalloc(1, sizeof(*fetch));

    fetch->conn = conn;
    fetch->after = conn->reader.position;
    fetch->errand.run = fetch_run;
    fetch->errand.done = fetch_done;
    errand_send(&fetch->errand, conn->worker);
    return fetch;
}

void
fetch_abandon(struct fetch *fetch)
{
    fetch->conn = NULL;
}
