#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that every numeric option of a command refuses what is no number in its
range, with one line and the status 2.
Usage: check_numbers.py TOOL COMMAND ARGUMENT..."""

import re
import subprocess
import sys

VALUES = ["-1", "nan", "1e400", "3x", "+3", "0x3", "9" * 30]


def main():
    command = sys.argv[1:]
    listed = subprocess.run(command[:2] + ["--help"], text=True, check=True,
                            stdout=subprocess.PIPE).stdout
    names = re.findall(r"^  (?:-\w,)?(--[\w-]+) (?:INT|UINT|FLOAT)", listed, re.M)
    complaints = 0
    for name in names:
        for value in VALUES:
            result = subprocess.run(command + [name, value], text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            message = result.stderr
            if (result.returncode != 2 or f"'{value}' is not a" not in message
                    or message.count("\n") != 1):
                complaints += 1
                print(f"{name} {value}: {result.returncode}: {message}")
    print(f"{len(names)} options, {complaints} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
