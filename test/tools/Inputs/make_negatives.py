"""Pickles negatives as TGB does: make_negatives.py EVENTS GOOD BAD."""

import csv
import os
import pickle
import sys

import numpy as np

with open(sys.argv[1]) as file:
    rows = list(csv.DictReader(file))
negatives = {}
for row in rows:
    source, destination = int(row["source"]), int(row["destination"])
    # The data count from 3, TGB from 0.
    key = (np.int64(source - 3), np.int64(destination - 3),
           np.int64(row["time"]))
    negatives[key] = np.array([other - 3 for other in range(3, 8)
                               if other != destination])
with open(sys.argv[2], "wb") as file:
    pickle.dump(negatives, file)


class Call:
    def __reduce__(self):
        return os.system, ("echo called",)


with open(sys.argv[3], "wb") as file:
    pickle.dump({(0, 0, 0): Call()}, file)
