"""What the tests of the manuals share: reading mdoc as far as our pages use it."""
import re
import subprocess
import sys

faults = []


def expect(good, fault):
    if not good:
        faults.append(fault)


def finish(what):
    for fault in faults:
        print(fault)
    print('%s: %s' % (what, 'FAILED' if faults else 'good'))
    sys.exit(bool(faults))


def rows_of(*command):
    """The lines that a lister prints, split at tabs."""
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding='utf-8').stdout
    rows = [line.split('\t') for line in output.splitlines()]
    expect(len(rows) > 0, 'nothing listed by %s' % ' '.join(command))
    return rows


def read(path, section=None):
    """The page's text, or that of one of its sections."""
    with open(path, encoding='utf-8') as page:
        text = page.read()
    if section is None:
        return text
    found = re.search(r'^\.Sh %s\n(.*?)(?=^\.Sh |\Z)' % re.escape(section), text, re.M | re.S)
    expect(found, '%s: no section %s' % (path, section))
    return found.group(1) if found else ''


def items(text):
    """(head, body) of each item of its lists."""
    pattern = r'^\.It ([^\n]*)\n(.*?)(?=^\.It |^\.El|\Z)'
    return [found.groups() for found in re.finditer(pattern, text, re.M | re.S)]


def default_of(body):
    """What "The default is" tells; '' where it is not said."""
    found = re.search(r'^The default is\n\.Cm (\S+) \.$', body, re.M)
    return found.group(1) if found else ''


def plain(head):
    """An item's head as the reader sees it: "Ic /part Op Ar ROOM" is "/part [ROOM]"."""
    head = re.sub(r'\bOp (.*)$', r'[\1]', head)
    head = re.sub(r'(^|[ \[])(?:Ic|Ar|Cm|No) ', r'\1', head)
    return re.sub(r' Ns ', '', head)
