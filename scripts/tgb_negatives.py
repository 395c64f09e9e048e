#!/usr/bin/env python3
"""Writes the negatives that TGB ships as the text that Orcinus reads.

    tgb_negatives.py NEGATIVES.pkl... [--add-to-ids N] > negatives.txt
    orcinus eval --protocol tgb --negatives negatives.txt ...

Each file, such as tgbl-wiki_val_ns_v2.pkl and tgbl-wiki_test_ns_v2.pkl, is a
pickled dictionary from (source, destination, time) to an array of negative
destinations. A row of the text is a source, a destination, a time and the
negatives. TGB numbers nodes from 0; --add-to-ids adds to these numbers where the
data count from another one. Needs numpy.

A pickle can run programs: nothing but numpy's arrays and numbers is let in.
"""

import argparse
import pickle
import sys

ALLOWED = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("_codecs", "encode"),
}


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(
                "%s.%s has no place among negatives" % (module, name))
        return super().find_class(module, name)


def number_text(value):
    """A time, without a point where it is whole."""
    return str(int(value)) if value == int(value) else repr(float(value))


def write_rows(path, shift, output):
    with open(path, "rb") as file:
        negatives = Unpickler(file).load()
    if not isinstance(negatives, dict):
        raise ValueError("it holds no dictionary")
    for (source, destination, time), others in negatives.items():
        if len(others) == 0:
            raise ValueError("the event %s has no negative" %
                             ((source, destination, time),))
        ids = [int(source), int(destination)]
        row = [str(node + shift) for node in ids] + [number_text(time)]
        row += [str(int(node) + shift) for node in others]
        output.write(" ".join(row) + "\n")


def main():
    parser = argparse.ArgumentParser(
        description="Writes TGB's negatives as text")
    parser.add_argument("files", nargs="+", metavar="NEGATIVES.pkl")
    parser.add_argument("--add-to-ids", type=int, default=0, metavar="N")
    arguments = parser.parse_args()
    for path in arguments.files:
        try:
            write_rows(path, arguments.add_to_ids, sys.stdout)
        except (OSError, ValueError, TypeError, EOFError, ImportError,
                pickle.UnpicklingError) as error:
            sys.exit("tgb_negatives.py: %s: %s" % (path, error))


if __name__ == "__main__":
    main()
