#include "server/admin/order.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DAYS_MAX 3650

void
order_fini(struct order *order)
{
    free(order->store);
    explicit_bzero(order, sizeof(*order));
}

static void
add_text(struct buf *out, const char *key, const char *text)
{
    if (text == NULL || *text == '\0')
        return;
    buf_addf(out, ",\"%s\":", key);
    buf_add_json(out, text);
}

void
order_encode(struct buf *out, const struct order *order)
{
    buf_addf(out, "{\"days\":%" PRId64, order->days);
    add_text(out, "deed", order->deed);
    add_text(out, "name", order->name);
    add_text(out, "hash", order->hash);
    add_text(out, "invite", order->invite);
    add_text(out, "store", order->store);
    buf_add_str(out, "}\n");
}

/* "" where the member is not there. */
static int
read_text(const json_t *object, const char *key, char *dst, size_t size, struct refusal *refusal)
{
    const char *text = json_member_string(object, key);

    if (text == NULL || str_copy(dst, size, text) == 0)
        return 0;
    return refuse(refusal, REFUSAL_INVALID, "%s: %zu bytes, at most %zu", key, strlen(text),
                  size - 1);
}

static int
read_members(const json_t *object, struct order *order, struct refusal *refusal)
{
    const char *store = json_member_string(object, "store");
    uint64_t days = 0;

    if (read_text(object, "deed", order->deed, sizeof(order->deed), refusal) < 0 ||
        read_text(object, "name", order->name, sizeof(order->name), refusal) < 0 ||
        read_text(object, "hash", order->hash, sizeof(order->hash), refusal) < 0 ||
        read_text(object, "invite", order->invite, sizeof(order->invite), refusal) < 0)
        return -1;
    json_member_u64(object, "days", &days);
    if (days > DAYS_MAX)
        return refuse(refusal, REFUSAL_INVALID, "days: at most %d", DAYS_MAX);
    order->days = (int64_t)days;
    order->store = store == NULL ? NULL : xstrdup(store);
    return 0;
}

/* What stands in a record between quotes must have none. */
static int
check_members(const struct order *order, struct refusal *refusal)
{
    static const char hash_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789$";
    const char *fault = order->name[0] == '\0' ? NULL : user_name_fault(order->name);

    if (fault != NULL)
        return refuse(refusal, REFUSAL_INVALID, "name: %s", fault);
    if (order->hash[strspn(order->hash, hash_letters)] != '\0')
        return refuse(refusal, REFUSAL_INVALID, "hash: wanted one of ours");
    return 0;
}

int
order_decode(const char *line, size_t len, struct order *ret_order, struct refusal *ret_refusal)
{
    char why[120];
    json_t *object = json_parse(line, len, why, sizeof(why));
    int result;

    *ret_order = (struct order){0};
    if (!json_is_object(object))
        result = refuse(ret_refusal, REFUSAL_BAD_REQUEST, "no JSON object");
    else
        result = read_members(object, ret_order, ret_refusal);
    json_decref(object);
    return result < 0 ? result : check_members(ret_order, ret_refusal);
}
