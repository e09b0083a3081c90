#!/usr/bin/env python3
"""The commands of a program, as its table has them, in its manual and in the completions of zsh and
fish. (test_completion.py asks a bash.) Where a fish is there, it is asked itself.

usage: test_verbs.py MANUAL SECTION ZSH FISH PROGRAM LISTER
"""
import re
import shutil
import subprocess
import sys

from manual import expect, finish, items, plain, read, rows_of


def check_manual(path, section, verbs):
    wanted = [' '.join(filter(None, (words, operand))) for words, operand, _ in verbs]
    heads = [plain(head) for head, _ in items(read(path, section)) if not head.startswith('Fl ')]
    expect(heads == wanted, '%s has %s; wanted %s' % (path, heads, wanted))


def tree_of(verbs):
    """{words before, each with a blank behind: {word: help, None where it is but a family}}"""
    tree = {}
    for words, _, help in verbs:
        *families, last = words.split()
        for i, family in enumerate(families):
            tree.setdefault(''.join(w + ' ' for w in families[:i]), {}).setdefault(family, None)
        tree.setdefault(''.join(w + ' ' for w in families), {})[last] = help
    return tree


def check_zsh(path, tree):
    text = read(path)
    found = {}
    for before, body in re.findall(r"(?m)^    '([^']*)'\)\n        commands=\(\n(.*?)\n        \)",
                                   text, re.S):
        found[before] = dict(line.strip(" '").split(':', 1) for line in body.split('\n'))
    expect(list(found) == list(tree), '%s: after %s; wanted %s' % (path, list(found), list(tree)))
    for before, words in tree.items():
        expect(list(found.get(before, ())) == list(words), '%s: %r: %s; wanted %s' % (
            path, before, found.get(before), words))
        for word, help in words.items():
            expect(help in (None, found[before].get(word)), '%s: %r' % (path, before + word))
    if shutil.which('zsh'):
        expect(subprocess.run(['zsh', '-n', path]).returncode == 0, '%s: no zsh' % path)


def check_fish(path, program, tree):
    text = read(path)
    for before, words in tree.items():
        for word, help in words.items():
            line = "-n '__fish_%s_is_at %s' -a %s -d " % (program, before.strip(), word)
            expect(line in text and (help is None or line + "'%s'" % help in text),
                   '%s has no %s%r' % (path, line, help))
    if not shutil.which('fish'):
        return
    for before, words in tree.items():
        typed = '%s --days=3 %s' % (program, before)
        asked = subprocess.run(['fish', '--no-config', '-c', 'source %s; complete -C"%s"' % (
            path, typed)], capture_output=True, text=True)
        found = [line.split('\t')[0] for line in asked.stdout.splitlines()]
        expect(sorted(found) == sorted(words), 'fish, %r: %s %s; wanted %s' % (
            typed, found, asked.stderr, sorted(words)))


manual, section, zsh, fish, program, lister = sys.argv[1:]
verbs = rows_of(lister, 'verbs')
check_manual(manual, section, verbs)
check_zsh(zsh, tree_of(verbs))
check_fish(fish, program, tree_of(verbs))
finish('commands of ' + program)
