#include "client/ui/glyphs.h"

static const struct glyphs glyphs_unicode = {
    .dot = "●",
    .ring = "○",
    .bar = "│",
    .rule = "─",
    .tee_down = "┬",
    .tee_up = "┴",
    .middle_dot = "·",
    .ellipsis = "…",
    .current = "▌",
    .continuation = "⏎",
    .more = "↓",
    .up = "↑",
    .right = "→",
    .cross = "✗",
    .plus_minus = "±",
    .none = "–",
    .sparks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
    .marks = {[MARK_NONE] = "",
              [MARK_PENDING] = "◌",
              [MARK_QUEUED] = "↻ queued",
              [MARK_DONE] = "✓",
              [MARK_REFUSED] = "✗ refused"},
};

static const struct glyphs glyphs_ascii = {
    .dot = "*",
    .ring = "o",
    .bar = "|",
    .rule = "-",
    .tee_down = "+",
    .tee_up = "+",
    .middle_dot = ".",
    .ellipsis = "...",
    .current = ">",
    .continuation = "^",
    .more = "v",
    .up = "^",
    .right = "->",
    .cross = "x",
    .plus_minus = "~",
    .none = "-",
    .sparks = {"_", ".", ":", "-", "=", "+", "*", "#"},
    .marks = {[MARK_NONE] = "",
              [MARK_PENDING] = "~",
              [MARK_QUEUED] = "& queued",
              [MARK_DONE] = "+",
              [MARK_REFUSED] = "x refused"},
};

const struct glyphs *
glyphs_get(bool ascii)
{
    return ascii ? &glyphs_ascii : &glyphs_unicode;
}
