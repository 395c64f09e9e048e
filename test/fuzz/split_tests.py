#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes what the lit tests of the compiler have as input, a module a file and
without comments, for the fuzzers to begin with.
Usage: split_tests.py FOLDER    (FOLDER/FUZZER/N gets the inputs)"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A longer input takes long and is cut off by the fuzzers.
MOST_BYTES = 6144

SOURCES = {
    "dialect": ["test/Dialect/**/*.mlir", "test/Passes/Kernels/*.mlir",
                "test/Passes/Reuse/*.mlir", "test/Passes/Tuning/*.mlir"],
    "train-pipeline": ["models/*.mlir", "test/Passes/Model/*.mlir",
                       "test/Dialect/TGNN/model.mlir", "test/Passes/Pipelines/train*.mlir"],
    "host-lowering": ["test/Passes/Lowering/*.mlir", "test/Passes/Pipelines/lower*.mlir",
                      "test/Passes/Kernels/*.mlir", "test/differential/corpus/*.mlir"],
}


def modules(patterns):
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            for part in re.split(r"^// -----.*$", text, flags=re.M):
                part = re.sub(r"^\s*//.*\n", "", part, flags=re.M)
                part = re.sub(r"\n\n+", "\n", part).strip()
                if part:
                    yield part + "\n"


def attributes():
    """The attributes of the eto dialect in its tests."""
    for module in modules(["test/Dialect/ETO/*.mlir", "test/Passes/Tuning/*.mlir",
                           "test/Passes/Lowering/*.mlir"]):
        for start in re.finditer(r"#eto\.\w+<", module):
            depth = 0
            for at in range(start.end() - 1, len(module)):
                depth += {"<": 1, ">": -1}.get(module[at], 0)
                # An arrow is no bracket.
                depth += module[at - 1:at + 1] == "->"
                if depth == 0:
                    yield module[start.start():at + 1]
                    break


def main():
    folder = pathlib.Path(sys.argv[1])
    inputs = {name: modules(patterns) for name, patterns in SOURCES.items()}
    inputs["attribute"] = attributes()
    for name, texts in inputs.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        short = dict.fromkeys(text for text in texts if len(text) <= MOST_BYTES)
        for number, text in enumerate(short):
            (folder / name / str(number)).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
