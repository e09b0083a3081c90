#!/usr/bin/env python3
"""Compares a program's option table with its manual and with rtchat.conf(5).

usage: test_options.py MANUAL CONF_MANUAL SECTION LISTER ARGUMENT...
"""
import re
import sys

from manual import default_of, expect, finish, items, read, rows_of


def documented(path, text, head_pattern):
    """name -> (value, default) of the items whose head the pattern matches."""
    found = {}
    for head, body in items(text):
        match = re.fullmatch(head_pattern, head)
        if match:
            name, value = match.groups()
            expect(name not in found, '%s: %s stands there twice' % (path, name))
            found[name] = (value or '', default_of(body))
    return found


def compare(path, wanted, found):
    for name in wanted.keys() - found.keys():
        expect(False, '%s: %s is missing' % (path, name))
    for name in found.keys() - wanted.keys():
        expect(False, '%s: %s is no option' % (path, name))
    for name in wanted.keys() & found.keys():
        for what, in_table, in_page in zip(('value', 'default'), wanted[name], found[name]):
            expect(in_table == in_page, '%s: the %s of %s is "%s"; in the table it is "%s"'
                   % (path, what, name, in_page, in_table))


manual, conf_manual, section, *lister = sys.argv[1:]
options, settings = {}, {}
for name, value, default, place in rows_of(*lister):
    options[name] = (value, default)
    if place == 'file':
        settings[name] = (value or 'yes|no', default)

text = read(manual)
compare(manual, options, documented(manual, text, r'Fl Fl (\S+)(?: Ns = Ns (?:Ar|Cm) (.+))?'))
for name in re.findall(r'\bFl Fl (?!Ns )([a-z0-9-]+)', text):
    expect(name in options, '%s speaks of --%s, which is no option' % (manual, name))
compare(conf_manual, settings,
        documented(conf_manual, read(conf_manual, section), r'Cm (\S+) No = (?:Ar|Cm) (.+)'))
finish('%d options' % len(options))
