#!/usr/bin/env python3
"""Compares figures of metrics files.

    same_figures.py NAME,... FILE...

The last lines of the files must have the same values under each name, to the
last digit. Prints a line, and exits with 1 where they have not.
"""

import json
import sys


def main():
    names, paths = sys.argv[1].split(","), sys.argv[2:]
    lines = []
    for path in paths:
        with open(path) as file:
            lines.append(json.loads(file.readlines()[-1]))
    for name in names:
        values = [line[name] for line in lines]
        if None in values or len(set(values)) != 1:
            sys.exit("%s is %s" % (name, values))
    print("%d figures of %d files are the same" % (len(names), len(paths)))


main()
