"""Gives a stream labels.

    add_labels.py EVENTS LABELLED KINDS

LABELLED is EVENTS with the columns parity and kind (classes of the source) and
size (a number); KINDS says the kind of some nodes.
"""

import csv
import sys

events, labelled, kinds = sys.argv[1:]
with open(events) as file:
    rows = list(csv.DictReader(file))
with open(labelled, "w") as file:
    file.write("source,destination,time,parity,kind,size\n")
    for number, row in enumerate(rows):
        source = int(row["source"])
        file.write(f"{source},{row['destination']},{row['time']},"
                   f"{'odd' if source % 2 else 'even'},k{source % 3},"
                   f"{number % 7 / 2}\n")
with open(kinds, "w") as file:
    file.write("node,label\n")
    for node in sorted({int(row["source"]) for row in rows})[::2]:
        file.write(f"{node},k{node % 3}\n")
