#include "client/ui/input_line.h"

#include <string.h>

#include "client/ui/edit.h"
#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

/* Walks over the text cluster by cluster and knows where each stands. */
struct walk {
    const struct input_line *input;
    int margin, columns; /* of the text's rows: where they begin, how wide they are */
    size_t at, text_len;
    int row, column; /* of the cluster at `at`, from the first row and from the margin */
    struct buf seen; /* that cluster made visible */
    size_t len;      /* its bytes in the text */
    int width;
};

static const char *
text_of(const struct input_line *input)
{
    return input->is_hidden ? "" : edit_text(input->edit);
}

/* A narrow terminal is better used for the text than for the prompt. */
static int
margin_of(const struct input_line *input, int columns)
{
    int prompt = text_columns(input->prompt, strlen(input->prompt));

    return prompt + 1 <= columns / 2 ? prompt + 1 : 0;
}

/* Looks at the cluster at `at`, and goes to the next row where it does not fit. */
static void
look(struct walk *walk)
{
    const char *text = text_of(walk->input);
    struct text_cluster cluster;

    bool is_newline = text[walk->at] == '\n';

    text_next_cluster(text + walk->at, walk->text_len - walk->at, &cluster);
    walk->len = cluster.len;
    buf_clear(&walk->seen);
    if (!is_newline)
        text_visible(&walk->seen, text + walk->at, cluster.len,
                     walk->input->theme->ascii ? TEXT_ASCII : 0);
    walk->width = text_columns(buf_text(&walk->seen), walk->seen.len);
    /* The cursor behind the last cluster needs a column too. */
    int wanted = walk->len == 0 ? 1 : walk->width;
    if (walk->column > 0 && walk->column + wanted > walk->columns) {
        walk->row++;
        walk->column = 0;
    }
}

static void
begin_walk(struct walk *walk, const struct input_line *input, int columns)
{
    int margin = margin_of(input, columns);

    *walk = (struct walk){
        .input = input,
        .margin = margin,
        .columns = MAX(columns - margin, 1),
        .text_len = strlen(text_of(input)),
    };
    look(walk);
}

static void
go_on(struct walk *walk)
{
    bool is_newline = text_of(walk->input)[walk->at] == '\n';

    walk->at += walk->len;
    walk->row += is_newline;
    walk->column = is_newline ? 0 : walk->column + walk->width;
    look(walk);
}

int
input_line_rows(const struct input_line *input, int columns)
{
    struct walk walk;

    for (begin_walk(&walk, input, columns); walk.len > 0; go_on(&walk))
        ;
    buf_fini(&walk.seen);
    return walk.row + 1;
}

static void
find_cursor(const struct input_line *input, int columns, int *ret_row, int *ret_column)
{
    struct walk walk;
    size_t cursor = input->is_hidden ? 0 : edit_cursor(input->edit);

    for (begin_walk(&walk, input, columns); walk.len > 0 && walk.at < cursor; go_on(&walk))
        ;
    *ret_row = walk.row;
    *ret_column = walk.margin + walk.column;
    buf_fini(&walk.seen);
}

static void
draw_margins(const struct input_line *input, struct span span, int rows, int first)
{
    int margin = margin_of(input, span.limit - span.column);
    int end = span.column + margin;

    for (int row = 0; row < rows && margin > 1; row++) {
        if (first + row == 0)
            paint_words(input->theme, (struct span){span.row, span.column, end}, STYLE_BOLD,
                        input->prompt);
        else
            paint_words(input->theme, (struct span){span.row + row, end - 2, end}, STYLE_DIM,
                        input->theme->glyphs->continuation);
    }
}

void
input_line_draw(const struct input_line *input, struct span span, int rows, int *ret_cursor_row,
                int *ret_cursor_column)
{
    int columns = span.limit - span.column, cursor_row, cursor_column;
    struct walk walk;

    find_cursor(input, columns, &cursor_row, &cursor_column);
    int first = MAX(0, cursor_row - rows + 1);
    draw_margins(input, span, rows, first);
    for (begin_walk(&walk, input, columns); walk.len > 0; go_on(&walk)) {
        struct span cell = {span.row + walk.row - first, span.column + walk.margin + walk.column,
                            span.limit};
        if (walk.row >= first && walk.row < first + rows)
            paint_text(input->theme, cell, STYLE_TEXT, buf_text(&walk.seen), walk.seen.len);
    }
    buf_fini(&walk.seen);
    *ret_cursor_row = span.row + cursor_row - first;
    *ret_cursor_column = MIN(span.column + cursor_column, span.limit - 1);
}
