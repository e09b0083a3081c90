/* Text from and for people: UTF-8, NFC, width on a terminal, and the one door through which text of
 * others reaches an eye. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define TEXT_MAX         4096 /* bytes of a message after normalising */
#define TOPIC_MAX        512
#define AWAY_MAX         200
#define TEXT_CLUSTER_MAX 64 /* bytes that a cluster draws at most */

/* Well-formed by RFC 3629 (no surrogates, nothing over U+10FFFF, shortest forms only). */
bool text_is_utf8(const char *text, size_t len);

/* Appends text to ret_out in NFC. NULL when it keeps the rule of a message: 1..max bytes after
 * normalising, no control character but newline and tab. Else a static sentence of what was wrong
 * and what was wanted, and ret_out as it was. text is valid UTF-8. */
const char *text_normalise(struct buf *ret_out, const char *text, size_t len, size_t max);

enum text_flags {
    TEXT_KEEP_NEWLINES = 1 << 0, /* else a newline is drawn as the return sign */
    TEXT_ASCII = 1 << 1,         /* only ASCII comes out, everything else as U+1F44D, \r as ^M */
};

/* The one door (tui.md section 4 point 12). Appends text so that it can do nothing but be read:
 * bad bytes become U+FFFD; C0, DEL and C1 their pictures (U+2400 + n, U+2421, <U+009B> in
 * guillemets); bidi controls, zero-width characters outside of emoji, Indic clusters and Arabic or
 * Syriac words, tags and line separators become tokens such as the RLO token in mathematical double
 * angle brackets; code points that are unassigned or that wcwidth does not know become U+1FAE8 and
 * the like; more than 4 combining marks in a cluster are cut. A tab becomes spaces to the next
 * column of 8 counted from the start of the text. */
void text_visible(struct buf *out, const char *text, size_t len, unsigned flags);

/* The next grapheme cluster (UAX 29) of text that text_visible let through: how many bytes it
 * takes, how many columns it fills, and what to draw for it. Joiners, variation selectors and skin
 * tones are left out of what is drawn, so that ncurses, tmux and the terminal count alike. */
struct text_cluster {
    size_t len;      /* bytes of the source, 0 at the end */
    int columns;     /* 0, 1, 2 or more where a cluster draws several wide characters */
    size_t draw_len; /* bytes in draw */
    char draw[TEXT_CLUSTER_MAX];
    bool is_space; /* blank, or a newline (0 columns): a line may be wrapped here */
};
void text_next_cluster(const char *text, size_t len, struct text_cluster *ret_cluster);

/* The sum over all clusters. */
int text_columns(const char *text, size_t len);
/* Bytes of the longest run of whole clusters at the front that fits into columns. */
size_t text_fit(const char *text, size_t len, int columns);
/* Where the cluster before/after byte offset begins; for moving a cursor. Both stay within 0..len.
 */
size_t text_previous(const char *text, size_t len, size_t offset);
size_t text_following(const char *text, size_t len, size_t offset);
/* Case-folded (utf8proc) search of needle in text. True with the byte offset of the first hit. */
bool text_find(const char *text, const char *needle, size_t *ret_offset);
