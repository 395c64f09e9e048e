#!/usr/bin/env python3
"""Compares the embeddings of a csv with those of an npy file, bit by bit.

    check_embeddings.py CSV NPY
"""

import ast
import csv
import struct
import sys

with open(sys.argv[1]) as file:
    rows = [[float(value) for value in row[1:]]
            for row in list(csv.reader(file))[1:]]
with open(sys.argv[2], "rb") as file:
    data = file.read()
assert data[:8] == b"\x93NUMPY\x01\x00", "not an npy file of version 1"
(length,) = struct.unpack("<H", data[8:10])
assert (10 + length) % 64 == 0, "the data is not aligned"
header = ast.literal_eval(data[10:10 + length].decode())
assert header["descr"] == "<f4" and not header["fortran_order"], header
assert header["shape"] == (len(rows), len(rows[0])), header
values = struct.unpack("<%df" % (len(rows) * len(rows[0])), data[10 + length:])
written = struct.pack("<%df" % len(values), *(value for row in rows for value in row))
assert written == data[10 + length:], "the values differ"
print("%d rows of %d are the same" % header["shape"])
