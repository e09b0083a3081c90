/* The verbs of a program as a tree of words. */
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/util.h"
#include "contrib/tables/program.h"

static struct program_word *
find_or_add(struct program_word *parent, const char *text, size_t len)
{
    for (size_t i = 0; i < parent->count; i++) {
        if (strlen(parent->below[i].text) == len && memcmp(parent->below[i].text, text, len) == 0) {
            return &parent->below[i];
        }
    }

    parent->below = xrealloc(parent->below, (parent->count + 1) * sizeof(*parent->below));
    struct program_word *word = &parent->below[parent->count++];
    *word = (struct program_word){.text = xasprintf("%.*s", (int)len, text)};
    return word;
}

static void
add_verb(struct program_word *root, const struct program_verb *verb)
{
    struct program_word *word = root;

    for (const char *at = verb->words; *at != '\0'; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        word = find_or_add(word, at, len);
        at += len;
    }

    word->help = xstrdup(verb->help);
    word->operand = verb->operand;
}

static void
name_families(struct program_word *word)
{
    struct buf list = BUF_INIT;

    for (size_t i = 0; i < word->count; i++) {
        name_families(&word->below[i]);
        buf_addf(&list, "%s%s", i > 0 ? ", " : "", word->below[i].text);
    }
    if (word->help == NULL) {
        word->help = xstrdup(buf_text(&list));
    }
    buf_fini(&list);
}

struct program_word *
program_words(const struct program *program)
{
    struct program_word *root = xcalloc(1, sizeof(*root));
    struct program_verb verb;

    for (size_t i = 0; program->verb != NULL && (verb = program->verb(i)).words != NULL; i++) {
        add_verb(root, &verb);
    }
    name_families(root);
    return root;
}

static void
empty(struct program_word *word)
{
    for (size_t i = 0; i < word->count; i++) {
        empty(&word->below[i]);
    }
    free(word->below);
    free(word->text);
    free(word->help);
}

void
program_words_free(struct program_word *root)
{
    empty(root);
    free(root);
}

bool
program_word_takes_file(const struct program_word *word)
{
    return word->operand != NULL && strcmp(word->operand, "FILE") == 0;
}
