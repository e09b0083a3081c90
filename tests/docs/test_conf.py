#!/usr/bin/env python3
"""The example configuration is taken by all programs: as it is, and with every default set.

usage: test_conf.py EXAMPLE SERVER CLIENT BENCH SERVER_LISTER CLIENT_LISTER BENCH_LISTER
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


def check(text, programs, good):
    """The client and the bench have nothing to check a file alone: the one is sent where nobody
    listens, the other to a server that is not there."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'rtchat.conf')
        with open(path, 'w', encoding='utf-8') as example:
            example.write(text)
        config = '--config=' + path
        server, client, bench = programs
        code, said = run([server, '--check-config', config], directory)
        expect((code == 0) == good, 'the server ended with %d: %s' % (code, said))
        code, said = run([client, config, '--user=ann', '--plain', '--timeout=0',
                          'https://127.0.0.1:1'], directory)
        expect((code == 1) == good, 'the client ended with %d: %s' % (code, said))
        code, said = run([bench, config, 'compare', '--server=' + directory + '/none'], directory)
        expect((code == 1) == good, 'the bench ended with %d: %s' % (code, said))


example, *arguments = sys.argv[1:]
programs, listers = arguments[:3], arguments[3:]
text = read(example)
sections = dict(re.findall(r'^\[(\w+)\]\n(.*?)(?=^\[|\Z)', text, re.M | re.S))
expect(sorted(sections) == ['bench', 'client', 'server'], 'the sections are %s' % sorted(sections))

check(text, programs, True)
check('[server]\n%s\n[client]\n%s\n[bench]\n%s' % tuple(
    with_defaults(sections[name], lister)
    for name, lister in zip(('server', 'client', 'bench'), listers)), programs, True)
check('[server]\nprot = 1\n[client]\nplane = yes\n[bench]\nrat = 1\n', programs, False)
finish('example configuration')
