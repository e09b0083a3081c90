#!/bin/sh
# mandoc has nothing to say about any of the pages. That it does not find the pages they refer to
# only tells that they are not installed yet.
faults=$(mandoc -T lint -W style "$@" | grep -v 'STYLE: referenced manual not found:')
printf '%s\n' "${faults:-nothing to complain about in $# pages}"
test -z "$faults"
