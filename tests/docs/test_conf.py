#!/usr/bin/env python3
"""The example configuration is taken by both programs: as it is, and with every default set.

usage: test_conf.py EXAMPLE SERVER CLIENT SERVER_LISTER CLIENT_LISTER
"""
import os
import re
import subprocess
import sys
import tempfile

from manual import expect, finish, read, rows_of


def with_defaults(text, lister):
    """The text with those settings of the lister's section in force that have a default."""
    for name, _, default, place in rows_of(lister, 'list'):
        if place == 'file' and default:
            text, count = re.subn(r'^#(%s = %s)$' % (name, re.escape(default)), r'\1', text,
                                  count=1, flags=re.M)
            expect(count == 1, 'no "#%s = %s" in the example' % (name, default))
    return text


def run(command, directory):
    environment = dict(os.environ, XDG_STATE_HOME=directory, HOME=directory)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding='utf-8', env=environment, timeout=60)
    return done.returncode, done.stdout


def check(text, server, client, good):
    """The client has nothing to check a file alone: it is sent where nobody listens."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'rtchat.conf')
        with open(path, 'w', encoding='utf-8') as example:
            example.write(text)
        code, said = run([server, '--check-config', '--config=' + path], directory)
        expect((code == 0) == good, 'the server ended with %d: %s' % (code, said))
        code, said = run([client, '--config=' + path, '--user=ann', '--plain', '--timeout=0',
                          'https://127.0.0.1:1'], directory)
        expect((code == 1) == good, 'the client ended with %d: %s' % (code, said))


example, server, client, server_lister, client_lister = sys.argv[1:]
text = read(example)
sections = dict(re.findall(r'^\[(\w+)\]\n(.*?)(?=^\[|\Z)', text, re.M | re.S))
expect(sorted(sections) == ['client', 'server'], 'the sections are %s' % sorted(sections))

check(text, server, client, True)
check('[server]\n%s\n[client]\n%s' % (with_defaults(sections['server'], server_lister),
                                      with_defaults(sections['client'], client_lister)),
      server, client, True)
check('[server]\nprot = 1\n[client]\nplane = yes\n', server, client, False)
finish('example configuration')
