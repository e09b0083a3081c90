#include "client/ui/wrap.h"

#include "common/text.h"

/* The row being filled. */
struct filling {
    size_t start;
    int columns;
    size_t blank, blank_len; /* the last blank that ink stands before; blank_len 0: none */
    int blank_columns;       /* of what stands before it */
};

/* Where rows go; counts on when there is no more room. */
struct rows_out {
    struct wrap_row *rows;
    size_t count, max;
};

static void
end_row(struct rows_out *out, struct filling *row, size_t end, int columns, size_t next)
{
    if (out->count < out->max)
        out->rows[out->count] = (struct wrap_row){row->start, end - row->start, columns};
    out->count++;
    *row = (struct filling){.start = next};
}

/* The cluster at `at` does not fit any more. Returns from where to go on. */
static size_t
break_row(struct rows_out *out, struct filling *row, size_t at, const struct text_cluster *cluster)
{
    size_t next = at;

    if (cluster->is_space) {
        next = at + cluster->len;
        end_row(out, row, at, row->columns, next);
    } else if (row->blank_len > 0) {
        next = row->blank + row->blank_len;
        end_row(out, row, row->blank, row->blank_columns, next);
    } else {
        end_row(out, row, at, row->columns, at);
    }
    return next;
}

size_t
wrap_text(const char *text, size_t len, int width, struct wrap_row *ret_rows, size_t max)
{
    struct rows_out out = {ret_rows, 0, max};
    struct filling row = {0};
    struct text_cluster cluster;

    for (size_t at = 0; at < len;) {
        text_next_cluster(text + at, len - at, &cluster);
        if (text[at] == '\n') {
            end_row(&out, &row, at, row.columns, at + cluster.len);
            at += cluster.len;
            continue;
        }
        if (row.columns + cluster.columns > width && at > row.start) {
            at = break_row(&out, &row, at, &cluster);
            continue;
        }
        if (cluster.is_space && at > row.start) {
            row.blank = at;
            row.blank_len = cluster.len;
            row.blank_columns = row.columns;
        }
        row.columns += cluster.columns;
        at += cluster.len;
    }
    end_row(&out, &row, len, row.columns, len);
    return out.count;
}
