#!/usr/bin/env python3
"""Compares the client's input commands and its keys with rtchat-client(1).

usage: test_input.py MANUAL LISTER
"""
import re
import sys

from manual import expect, finish, items, plain, read, rows_of


def compare(section, wanted, found):
    for fault in sorted(set(wanted) - set(found)):
        expect(False, '%s: "%s" is missing or reads otherwise' % (section, fault))
    for fault in sorted(set(found) - set(wanted)):
        expect(False, '%s: there is no "%s"' % (section, fault))


manual, lister = sys.argv[1:]

commands = rows_of(lister, 'commands')
described = {plain(head): body for head, body in items(read(manual, 'COMMANDS'))}
compare('COMMANDS', [usage for usage, _ in commands], described)
for usage, alias in commands:
    expect(not alias or '.Ic /%s' % alias in described.get(usage, ''),
           'COMMANDS: %s does not tell of /%s' % (usage, alias))

keys = [re.split(' {2,}', row[0].strip())[0] for row in rows_of(lister, 'keys')]
compare('KEYS', keys, [plain(head) for head, _ in items(read(manual, 'KEYS'))])
finish('%d commands, %d rows of keys' % (len(commands), len(keys)))
