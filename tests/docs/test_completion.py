#!/usr/bin/env python3
"""Presses Tab in a real bash: what a person gets to see.

usage: test_completion.py COMPLETION PROGRAM LISTER
"""
import os
import pty
import select
import subprocess
import sys
import tempfile
import time

from manual import expect, finish, rows_of

DEADLINE = 20  # seconds for any one answer
SHOW_LINE = '\x14'  # Ctrl-t: prints the line as it stands, and empties it
TAB, ALL = '\t', '\x0f'  # Ctrl-o: puts in all that Tab would list


class Shell:
    """An interactive bash on a terminal of its own."""

    def __init__(self, directory):
        master, slave = pty.openpty()
        environment = dict(os.environ, TERM='dumb', PS1='', HISTFILE='', INPUTRC='/dev/null')
        self.process = subprocess.Popen(
            ['bash', '--noprofile', '--norc', '-i'], stdin=slave, stdout=slave, stderr=slave,
            cwd=directory, env=environment, start_new_session=True)
        os.close(slave)
        self.master = master
        self.seen = ''
        self.tell("bind 'set bell-style none' 'set enable-bracketed-paste off'")
        self.tell("bind -x '\"\\C-t\": printf \"<line>%s</line>\" \"$READLINE_LINE\"; READLINE_LINE='")
        self.tell("bind '\"\\C-o\": insert-completions'")

    def until(self, mark):
        """What came up to the mark, which is taken away too."""
        end = time.monotonic() + DEADLINE
        while mark not in self.seen:
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            if not ready:
                sys.exit('no %r within %d s; there is %r' % (mark, DEADLINE, self.seen))
            self.seen += os.read(self.master, 4096).decode('utf-8', 'replace')
        before, self.seen = self.seen.split(mark, 1)
        return before

    def tell(self, command):
        """Runs a command. The mark is put together by bash, so its echo is not taken for it."""
        os.write(self.master, (command + "; echo '<do''ne>'\r").encode())
        self.until('<done>')

    def line_after(self, keys):
        os.write(self.master, (keys + SHOW_LINE).encode())
        self.until('<line>')
        return self.until('</line>')

    def end(self):
        os.close(self.master)
        self.process.kill()
        self.process.wait()


def offered(shell, typed):
    line = shell.line_after(typed + ALL)
    expect(line.startswith(typed), '%r became %r' % (typed, line))
    return sorted(line[len(typed):].split())


def check_tab(shell, typed, wanted):
    line = shell.line_after(typed + TAB)
    expect(line == wanted, '%r Tab: %r; wanted %r' % (typed, line, wanted))


def check_offers(shell, typed, wanted):
    found = offered(shell, typed)
    expect(found == sorted(wanted), '%r: offers %s; wanted %s' % (typed, found, sorted(wanted)))


def check_verbs(shell, program, verbs):
    for before in ('', '--generate ', '--days 3 ', '--days=3 --generate '):
        for first in {words.split()[0] for words, _, _ in verbs}:
            below = [words.split()[1] for words, _, _ in verbs if words.startswith(first + ' ')]
            if below:
                check_offers(shell, '%s %s%s ' % (program, before, first), below)
    for words, operand, _ in verbs:
        typed = '%s %s ' % (program, words)
        check_tab(shell, typed[:-2], typed)
        if operand == 'FILE':
            check_tab(shell, typed + 'my', typed + 'my\\ file.conf ')
        if operand == 'NAME':
            check_tab(shell, typed + 'a', typed + 'a')
        check_tab(shell, typed + '--vers', typed + '--version ')


def check_program(shell, program, rows, verbs):
    names = ['--%s%s' % (name, '=' if value else '') for name, value, _, _ in rows]
    firsts = {words.split()[0] for words, _, _ in verbs}
    check_offers(shell, program + ' ', [*names, *firsts])
    check_tab(shell, program + ' --vers', program + ' --version ')
    check_tab(shell, program + ' --log-l', program + ' --log-level=')
    check_tab(shell, program + ' --config=my', program + ' --config=my\\ file.conf ')
    check_tab(shell, program + ' --config my', program + ' --config my\\ file.conf ')
    for name, value, _, _ in rows:
        if '|' in value.lower() and value == value.lower():
            check_offers(shell, '%s --%s=' % (program, name), value.split('|'))
    for levels in (' --log-level=', ' --log-level '):
        check_offers(shell, program + levels, ['debug', 'error', 'info', 'warn'])
        check_tab(shell, program + levels + 'de', program + levels + 'debug ')


def check_server(shell):
    check_tab(shell, 'rtchat-server --guests=y', 'rtchat-server --guests=yes ')
    check_tab(shell, 'rtchat-server --data-dir=m', 'rtchat-server --data-dir=mine/')
    check_offers(shell, 'rtchat-server --registration=', ['auto', 'closed', 'invite', 'open'])


def check_client(shell, rows):
    transports = [value for name, value, _, _ in rows if name == 'transport']
    check_offers(shell, 'rtchat-client --transport=', transports[0].split('|'))


completion, program, lister = sys.argv[1:]
rows = rows_of(lister, 'list')
verbs = rows_of(lister, 'verbs') if program == 'rtchat-server' else []
with tempfile.TemporaryDirectory() as directory:
    with open(os.path.join(directory, 'my file.conf'), 'w', encoding='utf-8'):
        pass
    os.mkdir(os.path.join(directory, 'mine'))
    shell = Shell(directory)
    shell.tell("source '%s'" % os.path.abspath(completion))
    check_program(shell, program, rows, verbs)
    check_verbs(shell, program, verbs)
    if program == 'rtchat-server':
        check_server(shell)
    elif program == 'rtchat-client':
        check_client(shell, rows)
    shell.tell('COMP_WORDBREAKS=${COMP_WORDBREAKS//=}')
    check_tab(shell, program + ' --log-level=de', program + ' --log-level=debug ')
    shell.end()
finish('completion for ' + program)
