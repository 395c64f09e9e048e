#!/usr/bin/env python3
"""Cuts a csv of events in two behind N events.

    split_events.py EVENTS HISTORY NEW N
"""

import sys

events, history, new, count = sys.argv[1:]
with open(events) as file:
    header, *rows = file
cut = int(count)
for path, part in ((history, rows[:cut]), (new, rows[cut:])):
    with open(path, "w") as file:
        file.writelines([header] + part)
